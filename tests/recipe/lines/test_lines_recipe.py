"""The recipe of the line reader: rows put together, drawn, packed, learnt from and written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import ascii_letters
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.drawing import pens
from models.recipe.drawing import text_lines as line_drawing
from models.recipe.drawing.accents import accented, split
from models.recipe.drawing.strokes import hasten
from models.recipe.drawing.text_lines import MILD, PLAIN, WILD, lay_out, render
from models.recipe.handwriting.words import CHARACTERS, INDEX, InkItem, PhotoItem, extent, known, spell
from models.recipe.lines import batches, evaluate, export, report, samples, sources
from models.recipe.lines.labels import cost
from models.recipe.lines.network import STRIDE, LineNet
from models.recipe.lines.texts import LONGEST, SIGNS, make_text
from models.recipe.lines.train import LinePlan
from models.recipe.training import markdown, onnx_file
from models.recipe.training.loop import learning_rate
from ocrcli.lines.line_image import HEIGHT
from ocrcli.lines.line_model import load_line_model


def zigzag(text: str = "nun", writer: int = 1) -> InkItem:
    """A word of upright strokes, each with its own pen."""
    strokes = [np.array([[40 * n, 0], [40 * n + 5, 64], [40 * n + 10, 128]], np.int16) for n in range(2 * len(text))]
    offsets = np.arange(len(strokes) + 1, dtype=np.int32) * 3
    return InkItem(np.concatenate(strokes), offsets, text, writer)


def tiny() -> LineNet:
    torch.manual_seed(0)
    return LineNet(widths=(4, 6, 8), width=8, blocks=1)


def test_texts_are_spelt_with_known_characters() -> None:
    assert spell("  It’s\u00a0 “so” ") == 'It’s "so"'
    assert spell('\\"so\\"') == '"so"'
    assert known(spell("L’été à 5 €"[:7]))
    assert not known("中")
    assert not known("")
    assert sorted(INDEX.values()) == list(range(1, len(CHARACTERS) + 1))


@given(st.integers(0, 5000))
def test_made_texts_are_short_and_printable(seed: int) -> None:
    text = make_text(["Hello", "don't", "world"], np.random.default_rng(seed))
    assert 0 < len(text) <= LONGEST
    assert text == " ".join(text.split())
    assert known(text)


def test_accents_come_apart_where_they_can_be_drawn() -> None:
    assert [split(c) for c in "éÀçe"] == [("e", "\u0301"), ("A", "\u0300"), ("c", "\u0327"), ("e", "")]
    assert split("œ") == ("œ", "")
    assert split("\u01d6") == ("\u01d6", "")  # two accents


@given(st.sampled_from("éèêëÉÈÀàçÇñï"), st.integers(0, 5000))
def test_an_accent_stands_over_its_letter_or_hangs_below(character: str, seed: int) -> None:
    base, accent = split(character)
    letter = zigzag(base)
    made = accented(letter, accent, np.random.default_rng(seed))
    assert made.text == character
    assert made.offsets[-1] == len(made.points)
    assert made.points.min() == 0
    added = made.points[letter.offsets[-1] :]
    kept = made.points[: letter.offsets[-1]]
    if character in "çÇ":
        assert added[:, 1].mean() > kept[:, 1].max()
    else:
        assert added[:, 1].mean() < kept[:, 1].min()
    assert kept[:, 0].min() < added[:, 0].mean() < kept[:, 0].max()


def test_an_i_loses_its_dot_to_an_accent() -> None:
    points = np.array([[10, 40], [10, 128], [10, 0], [11, 2]], np.int16)
    made = accented(InkItem(points, np.array([0, 2, 4], np.int32), "i", 1), "\u0302", np.random.default_rng(0))
    assert made.text == "î"
    assert len(made.points) == 2 + 3  # the stem and three corners


def test_haste_cuts_corners_and_leaves_the_ends() -> None:
    corner = np.array([[0, 0], [5, 0], [5, 5], [9, 9], [9, 0], [0, 0]], np.float32)
    cut = hasten(corner.copy(), np.array([3, 6]), 0.5)
    assert np.array_equal(cut[[0, 2, 3, 5]], corner[[0, 2, 3, 5]])
    assert cut[1, 0] < 5
    assert hasten(corner.copy(), np.array([3, 6]), 0.0) == pytest.approx(corner)


def test_ascenders_and_descenders_stretch_and_small_letters_stay() -> None:
    points = np.array([[0, -1.0], [0, -0.62], [0, -0.3], [0, 0.0], [0, 0.4]], np.float32)
    stretched = line_drawing._stretch(points.copy(), 1.5, 0.5)
    assert stretched[:, 1] == pytest.approx([-1.19, -0.62, -0.3, 0.0, 0.2])


def test_letters_tell_a_words_size() -> None:
    assert extent("on") == (0.0, 0.62)
    assert extent("fly") == (-0.35, 1.0)
    low, high = lay_out([zigzag("on"), zigzag("fly")], [0.5, 0.0], np.random.default_rng(0))
    assert high.scale > 1.5 * low.scale  # both are 128 units high
    assert high.x > low.x


@settings(max_examples=15)
@given(st.integers(0, 5000), st.sampled_from([WILD, MILD]))
def test_any_row_becomes_a_strip(seed: int, style: Any) -> None:
    rng = np.random.default_rng(seed)
    picture = PhotoItem(rng.integers(0, 256, (40, 90)).astype(np.uint8), "photo", "w")
    for items in ([zigzag()], [zigzag(), zigzag("up")], [picture, picture]):
        strip = render(lay_out(items, [0.5] * len(items), rng), style, rng)
        assert strip.shape[0] == HEIGHT
        assert strip.dtype == np.uint8
        assert strip.any()


def test_batches_pad_to_one_width_and_drop_what_cannot_be_read() -> None:
    wide, narrow = np.ones((HEIGHT, 101), np.uint8), np.ones((HEIGHT, 40), np.uint8)
    too_short = (np.ones((HEIGHT, 8), np.uint8), "aa")  # two steps, but equal letters need three
    made = batches.batches([(wide, "ab"), (narrow, "c"), too_short])
    assert sum(len(batch.images) for batch in made) == 2
    (batch,) = made
    assert batch.images.shape == (2, HEIGHT, 104)
    assert batch.steps.tolist() == [10, 26]
    assert batch.targets.tolist() == [INDEX["c"], INDEX["a"], INDEX["b"]]
    assert batch.lengths.tolist() == [1, 2]


def test_signs_stand_between_words_of_one_hand() -> None:
    signs = [InkItem(zigzag().points, zigzag().offsets, c, 2) for c in "0123456789s" + SIGNS]
    words = [zigzag("one", 1), zigzag("two", 1), zigzag("a b", 1), zigzag("three", 3)]
    maker = samples.LineSampler(sources.Sources(words, signs * 2, [], []))
    rng = np.random.default_rng(0)
    for _ in range(100):
        parts, text = maker._signed_row(rng)
        assert text.replace(" ", "") == "".join(part.item.text for part in parts)
        assert [part.x for part in parts] == sorted(part.x for part in parts)
        assert not {"one", "three"} <= {part.item.text for part in parts}
        assert "a b" not in text


def test_a_written_text_makes_a_row_of_its_own() -> None:
    maker = samples.LineSampler(sources.Sources([zigzag("a b", 1)], [], [], []))
    assert maker._row(np.random.default_rng(0))[1] == "a b"


def test_french_words_get_their_accents() -> None:
    hand = [InkItem(zigzag().points, zigzag().offsets, c, 1) for c in ascii_letters]
    rows = [PhotoItem(np.ones((9, 9), np.uint8), "été", "w")]
    maker = samples.LineSampler(sources.Sources([], hand, [], rows))
    rng = np.random.default_rng(0)
    texts = [maker._characters(rng)[1] for _ in range(200)]
    assert any("É" in text for text in texts)
    assert any("E" in text and "É" not in text for text in texts)  # some people leave them out
    assert {c for text in texts for c in text} <= {*CHARACTERS}


def test_wrong_labels_are_left_out() -> None:
    given = sources.Sources([zigzag("one"), zigzag("two")], [], [], [])
    assert [item.text for item in given.without({("words", 0), ("rows", 1)}).words] == ["two"]


def test_a_text_that_is_not_there_costs_more() -> None:
    log_p = np.full((6, len(CHARACTERS) + 1), -9.0, np.float32)
    for step, character in enumerate(" a b "):
        log_p[step, 0 if character == " " else INDEX[character]] = -0.01
    log_p[5, 0] = -0.01
    assert cost(log_p, "ab") < 0.5
    assert cost(log_p, "xy") > 4


def test_the_learning_rate_comes_down_with_the_time() -> None:
    plan = LinePlan(minutes=10, warm_up=5)
    rates = [learning_rate(plan, 100, 60 * minute) for minute in range(11)]
    assert rates == sorted(rates, reverse=True)
    assert learning_rate(plan, 0, 0) < rates[0] == pytest.approx(plan.rate)
    assert rates[-1] == pytest.approx(plan.rate / 200)


def test_a_written_model_reads_as_the_network_does(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    network = tiny()
    model = export.serialize(network)
    full = len(model.SerializeToString())
    onnx_file.halve(model)
    assert len(model.SerializeToString()) < 0.75 * full
    path = tmp_path / "lines.onnx"
    export.write(model, path, 1.0)
    reader = load_line_model(path, "cpu")
    assert reader.characters == CHARACTERS
    strip = np.random.default_rng(0).integers(0, 256, (HEIGHT, 64)).astype(np.uint8)
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(strip[None]))[0].log_softmax(-1).numpy()
    assert expected.shape == (64 // STRIDE, len(CHARACTERS) + 1)
    assert reader.log_probabilities([strip])[0] == pytest.approx(expected, abs=0.05)


def test_figures_go_where_the_card_has_a_place_for_them(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("before\n<!-- figures: old -->\nold\n<!-- end of figures -->\nafter\n")
    markdown.put_between_markers(card, [markdown.rows([("a", "b"), ("1", "2")])], "a command")
    assert "| 1 | 2 |" in card.read_text()
    assert "old" not in card.read_text()
    card.write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        markdown.put_between_markers(card, [], "a command")


def test_a_thicker_pen_is_measured_thicker() -> None:
    letter = InkItem(
        np.array([[0, 0], [0, 128], [110, 0], [110, 128]], np.int16), np.array([0, 2, 4], np.int32), "H", 1
    )
    drawn = [evaluate.ink_samples([letter] * 9, style=replace(PLAIN, pen=(p, p))) for p in (0.03, 0.17)]
    fine, thick = (np.median([pens.thickness(s.image) for s in samples]) for samples in drawn)
    assert 1 < 1.5 * fine < thick < 24
    assert np.isnan(pens.thickness(np.zeros((HEIGHT, 40), np.uint8)))


def test_pens_of_every_source_are_told() -> None:
    photo = PhotoItem(evaluate.ink_samples([zigzag()])[0].image, "nun", "w")
    head, *rows = report.stroke_widths(sources.Sources([zigzag()], [], [photo], [photo]))
    assert len(rows) == 4
    for row in rows:
        quantiles = [float(q) for q in row[1:]]
        assert len(row) == len(head)
        assert quantiles == sorted(quantiles)
        assert quantiles[0] > 0


def test_fine_strokes_of_a_photograph_survive_shrinking() -> None:
    """Their ink, spread over the pixels that it falls on, is as much as it was."""
    ink = np.zeros((64, 120), np.uint8)
    ink[:, 5:115:11] = 255
    picture = (ink, 0.3, 0.0, 0.0)
    drawn = line_drawing._paste([picture], np.eye(2, dtype=np.float32), 10, np.random.default_rng(5))
    assert np.random.default_rng(5).random() > 0.15  # neither thinned nor fattened
    assert drawn.sum() == pytest.approx(ink.sum() * 0.3**2, rel=0.05)
    column = drawn.sum(axis=0)
    assert np.count_nonzero(column > column.max() / 3) >= 10
