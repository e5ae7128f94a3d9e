"""Letters that are too unsure are replaced, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.formats.masking import masked

GLYPHS = st.builds(Glyph, st.characters(categories=["L", "N"]), st.floats(0, 1), st.just(Box(0, 0, 1, 1)))
WORDS = st.builds(Word, st.lists(GLYPHS, min_size=1, max_size=4).map(tuple))
LINES = st.builds(Line, st.lists(WORDS, min_size=1, max_size=3).map(tuple), st.integers(0, 2))
PAGES = st.builds(Page, st.lists(LINES, max_size=3).map(tuple), st.just(9), st.just(9))


@given(PAGES, st.floats(0, 1), st.sampled_from(["?", "", "[?]"]))
def test_the_unsure_are_replaced_and_the_others_kept(page: Page, minimum: float, placeholder: str) -> None:
    shown = masked(page, minimum, placeholder)
    assert len(shown.glyphs) == len(page.glyphs)
    for before, after in zip(page.glyphs, shown.glyphs, strict=True):
        assert after.text == (before.text if before.confidence >= minimum else placeholder)
        assert (after.confidence, after.box) == (before.confidence, before.box)
    assert shown.confidence == page.confidence
    assert [len(line.words) for line in shown.lines] == [len(line.words) for line in page.lines]


@given(PAGES)
def test_at_nought_nothing_changes(page: Page) -> None:
    assert masked(page, 0) == page
