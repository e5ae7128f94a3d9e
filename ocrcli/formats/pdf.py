"""Searchable PDF: the photos with an invisible text layer, which can be searched, selected and copied.

Each word is stretched to its box and placed on the baseline of its line, so that a selection covers the handwriting.
A word before a wide gap is stretched further, so that programs that extract text do not split the line there.
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
from ocrcli.formats.markup import software, source_date

if TYPE_CHECKING:
    from fpdf import FPDF
    from PIL import Image

POINTS = 841.89
"""Longer side of a page in points: that of A4."""
PICTURE_SIDE = 3508
"""Longest side of a photo in pixels, 300 dpi on A4; larger photos are downscaled."""
PICTURE_QUALITY = 85
"""JPEG quality of the photos, as in Pillow."""

FONT = "helvetica"
ENCODING = "cp1252"
"""Encoding of the font, with the characters of Western Europe; fpdf2 raises an error for others."""
SPELT = str.maketrans({"→": "->", "←": "<-", "≤": "<=", "≥": ">=", "☐": "[]", "☑": "[x]", "✓": "v"})
SPELT |= {ord(sign): f"({number})" for number, sign in enumerate("①②③④⑤⑥⑦⑧⑨", start=1)}
"""Signs that the font has not, and how they are found in a search."""
CAPITAL = 0.718
"""Capital height of the font, as a share of its size."""
HANGING = frozenset("gjpqyQ,;")
FLOATING = frozenset("'\"`^*-~=+")
"""Characters whose lower edge is not on the baseline: below it, or above it."""

RISE = 0.25
"""Largest rise of a line, in font sizes. Programs that extract text join words into one line up to about 0.5."""
NEAR_BY, FAR_APART = 0.6, 3.0
"""Gaps between words, in font sizes, that programs that extract text take for a gap between columns, though in block
letters they are usual between words."""


def to_pdf(documents: Iterable[Document]) -> bytes:
    """Write all documents as one PDF: a page for each, with its name as a bookmark.

    The same documents give the same bytes: the creation date is 1970, or that of ``SOURCE_DATE_EPOCH``.

    Raises:
        UsageError: If fpdf2 is not installed.
        ValueError: If a document has no picture.
    """
    try:
        from fpdf import FPDF
        from fpdf.enums import TextMode
    except ImportError as error:
        raise UsageError("PDF files are made by fpdf2; run: pip install fpdf2") from error
    pdf = FPDF(unit="pt")
    pdf.set_creator(" ".join(software()))
    pdf.set_creation_date(source_date() or datetime.fromtimestamp(0, UTC))  # it has to have one
    pdf.core_fonts_encoding = ENCODING
    pdf.set_auto_page_break(False)
    pdf.str_alias_nb_pages = ""  # otherwise fpdf2 replaces {nb} in a text by the number of pages
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
        text = printable(word.text).translate(SPELT).encode(ENCODING, "replace").decode(ENCODING)
        pdf.set_stretching(100)
        width = pdf.get_string_width(text)
        if not width:  # a glyph with an empty text, for example after masking
            continue
        pdf.set_stretching(100 * (right - word.box.left) * scale / width)
        pdf.text(word.box.left * scale, (start + slope * word.box.left) * scale, text)


def ends(line: Line, size: float) -> list[float]:
    """The right end of each word in the text layer: its right edge, or further if the gap after it is too wide.

    Args:
        line: The line.
        size: Font size in pixels.

    Returns:
        One x for each word, in pixels.
    """
    rights = [float(word.box.right) for word in line.words]
    for number, (word, after) in enumerate(pairwise(line.words)):
        if NEAR_BY * size < after.box.left - word.box.right < FAR_APART * size:
            rights[number] = after.box.left - NEAR_BY * size
    return rights


def baseline(line: Line, rise: float) -> tuple[float, float]:
    """Fit a straight baseline to the letters of a line.

    Args:
        line: The line.
        rise: Largest rise or fall in pixels from one end to the other; a steeper baseline is limited to this and goes
            through the middle of the letters.

    Returns:
        The slope, and y at x = 0; in pixels, y down.
    """
    boxes = [g.box for g in line.glyphs if g.text not in HANGING and g.text not in FLOATING]
    boxes = boxes or [g.box for g in line.glyphs]
    lefts, bottoms = [b.left for b in boxes], [b.bottom for b in boxes]
    try:
        slope = linear_regression(lefts, bottoms).slope
    except StatisticsError:  # a single letter has no slope
        slope = 0.0
    steepest = rise / line.box.width
    slope = min(max(slope, -steepest), steepest)
    return slope, fmean(bottoms) - slope * fmean(lefts)
