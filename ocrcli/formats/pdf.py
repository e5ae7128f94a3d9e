"""Photos as a PDF with an invisible text layer: a viewer shows the photo, finds its words and copies them.

Each word is stretched over its box and stands on its line's baseline, so that a selection covers what was written.
Where programs that extract text would take words apart that stand on one line, it is brought nearer to the next.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from statistics import StatisticsError, fmean, linear_regression
from typing import TYPE_CHECKING

from ocrcli.core.errors import UsageError
from ocrcli.core.page import Line
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.markdown import letter_size
from ocrcli.formats.markup import made_at, software

if TYPE_CHECKING:
    from fpdf import FPDF
    from PIL import Image

POINTS = 841.89
"""Length of a page's longer side in points: that of A4."""
PICTURE_SIDE = 3508
"""Longer photos are scaled down to this: 300 dots per inch on A4."""
PICTURE_QUALITY = 85
"""Of the JPEGs, as Pillow counts."""

FONT = "helvetica"
ENCODING = "cp1252"
"""The font has the characters of Western Europe; any other would raise."""
CAPITAL = 0.718
"""Height of the font's capitals in its size."""
HANGING = frozenset("gjpqyQ,;")
FLOATING = frozenset("'\"`^*-~=+")
"""Characters whose lower edge does not stand on the baseline."""

RISE = 0.25
"""By how much of the font's size a line may rise: programs that extract text take words for one line up to half of it.
"""
NEAR_BY, FAR_APART = 0.6, 3.0
"""Spaces between these, in sizes of the font, are taken for the gap between columns, but in block letters are not."""


def to_pdf(documents: Iterable[Document]) -> bytes:
    """One PDF, a page for each document, with its name as the bookmark.

    The same documents give the same bytes: the time of making is 1970, or that of ``SOURCE_DATE_EPOCH``.

    Raises:
        UsageError: If fpdf2 is not installed.
        ValueError: If a document comes without its picture.
    """
    try:
        from fpdf import FPDF
        from fpdf.enums import TextMode
    except ImportError as error:
        raise UsageError("PDF files are made by fpdf2; run: pip install fpdf2") from error
    pdf = FPDF(unit="pt")
    pdf.set_creator(" ".join(software()))
    pdf.set_creation_date(made_at() or datetime.fromtimestamp(0, UTC))  # it has to have one
    pdf.core_fonts_encoding = ENCODING
    pdf.set_auto_page_break(False)
    pdf.str_alias_nb_pages = ""  # else {nb} in a text becomes the number of pages
    for document in documents:
        if document.picture is None:
            raise ValueError("a PDF needs the picture of every document")
        page = document.page
        scale = POINTS / max(page.width, page.height)
        pdf.add_page(format=(page.width * scale, page.height * scale))
        pdf.start_section(printable(document.name))
        pdf.image(_jpeg(document.picture), 0, 0, page.width * scale, page.height * scale)
        with pdf.local_context(text_mode=TextMode.INVISIBLE):
            for line in page.lines:
                _write(pdf, line, scale)
    return bytes(pdf.output())


def _jpeg(picture: Image.Image) -> io.BytesIO:
    small = picture.convert("RGB")
    small.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    held = io.BytesIO()
    small.save(held, "JPEG", quality=PICTURE_QUALITY)
    return held


def _write(pdf: FPDF, line: Line, scale: float) -> None:
    size = (letter_size(line) or line.box.height) / CAPITAL
    slope, start = baseline(line, RISE * size)
    pdf.set_font(FONT, size=size * scale)
    for word, right in zip(line.words, ends(line, size), strict=True):
        text = printable(word.text).encode(ENCODING, "replace").decode(ENCODING)
        pdf.set_stretching(100)
        width = pdf.get_string_width(text)
        if not width:  # a letter without a text, as a page that was made by hand may have
            continue
        pdf.set_stretching(100 * (right - word.box.left) * scale / width)
        pdf.text(word.box.left * scale, (start + slope * word.box.left) * scale, text)


def ends(line: Line, size: float) -> list[float]:
    """Where each word ends: at its right edge, or so far beyond that what follows belongs to the same line.

    Args:
        line: Its words.
        size: Of the font, in pixels, as the result.
    """
    rights = [float(word.box.right) for word in line.words]
    for number, (word, after) in enumerate(pairwise(line.words)):
        if NEAR_BY * size < after.box.left - word.box.right < FAR_APART * size:
            rights[number] = after.box.left - NEAR_BY * size
    return rights


def baseline(line: Line, rise: float) -> tuple[float, float]:
    """The straight line that the letters stand on.

    Args:
        line: Its letters.
        rise: By how many pixels it may rise or sink from one end to the other; if the letters do by more, it goes
            through their middle.

    Returns:
        Its slope, and y at x = 0; in pixels, y down.
    """
    boxes = [g.box for g in line.glyphs if g.text not in HANGING and g.text not in FLOATING]
    boxes = boxes or [g.box for g in line.glyphs]
    lefts, bottoms = [b.left for b in boxes], [b.bottom for b in boxes]
    try:
        slope = linear_regression(lefts, bottoms).slope
    except StatisticsError:  # of a single letter there is no slope
        slope = 0.0
    steepest = rise / line.box.width
    slope = min(max(slope, -steepest), steepest)
    return slope, fmean(bottoms) - slope * fmean(lefts)
