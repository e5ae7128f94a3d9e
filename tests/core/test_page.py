"""A page's text, confidence and boxes follow from its glyphs."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.page import Box, Glyph, Line, Page, Word

SIDES = st.integers(-(10**6), 10**6)
LENGTHS = st.integers(1, 10**6)
BOXES = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), SIDES, SIDES, LENGTHS, LENGTHS)
GLYPHS = st.builds(Glyph, st.characters(categories=["L", "N", "P"]), st.floats(0, 1), BOXES)
WORDS = st.builds(Word, st.lists(GLYPHS, min_size=1, max_size=4).map(tuple))
LINES = st.builds(Line, st.lists(WORDS, min_size=1, max_size=3).map(tuple))
PAGES = st.builds(Page, st.lists(LINES, max_size=3).map(tuple), LENGTHS, LENGTHS)


def word(text: str, left: int = 0, top: int = 0, confidence: float = 0.5) -> Word:
    boxes = (Box(left + 10 * i, top, left + 10 * i + 8, top + 20) for i in range(len(text)))
    return Word(tuple(Glyph(letter, confidence, box) for letter, box in zip(text, boxes, strict=True)))


def test_a_worked_example() -> None:
    first = Line((word("to", confidence=1.0), word("be", 40, 3, confidence=0.4)))
    second = Line((word("or", 5, 50, confidence=0.7),))
    page = Page((first, second), 100, 90)
    assert page.text == "to be\nor"
    assert first.text == "to be"
    assert [w.text for w in page.words] == ["to", "be", "or"]
    assert "".join(g.text for g in page.glyphs) == "tobeor"
    assert (first.confidence, second.confidence) == (pytest.approx(0.7), pytest.approx(0.7))
    assert page.confidence == pytest.approx(0.7)
    assert first.box == Box(0, 0, 58, 23)
    assert second.words[0].box == second.box == Box(5, 50, 23, 70)


def test_paragraphs_have_an_empty_line_between_them() -> None:
    first, second, third = (Line((word(text),), number) for text, number in (("a", 0), ("b", 0), ("c", 4)))
    page = Page((first, second, third), 100, 90)
    assert page.paragraphs == ((first, second), (third,))
    assert page.text == "a\nb\n\nc"
    assert Page((), 100, 90).text == ""


def test_an_empty_page_has_no_text_and_no_confidence() -> None:
    page = Page((), 100, 90)
    assert (page.text, page.confidence, page.words, page.glyphs) == ("", 0.0, (), ())


@pytest.mark.parametrize(
    "corners",
    [(0, 0, 0, 5), (0, 0, 5, 0), (5, 0, 4, 5), (0, 5, 5, 4), (3, 3, 3, 3)],
    ids=["no width", "no height", "left of right", "above top", "a point"],
)
def test_a_box_without_area_is_refused(corners: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="empty box"):
        Box(*corners)


def test_nothing_has_no_box_around_it() -> None:
    with pytest.raises(ValueError, match="no boxes"):
        Box.around([])


def test_results_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Box(0, 0, 1, 1).left = 5  # type: ignore[misc]


@given(st.tuples(SIDES, SIDES, SIDES, SIDES))
def test_a_box_has_a_pixel_or_is_refused(corners: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = corners
    if left < right and top < bottom:
        box = Box(*corners)
        assert (box.width, box.height) == (right - left, bottom - top)
        assert min(box.width, box.height) >= 1
    else:
        with pytest.raises(ValueError, match="empty box"):
            Box(*corners)


@given(st.lists(BOXES, min_size=1, max_size=6))
def test_the_box_around_boxes_is_the_smallest_that_holds_them(boxes: list[Box]) -> None:
    around = Box.around(iter(boxes))
    for side, outermost in (("left", min), ("top", min), ("right", max), ("bottom", max)):
        assert getattr(around, side) == outermost(getattr(box, side) for box in boxes)


@given(PAGES)
def test_the_whole_is_the_sum_of_its_parts(page: Page) -> None:
    assert page.text.replace("\n", " ").split(" ") == ([w.text for w in page.words] or [""])
    assert page.glyphs == tuple(g for line in page.lines for w in line.words for g in w.glyphs)
    for part in (*page.lines, *page.words):
        confidences = [g.confidence for g in part.glyphs]
        assert min(confidences) - 1e-9 <= part.confidence <= max(confidences) + 1e-9
        assert part.box == Box.around(g.box for g in part.glyphs)
    weighted = sum(line.confidence * len(line.glyphs) for line in page.lines)
    assert page.confidence * len(page.glyphs) == pytest.approx(weighted)
