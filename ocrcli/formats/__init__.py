"""Output formats.

Each format is one module with one function, `to_NAME`, which takes `Document`s and returns text or bytes. `FORMATS`
lists all formats; a module is loaded when its format is first used. Text from outside, such as names of images and
recognized text, is escaped in all formats: it never becomes markup or control characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ocrcli.core.extras import import_extra
from ocrcli.core.page import Page

if TYPE_CHECKING:
    from PIL import Image

    from ocrcli.sources import Source


@dataclass(frozen=True, slots=True)
class Document:
    """One page that was read, with its name.

    Attributes:
        name: Name of the image; it may hold any characters.
        page: The result.
        picture: The photo, RGB, `page.width` x `page.height`, upright and turned by `page.turned` degrees, so that the
            boxes fit; None if the format does not need it.
        front_matter: Facts for the top of a note in Markdown, by name; None for no front matter.
        link: Where the photo is, seen from the note, for a link in the front matter's note; empty for no link.
    """

    name: str
    page: Page
    picture: Image.Image | None = None
    front_matter: dict[str, str | float] | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """An output format.

    Attributes:
        name: Name for `--format`.
        suffix: Suffix of its files, with the dot.
        title: Short description.
        binary: Whether `write` returns bytes; otherwise text.
        needs_picture: Whether documents need their `picture`.
        one_page: Whether a file holds one document only, so that several documents need several files.
        streams: Whether each document can be written as soon as it is read, by `part`.
        needs_table: Whether only tables are written, so that a page without one is missing there.
        needs: Optional module that it needs, a key of `ocrcli.core.extras.EXTRA_PACKAGES`; empty if none.

    Examples:
        >>> FORMATS["alto"].suffix
        '.alto.xml'
    """

    name: str
    suffix: str
    title: str
    binary: bool = False
    needs_picture: bool = False
    one_page: bool = False
    streams: bool = False
    needs_table: bool = False
    needs: str = ""

    def check(self) -> None:
        """Check, before any work is done, that the format can be written here.

        Raises:
            MissingExtraError: If an optional package is missing.
        """
        if self.needs:
            import_extra(self.needs, f"to write {self.name.upper()} files")

    def write(self, documents: Iterable[Document]) -> str | bytes:
        r"""Write documents as one file.

        Args:
            documents: The documents in order. They are taken one by one and not kept, so a generator need not hold all
                pictures in memory.

        Returns:
            The content of the file. Text ends with a newline and is to be encoded as UTF-8 (`encoded`).

        Raises:
            UsageError: If the format needs a package that is missing, or holds one page and there is another number of
                documents.

        Examples:
            >>> FORMATS["text"].write([Document("note.jpg", page)])  # doctest: +SKIP
            'MILK\n'
        """
        written: str | bytes = getattr(self._module, f"to_{self.name}")(documents)
        return written

    def part(self, document: Document, number: int) -> str:
        """The part of the file for one of several documents; only for formats with `streams`.

        Args:
            document: The document.
            number: Its number, from 1.
        """
        written: str = self._module.part(document, number)
        return written

    @property
    def _module(self) -> Any:
        return import_module(f"{__name__}.{self.name}")


def document(format: Format, source: Source, page: Page) -> Document:
    """Make the document of a page for a format, with the photo if the format needs it.

    Raises:
        InputError: If the photo cannot be loaded again.
    """
    return Document(source.name, page, _picture(source, page) if format.needs_picture else None)


def encoded(written: str | bytes) -> bytes:
    """The bytes of a file for what `Format.write` returned: text becomes UTF-8."""
    return written if isinstance(written, bytes) else written.encode("utf-8", "backslashreplace")


def _picture(source: Source, page: Page) -> Image.Image:
    """The whole photo in colour, turned like the page."""
    from PIL import Image

    from ocrcli.sources import turned

    return Image.fromarray(turned(source.colour(max(page.width, page.height)), page.turned))


FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("text", ".txt", "the text alone", streams=True),
        Format("json", ".json", "page, lines, words, letters"),
        Format("jsonl", ".jsonl", "JSON, one page a line", streams=True),
        Format("tsv", ".tsv", "tesseract's table", streams=True),
        Format("csv", ".csv", "the tables, for spreadsheets", streams=True, needs_table=True),
        Format("hocr", ".hocr", "hOCR 1.2"),
        Format("alto", ".alto.xml", "ALTO 4", one_page=True),
        Format("page", ".page.xml", "PAGE 2019", one_page=True),
        Format("markdown", ".md", "headings, lists, check boxes, tables"),
        Format("html", ".html", "a report to proof-read in a browser", needs_picture=True),
        Format("pdf", ".pdf", "the photos, searchable", binary=True, needs_picture=True, needs="fpdf"),
    )
}
"""All formats by name."""
