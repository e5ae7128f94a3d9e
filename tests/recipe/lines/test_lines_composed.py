"""Strips out of drawn pages: which rows are which lines, what they say, and how they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import ascii_letters, digits

import numpy as np
import pytest

pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")
pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting.words import InkItem
from models.recipe.lines import composed, matched, samples, sources
from models.recipe.lines.__main__ import main
from models.recipe.synthesis.arrangement import Arranged
from models.recipe.synthesis.hands import Hands
from models.recipe.synthesis.photograph import Setting, Shot
from models.recipe.synthesis.scene import draw_layers, owners, reach
from models.recipe.synthesis.warp import Warp
from models.recipe.synthesis.writing import Hand, TextLine, some_items, take_hand, write_line
from models.recipe.training import shards
from ocrcli.imaging import components
from ocrcli.layout import baselines
from ocrcli.lines.line_image import HEIGHT
from ocrcli.pipeline.segmentation import Segmented
from ocrcli.sources import photo_from_array

SIZE = 160
STILL = Warp(np.eye(3), np.zeros((0, 5)))


def zigzag(text: str) -> InkItem:
    """A word of upright strokes."""
    strokes = [np.array([[40 * n, 0], [40 * n + 5, 64], [40 * n + 10, 128]], np.int16) for n in range(2 * len(text))]
    return InkItem(np.concatenate(strokes), np.arange(len(strokes) + 1, dtype=np.int32) * 3, text, 1)


WORDS = [zigzag(word) for word in ("tea", "milk", "eggs")]
HANDS = Hands([WORDS], [{c: [zigzag(c)] for c in ascii_letters + digits}], [], [], ["oats"])


def hand(*, letters: bool, spread: tuple[float, float] = (0.8, 0.1)) -> Hand:
    rng = np.random.default_rng(0)
    while True:
        found = take_hand(replace(HANDS, photos=[[]], rows=[[]]), rng)
        if bool(found.letters) == letters and (found.words or found.letters):
            return replace(found, case="mixed", spread=spread)


def line(text: str, x: float, y: float) -> TextLine:
    items = [zigzag(word) for word in text.split()]
    made = write_line(
        hand(letters=False), [*items], [0.6] * len(items), 20, (x, y), 0.0, np.random.default_rng(1), text
    )
    return replace(made, pen=3.0)


def shot_of(*lines: TextLine) -> Shot:
    """A photo of nothing but ink."""
    layers = draw_layers(Arranged([*lines], [], 40, 0), STILL, SIZE)
    return Shot(
        255 - layers.written,
        Setting(Arranged([*lines], [], 40, 0), STILL, 20),
        layers,
        np.ones((SIZE, SIZE), np.float32),
    )


def segmented(shot: Shot, heights: list[tuple[int, int]]) -> Segmented:
    """A photo taken apart, all that begins between such heights being a row."""
    marks = components.find_marks(shot.layers.written > 64)
    members = [np.flatnonzero((marks.boxes[:, 1] >= top) & (marks.boxes[:, 1] < bottom)) for top, bottom in heights]
    rows = baselines.measured_rows([found[np.argsort(marks.boxes[found, 0])] for found in members], marks, 20)
    photo = photo_from_array(shot.grey, SIZE)
    return Segmented(photo, 0, shot.layers.written, marks, rows, list(range(len(rows))), [0] * len(rows), 3.0)


def texts(shot: Shot, heights: list[tuple[int, int]]) -> list[tuple[int, str]]:
    drawn = owners(shot.setting.page.lines, STILL, SIZE)
    return list(matched.matched(segmented(shot, heights), shot, drawn))


def test_lines_say_what_is_written() -> None:
    for seed in range(5):
        items, gaps, text = some_items(hand(letters=False), HANDS, 12, np.random.default_rng(seed))
        assert text.split(" ") == [item.text for item in items]
        assert len(gaps) == len(items)
        items, _, text = some_items(hand(letters=True), HANDS, 12, np.random.default_rng(seed))
        assert text.replace(" ", "") == "".join(item.text for item in items)
        assert " " in text


def test_nobody_knows_the_words_of_letters_that_stand_apart() -> None:
    assert some_items(hand(letters=True, spread=(0.6, 0.5)), HANDS, 12, np.random.default_rng(0))[2] == ""
    assert some_items(hand(letters=False, spread=(0.6, 0.5)), HANDS, 12, np.random.default_rng(0))[2] != ""


def test_every_pixel_belongs_to_who_wrote_it() -> None:
    lines = [line("tea", 10, 40), line("milk", 10, 100)]
    owner = owners(lines, STILL, SIZE)
    assert set(np.unique(owner)) == {0, 1, 2}
    for number, one in enumerate(lines, 1):
        (left, top), (right, bottom) = reach(one, STILL)
        y, x = np.nonzero(owner == number)
        assert left <= x.min() <= left + 8
        assert right - 8 <= x.max() <= right
        assert top <= y.min() < y.max() <= bottom


def test_a_row_is_the_line_that_wrote_it() -> None:
    shot = shot_of(line("tea", 10, 40), line("milk", 10, 100))
    assert texts(shot, [(0, 60), (60, 160)]) == [(0, "tea"), (1, "milk")]
    assert texts(shot, [(0, 160)]) == []  # both in one row
    assert texts(shot, [(60, 160), (0, 60)]) == [(0, "milk"), (1, "tea")]


def test_lines_side_by_side_make_one_row() -> None:
    shot = shot_of(line("milk", 90, 40), line("tea", 10, 40))
    assert texts(shot, [(0, 160)]) == [(0, "tea milk")]


@pytest.mark.parametrize("x", [-12, 135])
def test_a_line_that_leaves_the_picture_is_not_whole(x: float) -> None:
    assert texts(shot_of(line("tea", x, 40)), [(0, 160)]) == []


def test_a_hidden_line_is_not_whole() -> None:
    shot = shot_of(line("tea", 10, 40))
    visible = shot.visible.copy()
    visible[:, 30:] = 0
    assert texts(replace(shot, visible=visible), [(0, 160)]) == []


@pytest.mark.parametrize(
    ("missing", "kept"),
    [((0, 14), True), ((0, 20), False), ((40, 46), True), ((40, 50), False), ((86, 100), True), ((0, 100), False)],
)
def test_a_row_must_reach_from_end_to_end(missing: tuple[int, int], kept: bool) -> None:
    ink = np.zeros((20, 100), bool)
    ink[5:15, 10:90] = True
    row = ink.copy()
    row[:, slice(*missing)] = False
    assert matched.covers(row, ink, 10) == kept


def test_little_may_stand_beside_a_row() -> None:
    ink = np.zeros((20, 100), bool)
    ink[5:15, 10:80] = True
    row = ink.copy()
    row[10, 80:93] = True
    assert matched.covers(row, ink, 10)
    assert not matched.covers(row, ink, 5)


def test_lines_that_overlap_have_no_order() -> None:
    one, other = np.zeros(30, bool), np.zeros(30, bool)
    one[20:25] = other[3:15] = True
    assert matched.from_left([one, other]) == [1, 0]
    other[22] = True
    assert matched.from_left([one, other]) is None


def test_strips_are_kept_and_drawn_again(tmp_path: Path) -> None:
    assert shards.load(tmp_path) == []
    strip = np.random.default_rng(0).integers(0, 256, (HEIGHT, 70)).astype(np.uint8)
    (tmp_path / shards.FOLDER).mkdir()
    shards.store(tmp_path / shards.FOLDER / "001-00000.pickle", [(strip, "tea"), (strip[:, :9], "m")])
    stored = shards.load(tmp_path)
    assert [one.text for one in stored] == ["tea", "m"]
    assert np.array_equal(stored[0].sample()[0], strip)
    assert [path.suffix for path in (tmp_path / shards.FOLDER).iterdir()] == [".pickle"]
    assert len(shards.load(tmp_path, most=0)) == 0


def test_composed_rows_are_a_share_of_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(samples.SHARES.values()) == pytest.approx(1)
    given = sources.Sources([zigzag("tea")], [], [], [])
    assert samples.COMPOSED not in samples.LineSampler(given).shares
    monkeypatch.setattr(samples, "SHARES", {"word": 0.8, samples.COMPOSED: 0.2})
    strip = np.full((HEIGHT, 30), 9, np.uint8)
    maker = samples.LineSampler(given, [shards.Packed.of((strip, "composed"))])
    rng = np.random.default_rng(0)
    made = [maker.sample(rng, 0.2) for _ in range(60)]
    assert 4 < sum(text == "composed" for _, text in made) < 25
    assert all(np.array_equal(image, strip) for image, text in made if text == "composed")


def test_a_shard_is_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    strip = np.full((HEIGHT, 30), 9, np.uint8)
    monkeypatch.setattr(composed, "studio_of", lambda *_: None)
    monkeypatch.setattr(composed, "compose", lambda *_: composed.Kept([(strip, "tea")], [1], 2))
    wanted = ["compose", "--pages", str(composed.SHARD + 1), "--work", str(tmp_path), "--seed", "7"]
    assert main(wanted) == 0
    assert "16 strips of 32 lines, rough CER 0.333" in capsys.readouterr().out
    assert len(shards.load(tmp_path)) == 2 * composed.SHARD
    assert main(wanted) == 0
    assert capsys.readouterr().out.split("\n")[:2] == ["007-00000.pickle is there", "007-00001.pickle is there"]
