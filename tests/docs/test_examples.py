"""The example photos are complete and clean, and what draws them is repeatable."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import EXAMPLES
from PIL import Image, ImageFont, ImageOps

sys.path.insert(0, str(EXAMPLES))

import camera
import drawing
import make_examples
import notes
import surfaces

PHOTOS = sorted(EXAMPLES.glob("*.jpg"))
SHAPE = (120, 300)
CORNERS = ((0.05, 0.05), (0.95, 0.0), (1.0, 1.0), (0.0, 0.95))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def write(text: str = "eel 7", seed: int = 5, **changes: Any) -> np.ndarray:
    hand = drawing.Hand(size=40, pitch=50, origin=(20, 50), **changes)
    font = ImageFont.load_default(120)
    generator = np.random.default_rng(seed)
    return drawing.draw_text(text.split("\n"), font, SHAPE, hand=hand, pen=drawing.Pen("#101010"), rng=generator)


def test_every_note_of_the_table_was_drawn() -> None:
    assert [photo.stem for photo in PHOTOS] == sorted(note.name for note in notes.NOTES)
    assert len(PHOTOS) >= 6


@pytest.mark.parametrize("note", notes.NOTES, ids=lambda note: note.name)
def test_the_photo_opens_upright_in_its_size(note: notes.Note) -> None:
    path = EXAMPLES / f"{note.name}.jpg"
    with Image.open(path) as stored:
        assert stored.format == "JPEG"
        assert (stored.getexif().get(make_examples.ORIENTATION) == 6) == note.sideways
        upright = ImageOps.exif_transpose(stored)
    assert upright.mode == "RGB"
    assert upright.size == note.camera.size[::-1]
    assert 1200 <= max(upright.size) <= 2400
    assert path.stat().st_size < 250_000


@pytest.mark.parametrize("note", notes.NOTES, ids=lambda note: note.name)
def test_the_ground_truth_is_clean(note: notes.Note) -> None:
    text = (EXAMPLES / f"{note.name}.gt.txt").read_bytes().decode("utf-8")
    assert text == note.truth
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\t" not in text
    for line in text[:-1].split("\n"):
        assert line
        assert line == line.strip()
        assert "  " not in line
        assert line.isascii()
        assert line.isprintable()


def test_one_example_is_stored_sideways_and_one_is_light_on_dark() -> None:
    assert any(note.sideways for note in notes.NOTES)
    assert any(note.pen.opaque for note in notes.NOTES)


def test_all_photos_together_stay_small() -> None:
    assert sum(photo.stat().st_size for photo in PHOTOS) < 2_000_000


def test_ink_is_a_share_per_pixel() -> None:
    ink = write()
    assert ink.dtype == np.float32
    assert ink.shape == SHAPE
    assert ink.min() == 0
    assert 0.8 < ink.max() <= 1


def test_the_same_seed_writes_the_same_ink() -> None:
    assert np.array_equal(write(), write())
    assert not np.array_equal(write(), write(seed=6))


def test_no_letter_is_written_twice_alike() -> None:
    ink = write("eeee", spread=1.0)
    columns = np.flatnonzero(ink.max(axis=0) > 0.3)
    letters = np.split(columns, np.flatnonzero(np.diff(columns) > 5) + 1)
    assert len(letters) == 4
    assert len({round(float(ink[:, letter].sum()), 1) for letter in letters}) == 4


def test_an_empty_page_stays_bare() -> None:
    assert not write("").any()


def test_letters_beyond_the_page_are_cut_off() -> None:
    assert write("\n\n\n\nfar below").shape == SHAPE
    assert not write("\n\n\n\n\n\nfar below").any()


def test_each_tab_jumps_to_the_next_column() -> None:
    one, two = write("\t1", columns=(100.0, 200.0)), write("\t\t1", columns=(100.0, 200.0))
    assert not one[:, :80].any()
    assert one[:, 80:180].any()
    assert not two[:, :180].any()
    assert two[:, 180:].any()


def test_rulings_are_drawn_with_the_pen(rng: np.random.Generator) -> None:
    font = ImageFont.load_default(120)
    hand, pen = drawing.Hand(size=40, pitch=50, origin=(20, 50), unsteady=0.0), drawing.Pen("#101010")
    ink = drawing.draw_text([], font, SHAPE, hand=hand, pen=pen, rng=rng, rulings=[(30, 60, 150, 60)])
    assert (ink[58:63, 40:140].max(axis=0) > 0.5).all()
    assert not ink[:50].any()
    assert not ink[:, 170:].any()


def test_a_pen_darkens_and_chalk_covers() -> None:
    page = np.full((4, 4, 3), 0.5, np.float32)
    ink = np.eye(4, dtype=np.float32)
    dark = drawing.apply_ink(page, ink, drawing.Pen("#202020"))
    chalk = drawing.apply_ink(page, ink, drawing.Pen("#f0f0f0", opaque=True))
    assert dark.dtype == chalk.dtype == np.float32
    assert (dark[ink == 1] < 0.5).all()
    assert (chalk[ink == 1] > 0.5).all()
    assert (dark[ink == 0] == 0.5).all()
    assert (chalk[ink == 0] == 0.5).all()


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: surfaces.paper(
            surfaces.Sheet(SHAPE, rules=(20, 15), squared=True, margin=40, flecks=400, creases=(0.5,)), rng
        ),
        lambda rng: surfaces.board(SHAPE, rng),
        lambda rng: surfaces.wood(SHAPE, rng, dark="#20140f", bright="#c79f70"),
        lambda rng: surfaces.cloth(SHAPE, rng, colour="#6f7f8c"),
    ],
    ids=["paper", "board", "wood", "cloth"],
)
def test_surfaces_are_repeatable_reflectance(draw: Callable[[np.random.Generator], np.ndarray]) -> None:
    surface = draw(np.random.default_rng(1))
    assert surface.shape == (*SHAPE, 3)
    assert surface.dtype == np.float32
    assert surface.min() >= 0
    assert surface.max() < 1.2
    assert np.array_equal(surface, draw(np.random.default_rng(1)))


def test_noise_has_unit_size_at_every_scale(rng: np.random.Generator) -> None:
    for sigma in (0.7, 3.0, (2.0, 40.0), 25.0):
        field = surfaces.noise((400, 500), sigma, rng)
        assert field.shape == (400, 500)
        assert field.dtype == np.float32
        assert field.std() == pytest.approx(1, abs=0.35)


def test_a_sheet_covers_the_table_where_it_lies(rng: np.random.Generator) -> None:
    table, sheet = np.zeros((*SHAPE, 3), np.float32), np.ones((60, 100, 3), np.float32)
    scene = camera.lay(table, sheet, centre=(150, 60), turn=0, bend=0, rng=rng)
    assert scene.shape == table.shape
    assert scene.dtype == np.float32
    assert (scene[35:85, 105:195] == 1).all()
    assert (scene[:20] == 0).all()
    assert (scene[:, :80] == 0).all()


def test_a_photo_has_the_size_of_the_camera(rng: np.random.Generator) -> None:
    phone = camera.Camera((90, 160), CORNERS)
    seen = camera.view(np.full((*SHAPE, 3), 0.5, np.float32), phone)
    light = camera.illuminate(phone.size, camera.Light(shadows=(camera.Shadow(CORNERS),)), rng)
    photo = camera.expose(seen * light, phone, rng)
    assert seen.shape == light.shape == photo.shape == (90, 160, 3)
    assert seen.dtype == light.dtype == np.float32
    assert photo.dtype == np.uint8
    assert 0 < photo.mean() < 255


def test_the_view_shows_its_corners() -> None:
    scene = np.zeros((*SHAPE, 3), np.float32)
    scene[:, :, 0] = np.linspace(0, 1, SHAPE[1])
    seen = camera.view(scene, camera.Camera((90, 160), CORNERS))
    assert seen[0, 0, 0] == pytest.approx(0.05, abs=0.02)
    assert seen[-1, -1, 0] == pytest.approx(1.0, abs=0.02)


def test_ground_truth_joins_what_a_tab_parts() -> None:
    note = notes.NOTES[0]
    told = notes.Note(**{name: getattr(note, name) for name in note.__slots__} | {"text": "\n a\tb  c\n\nd\n"})
    assert told.lines == (" a\tb  c", "", "d")
    assert told.truth == "a b c\nd\n"


def test_an_unknown_example_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys, "argv", ["make_examples.py", "postcard"])
    with pytest.raises(SystemExit):
        make_examples.main()
    assert "no such example: postcard" in capsys.readouterr().err
