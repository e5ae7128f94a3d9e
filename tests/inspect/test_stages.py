"""A picture of every stage."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import EXAMPLES
from drawn import SHAPE, filled, marks_in, photo, written
from PIL import Image

from ocrcli.core.errors import InputError, NothingWrittenError
from ocrcli.core.settings import Settings
from ocrcli.imaging.components import find_marks
from ocrcli.inspect.overlay import DOUBTFUL_COLOUR, colour_of
from ocrcli.inspect.stages import (
    PALETTE,
    UNPICTURED,
    StageWriter,
    crops_picture,
    lines_picture,
    marks_picture,
    mask_picture,
    paths_picture,
    proposals_picture,
    rows_picture,
    wholes_picture,
)
from ocrcli.layout.cores import TextLine
from ocrcli.layout.row_clustering import cluster_rows
from ocrcli.letters.classifier import Classifier
from ocrcli.letters.row_reading import LINES, RowReading
from ocrcli.pipeline.models import Models
from ocrcli.pipeline.reading import Reader, read_page
from ocrcli.pipeline.segmentation import segment
from ocrcli.sources import source_of

LABELS = ("A", "a", "1", ".")
BOXES = [(20 + 30 * i, 20 + 60 * row, 40 + 30 * i, 50 + 60 * row) for row in range(2) for i in range(5)]


class EvenSession:
    """Finds all classes equally likely."""

    def run(self, _outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        return [np.zeros((len(inputs["crops"]), len(LABELS)), np.float32)]


@pytest.fixture(scope="module")
def told() -> list[tuple[str, Any]]:
    """Every stage that the reading of a drawn note tells of."""
    session: Any = EvenSession()
    models = Models(Classifier(session, LABELS, 1.0, "cpu"))
    found: list[tuple[str, Any]] = []

    def tell(name: str, result: object) -> None:
        found.append((name, result))

    # Without the page model, whose weights may change, the pictures are as large as the note.
    _, page = segment(source_of(photo(written(), noise=3)), Settings(recognizer="letters"), models, tell)
    with suppress(NothingWrittenError):  # so unsure a reading is refused in the end
        read_page(page, Settings(recognizer="letters"), models, tell)
    return found


def test_every_stage_of_a_reading_becomes_a_picture(told: list[tuple[str, Any]], tmp_path: Path) -> None:
    writer = StageWriter(tmp_path / "new" / "folder")
    for name, result in told:
        writer(name, result)
    assert [name for name, _ in told].count("language") == 1
    pictured = [name for name, _ in told if name not in UNPICTURED]
    assert writer.count == len(pictured) >= 9
    files = sorted(path.name for path in writer.folder.iterdir())
    assert files == [f"{number:02d}-{name}.png" for number, name in enumerate(pictured, start=1)]
    for path in writer.folder.iterdir():
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert np.ptp(np.asarray(picture)) > 0
            if "crops" not in path.name:
                assert picture.size == SHAPE[::-1]


@pytest.mark.slow
def test_rows_that_are_read_as_a_whole_have_pictures_too(tmp_path: Path) -> None:
    writer = StageWriter(tmp_path)
    Reader().read(EXAMPLES / "letter.jpg", on_stage=writer)
    assert {"lines", "strips", "wholes"} < {path.stem[3:] for path in tmp_path.iterdir()}


def test_a_reading_has_its_runners_up_below_it() -> None:
    row = RowReading(LINES, readings=(("milk", 0.0), ("m1lk", 1.5)))
    alone, both = wholes_picture([replace(row, readings=row.readings[:1])]), wholes_picture([row])
    assert both.shape[0] > alone.shape[0]
    assert (both == DOUBTFUL_COLOUR).all(axis=2).any()
    assert not (alone == DOUBTFUL_COLOUR).all(axis=2).any()
    assert wholes_picture([]).shape[2] == 3


def test_a_second_reading_overwrites_the_first(told: list[tuple[str, Any]], tmp_path: Path) -> None:
    for _ in range(2):
        writer = StageWriter(tmp_path)
        for name, result in told:
            writer(name, result)
    assert len(list(tmp_path.iterdir())) == writer.count


def test_a_stage_that_nobody_draws_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="pahts"):
        StageWriter(tmp_path)("pahts", [])


def test_a_page_without_marks_has_its_pictures(tmp_path: Path) -> None:
    writer = StageWriter(tmp_path)
    writer("marks", find_marks(np.zeros((20, 30), bool)))
    writer("rows", [])
    assert writer.count == 2


def test_a_folder_that_cannot_be_made_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        StageWriter(tmp_path / "file")("grey", np.zeros((4, 4), np.uint8))


def test_ink_is_black_on_white() -> None:
    mask = filled([(2, 3, 5, 8)], (10, 12))
    picture = mask_picture(mask)
    assert picture.dtype == np.uint8
    assert (picture[mask] == 0).all()
    assert (picture[~mask] == 255).all()


def test_neighbouring_marks_have_other_colours_and_what_was_left_out_has_none() -> None:
    marks = marks_in(BOXES)
    kept = marks.keep(np.arange(len(marks)) != 3)
    picture = marks_picture(kept)
    assert picture.shape == (*marks.labels.shape, 3)
    assert picture.dtype == np.uint8
    colours = [tuple(picture[top + 5, left + 5].tolist()) for left, top, _, _ in BOXES]
    palette = {tuple(colour) for colour in PALETTE.tolist()}
    left_out = colours.pop(3)
    assert set(colours) <= palette
    assert all(one != other for one, other in pairwise(colours))
    assert len(set(left_out)) == 1
    assert left_out not in {(255, 255, 255), (0, 0, 0)}
    assert (picture[marks.labels == 0] == 255).all()


@pytest.mark.parametrize("mask", [np.zeros((9, 9), bool), np.ones((9, 9), bool)], ids=["no mark", "one mark"])
def test_few_marks(mask: np.ndarray) -> None:
    assert marks_picture(find_marks(mask)).shape == (9, 9, 3)


def test_each_row_has_its_colour() -> None:
    marks = marks_in(BOXES)
    rows = cluster_rows(marks, 30)
    picture = rows_picture(rows, marks)
    assert picture.shape == (*marks.labels.shape, 3)
    assert picture.dtype == np.uint8
    assert len(rows) == 2
    for number in range(2):
        held = (picture == PALETTE[number]).all(axis=2)
        for left, top, right, bottom in BOXES[5 * number : 5 * number + 5]:
            assert held[top:bottom, left : right + 1].any(axis=1).all()
        assert not held[60 * (1 - number) + 20 : 60 * (1 - number) + 40].any()


def test_each_text_line_has_its_colour_between_baseline_and_x_height() -> None:
    grey = np.full((100, 200), 240, np.uint8)
    x = np.arange(20.0, 180.0)
    lines = [TextLine(x, np.full(len(x), base), 20.0, 1.0) for base in (40.0, 80.0)]
    picture = lines_picture(lines, grey)
    assert picture.shape == (100, 200, 3)
    for number, base in enumerate((40, 80)):
        own = (picture == PALETTE[number]).all(axis=2)
        assert own[base, 30:170].all()
        assert own[base - 20, 30:170].all()
    assert (lines_picture([], grey) == 240).all()


def test_no_rows_still_show_the_ink() -> None:
    marks = marks_in(BOXES)
    picture = rows_picture([], marks)
    assert len(np.unique(picture)) == 2


@pytest.mark.parametrize("count", [1, 5, 23, 24, 25, 100])
def test_every_crop_is_on_the_sheet(count: int) -> None:
    crops = np.zeros((count, 32, 32), np.uint8)
    crops[:, 8:24, 8:24] = 255
    sheet = crops_picture(crops)
    assert sheet.ndim == 2
    assert sheet.dtype == np.uint8
    squares = find_marks(sheet == 255)
    assert len(squares) == count
    assert (squares.areas == 16 * 16).all()


def test_crops_are_in_reading_order() -> None:
    crops = np.stack([np.full((32, 32), level, np.uint8) for level in range(150, 200)])
    sheet = crops_picture(crops)
    marks = [(box[1], box[0], sheet[box[1] + 5, box[0] + 5]) for box in find_marks(sheet >= 150).boxes.tolist()]
    assert [int(level) for _, _, level in sorted(marks)] == list(range(150, 200))


def test_proposals_show_joins_and_paths_show_what_is_read(told: list[tuple[str, Any]]) -> None:
    stages = dict(told)
    proposed = proposals_picture(stages["proposals"], stages["pieces"])
    joined = [h.last - h.first for row in stages["proposals"] for h in row.proposals.hypotheses]
    for count in range(3):
        drawn = (proposed == PALETTE[count]).all(axis=2).any()
        assert drawn == (count in joined)
    paths = paths_picture(stages["paths"], stages["pieces"])
    for glyph in stages["paths"][0].glyphs:
        left, top, _, _ = glyph.box
        assert tuple(paths[top, left]) == colour_of(glyph.confidence)


def test_runners_up_are_shown_where_there_are_any(told: list[tuple[str, Any]]) -> None:
    stages = dict(told)
    row = max(stages["paths"], key=lambda row: len(row.decoded.best.p) - len(row.decoded.best.hypotheses))
    other = np.setdiff1d(np.arange(len(row.decoded.best.p)), row.decoded.best.hypotheses)[0]
    red = []
    for probability in (0.0, 0.3):
        p = np.zeros_like(row.decoded.best.p)
        p[other, 0] = probability
        best = replace(row.decoded.best, p=p)
        picture = paths_picture([replace(row, decoded=replace(row.decoded, best=best))], stages["pieces"])
        red.append((picture == DOUBTFUL_COLOUR).all(axis=2))
    left, top, right, bottom = row.decoded.row.proposals.hypotheses[other].box
    assert (red[1] & ~red[0])[top:bottom, left:right].any()
