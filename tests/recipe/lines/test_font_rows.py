"""Rows of text in handwriting fonts."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

import ocrcli.inspect
from models.recipe.drawing.text_lines import MILD, WILD, render
from models.recipe.handwriting.words import PhotoItem, known
from models.recipe.lines import font_rows, samples, sources
from models.recipe.lines.font_rows import CAPITAL, FontRows, Hand, Texts, pieces
from ocrcli.lines.line_image import HEIGHT

FONT = (Path(ocrcli.inspect.__file__).parent / "labels.ttf").read_bytes()
"""The font that labels pictures; its letters do not hang together."""

LINES = ["The quick brown fox, jumped over 12 lazy dogs.", "中文", "", "    x = [1, 2]", "l’été à 5 €, “so”"]


@given(st.integers(0, 5000))
def test_pieces_are_whole_words_that_the_line_reader_knows(seed: int) -> None:
    found = list(pieces(LINES, 20, np.random.default_rng(seed)))
    assert len(found) == 20
    written = {word for line in LINES for word in font_rows.spell(line).split()}
    written |= {word.upper() for word in written}
    for text in found:
        assert known(text)
        assert len(text) <= font_rows.LONGEST
        assert set(text.split()) <= written


def test_a_hand_knows_what_its_font_has() -> None:
    hand = Hand(FONT)
    assert hand.has("Abc é 12")
    assert not hand.has("A中")
    assert not hand.is_joined


@settings(max_examples=25)
@given(st.integers(0, 5000), st.sampled_from(["HELLO", "xenon", "A b", "1.", "-"]))
def test_a_row_stands_on_the_baseline_with_capitals_of_one_height(seed: int, text: str) -> None:
    (part,), told = Hand(FONT).write(text, np.random.default_rng(seed)), text
    assert isinstance(part.item, PhotoItem)
    assert part.item.text == told
    assert not part.item.photographed
    assert part.item.ink.dtype == np.uint8
    assert (part.item.ink > 0).any()
    if text == "HELLO":
        assert part.scale * len(part.item.ink) == pytest.approx(1.0, rel=0.6)
    if text in ("HELLO", "xenon", "A b"):
        assert part.bottom == pytest.approx(0.0, abs=0.3)


def test_spaces_part_words() -> None:
    rng = np.random.default_rng(3)
    joined, parted = (
        np.mean([part.item.ink.shape[1] for _ in range(20) for part in Hand(FONT).write(text, rng)])  # type: ignore[union-attr]
        for text in ("nnnn", "nn nn")
    )
    assert joined + 0.2 * CAPITAL < parted


def test_rows_become_line_images_of_their_kind(tmp_path: Path) -> None:
    (tmp_path / font_rows.FONT_ROWS).write_bytes(pickle.dumps(Texts([FONT], ["Abc", "a中", "12 €"])))
    found = font_rows.load(tmp_path)
    assert isinstance(found, FontRows)
    rng = np.random.default_rng(5)
    drawn = [found.sample(rng) for _ in range(30)]
    assert {text for _, text in drawn} == {"Abc", "12 €"}
    for parts, _ in drawn:
        image = render(parts, WILD if rng.random() < 0.5 else MILD, rng)
        assert image.shape[0] == HEIGHT
        assert image.any()


def test_without_fonts_the_other_kinds_take_their_share(tmp_path: Path) -> None:
    assert font_rows.load(tmp_path) is None
    nothing = sources.Sources([], [], [], [])
    drawn = FontRows(Texts([FONT], ["Abc"]))
    with_fonts, without = (samples.LineSampler(nothing, fonts=fonts).shares for fonts in (drawn, None))
    assert samples.FONT in with_fonts
    assert samples.FONT not in without
    for shares in (with_fonts, without):
        assert sum(shares.values()) == pytest.approx(1)
