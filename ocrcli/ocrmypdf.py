"""OCR engine for OCRmyPDF: ``ocrmypdf --plugin ocrcli.ocrmypdf scan.pdf out.pdf``.

OCRmyPDF makes a picture of each page and asks for its text as hOCR; it writes the invisible text layer itself.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from ocrmypdf import hookimpl
from ocrmypdf.exceptions import ExitCode, ExitCodeException
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence

from ocrcli.core.errors import NothingWrittenError, OcrError, UsageError
from ocrcli.core.page import Box, Page
from ocrcli.core.settings import Settings
from ocrcli.formats import Document
from ocrcli.formats.hocr import to_hocr
from ocrcli.formats.text import plain
from ocrcli.geometry.resolution import survey_photo
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import source_of

LANGUAGES = {"eng": "auto", "en": "auto", "deu": "de", "ger": "de", "de": "de", "fra": "fr", "fre": "fr", "fr": "fr"}
"""Values of ``-l``, which is ``eng`` if it is not given, and the setting that each stands for."""

SURE = 15.0
"""Confidence of an orientation on OCRmyPDF's scale, on which 14 is enough to turn a page."""

_LOADING = Lock()


class HandwritingEngine(OcrEngine):
    """Reads the pages of a PDF as `ocrcli.Reader` does."""

    @staticmethod
    def version() -> str:
        """Version of ocrcli."""
        return version("ocrcli")

    @staticmethod
    def creator_tag(options: Any) -> str:  # noqa: ARG004  the interface of OCRmyPDF
        """Name and version, for the metadata of the PDF."""
        return f"ocrcli {version('ocrcli')}"

    def __str__(self) -> str:
        return self.creator_tag(None)

    @staticmethod
    def languages(options: Any) -> set[str]:  # noqa: ARG004
        """Names of languages that ``-l`` takes."""
        return set(LANGUAGES)

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> OrientationConfidence:
        """Degrees by which the writing of a page is turned clockwise; unsure if there is none."""
        found = _surveyed(input_file, None, options)
        return OrientationConfidence(-found.turned % 360, SURE if found.found else 0.0)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """Slope of the text lines of a page in degrees, by which it is turned anticlockwise; 0 if there are none."""
        found = _surveyed(input_file, 0, options).found
        return found.slope if found else 0.0

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Read the picture of a page, and write its text and its hOCR; both are empty if nothing is written on it.

        Raises:
            ExitCodeException: If a model cannot be used, or the picture cannot be read.
        """
        page = _read(input_file, options)
        output_hocr.write_text(to_hocr([Document(input_file.name, page)]), encoding="utf-8")
        output_text.write_text(plain(page), encoding="utf-8")

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:  # noqa: ARG004
        """Refuse to write the text layer: OCRmyPDF does so from the hOCR.

        Raises:
            ExitCodeException: Always.
        """
        raise _Failed("ocrcli: the text layer is made from hOCR; leave out --pdf-renderer, or give --pdf-renderer hocr")


class _Failed(ExitCodeException):
    """An error that ends OCRmyPDF with one line."""

    exit_code = ExitCode.other_error


@hookimpl
def get_ocr_engine() -> HandwritingEngine:
    """The engine, for OCRmyPDF."""
    return HandwritingEngine()


@hookimpl
def check_options(options: Any) -> None:
    """Let OCRmyPDF 16 make the text layer from hOCR, which its ``auto`` would not."""
    if getattr(options, "pdf_renderer", None) == "auto":
        options.pdf_renderer = RENDERER


RENDERER = "hocr" if int(version("ocrmypdf").split(".")[0]) < 17 else "auto"


@cache
def _reader(language: str) -> Reader:
    """The reader of a language; several threads may read with it."""
    return Reader(Settings(language=language))


def _reader_for(options: Any) -> Reader:
    """The reader of the language of ``-l``; of several, the language of the page decides."""
    named = {LANGUAGES.get(name, "auto") for name in getattr(options, "languages", None) or ()}
    with _LOADING:
        return _reader(named.pop() if len(named) == 1 else "auto")


def _surveyed(picture: Path, turned: int | None, options: Any) -> Any:
    """Which way up the writing of a picture is and how it slopes; `turned` in degrees, or None to detect it."""
    try:
        reader, source = _reader_for(options), source_of(picture)
        if reader.models.page is None:
            raise UsageError(
                "ocrcli: the orientation is found by the page model; leave out --rotate-pages and --deskew"
            )
        photo = source.load(reader.settings.long_side)
        return survey_photo(photo, source, reader.models.page, reader.models.line_model, turned)
    except OcrError as error:
        raise _Failed(str(error)) from error


def _read(picture: Path, options: Any) -> Page:
    """The page of a picture, with boxes in the picture as it is, however its writing is turned."""
    try:
        return unturned(_reader_for(options).read(picture))
    except NothingWrittenError:
        photo = source_of(picture).load(64)
        return Page((), photo.width, photo.height)
    except OcrError as error:
        raise _Failed(str(error)) from error


def unturned(page: Page) -> Page:
    """The page with boxes in pixels of the photo before it was turned; `Page.turned` becomes 0."""
    if not page.turned:
        return page
    sideways = page.turned % 180 == 90
    width, height = (page.height, page.width) if sideways else (page.width, page.height)

    def back(box: Box) -> Box:
        """A box turned anticlockwise by `page.turned`."""
        if page.turned == 90:
            return Box(box.top, height - box.right, box.bottom, height - box.left)
        if page.turned == 180:
            return Box(width - box.right, height - box.bottom, width - box.left, height - box.top)
        return Box(width - box.bottom, box.left, width - box.top, box.right)

    lines = tuple(
        replace(
            line,
            words=tuple(
                replace(word, glyphs=tuple(replace(glyph, box=back(glyph.box)) for glyph in word.glyphs))
                for word in line.words
            ),
        )
        for line in page.lines
    )
    return replace(page, lines=lines, width=width, height=height, turned=0, unread=(), tables=())
