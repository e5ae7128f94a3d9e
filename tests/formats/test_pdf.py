"""PDF: opened by pdfium and poppler, which find the text where it was written, and the photo."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pypdfium2
import pytest
from hypothesis import given
from PIL import Image, ImageDraw

from ocrcli.core.errors import UsageError
from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.pdf import PICTURE_SIDE, POINTS, SPELT, baseline, ends, to_pdf

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="PDFTOTEXT IS MISSING: apt install poppler-utils"
)


def text_of(page: Any) -> list[str]:
    """The lines of a page that pdfium finds."""
    return [row.strip() for row in page.get_textpage().get_text_range().split("\r\n") if row.strip()]


def found(page: Any, text: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a text that is searched for, in points from the top left corner."""
    textpage = page.get_textpage()
    place = textpage.search(text, match_case=True, match_whole_word=True).get_next()
    assert place is not None
    boxes = [textpage.get_charbox(i) for i in range(place[0], place[0] + place[1])]
    height = page.get_height()
    return (
        min(b[0] for b in boxes), height - max(b[3] for b in boxes),
        max(b[2] for b in boxes), height - min(b[1] for b in boxes),
    )  # fmt: skip


def slanted(text: str, degrees: float) -> Page:
    """A page of one line that sinks to the right."""
    slope = float(np.tan(np.radians(degrees)))

    def moved(glyph: Glyph) -> Glyph:
        down = round(slope * glyph.box.left)
        box = Box(glyph.box.left, glyph.box.top + down, glyph.box.right, glyph.box.bottom + down)
        return Glyph(glyph.text, glyph.confidence, box)

    level = pages.line(text)
    return Page((Line(tuple(Word(tuple(map(moved, word.glyphs))) for word in level.words)),), 1200, 900)


def test_pdfium_finds_the_text() -> None:
    pdf = pypdfium2.PdfDocument(to_pdf([pages.document()]))
    assert text_of(pdf[0]) == [line.text for line in pages.NOTE.lines]


def test_words_are_where_they_were_written() -> None:
    (page,) = pypdfium2.PdfDocument(to_pdf([pages.document()]))
    scale = POINTS / pages.NOTE.width
    for word in pages.NOTE.words:
        if word.text.isalpha():
            left, top, right, bottom = (value / scale for value in found(page, word.text))
            assert left == pytest.approx(word.box.left, abs=5)
            assert right == pytest.approx(word.box.right, abs=5)
            assert bottom == pytest.approx(word.box.bottom, abs=5)
            assert top == pytest.approx(word.box.top, abs=5)


@needs_poppler
@pytest.mark.parametrize("degrees", [-6, -2, 0, 2, 6])
def test_poppler_finds_lines_level_and_slanted(tmp_path: Path, degrees: float) -> None:
    page = slanted("some words that were written on a slant", degrees)
    path = tmp_path / "note.pdf"
    path.write_bytes(to_pdf([pages.document(page), pages.document()]))
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    first, second = done.stdout.split("\f")[:2]
    assert first.strip() == page.text
    assert [row for row in second.split("\n") if row] == [line.text for line in pages.NOTE.lines]


def spaced(text: str, gap: int) -> Page:
    """A page of one line with `gap` pixels between its words."""
    words: list[Word] = []
    for word in text.split():
        left = words[-1].box.right + gap if words else 50
        words += pages.line(word, left).words
    return Page((Line(tuple(words)),), 1200, 900)


@needs_poppler
@pytest.mark.parametrize("gap", [20, 50, 100, 150])
def test_poppler_keeps_a_line_of_wide_spaces_together(tmp_path: Path, gap: int) -> None:
    page = spaced("WIDE SPACES BETWEEN WORDS", gap)
    path = tmp_path / "note.pdf"
    path.write_bytes(to_pdf([pages.document(page)]))
    done = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == page.text


def test_a_word_ends_where_it_does_unless_the_space_is_wide() -> None:
    rights = {gap: ends(spaced("a b", gap).lines[0], 50)[0] for gap in (20, 100, 400)}
    edge = pages.line("a").box.right
    assert rights == {20: edge, 100: edge + 70, 400: edge}


def test_the_photo_is_seen_and_the_text_is_not() -> None:
    picture = pages.blank(pages.NOTE)
    ImageDraw.Draw(picture).rectangle((600, 300, 899, 599), fill="red")
    (page,) = pypdfium2.PdfDocument(to_pdf([Document("a", pages.NOTE, picture)]))
    seen = np.asarray(
        page.render(scale=pages.NOTE.width / page.get_width()).to_pil().convert("RGB").resize(picture.size)
    )
    assert np.abs(seen.astype(int) - np.asarray(picture)).mean() < 2
    assert seen[:290].min() > 200  # the first lines' letters would be there


def test_a_page_has_the_photos_shape_and_no_more_pixels_than_can_be_used() -> None:
    page = Page((), 4000, 1000)
    (held,) = pypdfium2.PdfDocument(to_pdf([pages.document(page)]))
    assert held.get_size() == pytest.approx((POINTS, POINTS / 4), abs=0.1)
    (image,) = held.get_objects()
    assert image.get_px_size() == (PICTURE_SIDE, PICTURE_SIDE // 4)


def test_several_documents_are_pages_with_bookmarks() -> None:
    names = ["first.jpg", "<b>é日\n\x1b"]
    pdf = pypdfium2.PdfDocument(to_pdf(Document(n, pages.NOTE, pages.blank(pages.NOTE)) for n in names))
    assert len(pdf) == 2
    assert [mark.get_title() for mark in pdf.get_toc()] == [printable(name) for name in names]


def test_text_is_never_a_command_to_the_pdfs_writer() -> None:
    page = pages.page("{nb} **bold** __low__\n(a) \\b)")
    assert text_of(pypdfium2.PdfDocument(to_pdf([pages.document(page)]))[0]) == page.text.split("\n")


def test_characters_that_latin_1_has_not_are_kept() -> None:
    page = pages.page("cœur – l’été\n12 €")
    assert text_of(pypdfium2.PdfDocument(to_pdf([pages.document(page)]))[0]) == page.text.split("\n")


@given(pages.NAMES, pages.pages(pages.ANY))
def test_any_page_can_be_opened(name: str, page: Page) -> None:
    (held,) = pypdfium2.PdfDocument(to_pdf([Document(name, page, Image.new("RGB", (page.width, page.height)))]))
    assert held.get_textpage().count_chars() >= 0


def test_a_picture_is_needed() -> None:
    with pytest.raises(ValueError, match="picture"):
        to_pdf([Document("a", pages.NOTE)])


def test_without_fpdf2_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fpdf", None)
    with pytest.raises(UsageError, match="pip install fpdf2"):
        to_pdf([])


def test_a_baseline_goes_through_the_letters_feet() -> None:
    slope, start = baseline(pages.line("gypsum, 'x'"), 100)
    assert slope == pytest.approx(0, abs=1e-6)
    assert start == pytest.approx(140, abs=1)
    line = slanted("some words", 5).lines[0]
    slope, start = baseline(line, 100)
    assert slope == pytest.approx(np.tan(np.radians(5)), abs=0.01)
    assert start + slope * line.box.left == pytest.approx(line.glyphs[0].box.bottom, abs=2)


def test_a_steep_baseline_is_held_to_its_rise() -> None:
    line = slanted("some words", 20).lines[0]
    slope, start = baseline(line, 10)
    assert slope * line.box.width == pytest.approx(10)
    middle = (line.box.left + line.box.right) / 2
    bottoms = [glyph.box.bottom for glyph in line.glyphs]
    assert min(bottoms) < start + slope * middle < max(bottoms)


def test_the_same_page_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = to_pdf([pages.document()])
    assert b"D:19700101000000Z" in first
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert to_pdf([pages.document()]) == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert b"D:20231114221320Z" in to_pdf([pages.document()])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "9" * 5000)
    assert to_pdf([pages.document()]) == first


def test_a_letter_without_a_text_is_passed_over() -> None:
    word = Word((Glyph("", 0.5, Box(10, 10, 20, 30)),))
    document = Document("x", Page((Line((word,)),), 300, 200), Image.new("RGB", (300, 200)))
    assert to_pdf([document]).startswith(b"%PDF-")


def test_signs_that_the_font_has_not_are_spelt() -> None:
    assert "a → b, ① ≤ ☑ 9 €".translate(SPELT) == "a -> b, (1) <= [x] 9 €"
    assert all(spelt.isascii() for spelt in SPELT.values())
