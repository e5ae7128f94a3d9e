"""What drawn pages are drawn on, lie on and are photographed with: shapes, ranges, one behaviour each."""

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2")

from models.recipe.synthesis import camera, doodles, drawing
from models.recipe.synthesis.surfaces import boards, paper, printed, rulings, surroundings, textures

HEIGHT, WIDTH = 240, 320
BOX = (80.0, 90.0, 240.0, 120.0)
"""Where a word is supposed to be: left, top, right, bottom."""


def random(seed=0):
    return np.random.default_rng(seed)


def is_field(field, depth=None):
    shape = (HEIGHT, WIDTH) if depth is None else (HEIGHT, WIDTH, depth)
    return field.shape == shape and field.dtype == np.float32 and field.min() >= 0 and field.max() <= 1


@pytest.mark.parametrize("seed", range(25))
def test_a_sheet_is_colour_and_alpha(seed):
    sheet = paper.sheet(random(seed), HEIGHT, WIDTH, 24)
    assert is_field(sheet.colour, 3)
    assert is_field(sheet.alpha)
    assert sheet.alpha.mean() > 0.7
    assert not sheet.dark


@pytest.mark.parametrize("make", [boards.whiteboard, boards.blackboard, boards.cardboard, boards.flip_chart])
@pytest.mark.parametrize("seed", range(8))
def test_boards_are_light_but_for_the_black_one(make, seed):
    board = make(random(seed), HEIGHT, WIDTH)
    assert is_field(board.colour, 3)
    assert board.alpha.min() == 1
    assert (np.median(board.colour) < 0.45) == board.dark == (make is boards.blackboard)


def test_ruled_paper_is_darker_at_the_pitch():
    lined = 0
    for seed in range(20):
        colour = np.ones((HEIGHT, WIDTH, 3), np.float32)
        rulings.ruling(random(seed), HEIGHT, WIDTH, 24, "lines").print_on(colour)
        dark = np.flatnonzero(colour.mean(axis=(1, 2)) < 1)
        starts = dark[np.diff(dark, prepend=-9) > 1]
        lined += bool(np.all(np.abs(np.diff(starts) - 24) <= 1))
    assert lined >= 12  # three of four; the others are half as far apart, or unrelated


def test_a_line_covers_the_part_of_a_pixel_that_it_should():
    cover = rulings.profile(10, np.array([3.25], np.float32), 1.0)
    assert cover.tolist() == pytest.approx([0, 0, 0.25, 0.75, 0, 0, 0, 0, 0, 0])


def test_dots_are_printed_where_lines_would_cross():
    ink, half = np.zeros(3, np.float32), np.array([0, 1, 0], np.float32)
    colour = np.ones((3, 3, 3), np.float32)
    rulings.Ruling(half, half, ink, dots=True).print_on(colour)
    assert colour[..., 0].tolist() == [[1, 1, 1], [1, 0, 1], [1, 1, 1]]


def test_what_bleeds_through_is_mirrored_and_faint():
    white, ink = np.ones((HEIGHT, WIDTH, 3), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    ink[100:120, 30:60] = 1
    behind = paper.bleed_through(random(), white, ink)
    assert is_field(behind, 3)
    assert behind[110, 40].min() > 0.99
    assert 0.4 < behind[110, WIDTH - 1 - 45].mean() < 0.99
    assert white.min() == 1


@pytest.mark.parametrize("kind", printed.KINDS)
def test_print_is_found_on_the_sheet(kind):
    alphas = [printed.printed(random(seed), HEIGHT, WIDTH, 14, kind) for seed in range(8)]
    assert all(is_field(alpha) for alpha in alphas)
    assert max(alpha.max() for alpha in alphas) > 0.5


@pytest.mark.parametrize("kind", doodles.DOODLES)
def test_every_doodle_leaves_ink_but_no_page_full(kind):
    alphas = [drawing.doodle(random(seed), HEIGHT, WIDTH, 2.5, kind) for seed in range(6)]
    assert all(is_field(alpha) for alpha in alphas)
    assert max(alpha.max() for alpha in alphas) > 0.5
    assert np.mean([alpha.mean() for alpha in alphas]) < 0.5


@pytest.mark.parametrize("seed", range(12))
def test_a_frame_keeps_clear_of_its_word(seed):
    alpha = drawing.frame_around(random(seed), HEIGHT, WIDTH, BOX, 2)
    assert is_field(alpha)
    assert alpha.max() > 0.5
    assert alpha[100:110, 120:200].max() == 0


@pytest.mark.parametrize("seed", range(12))
def test_what_strikes_out_crosses_its_word(seed):
    alpha = drawing.strike_out(random(seed), HEIGHT, WIDTH, BOX, 2)
    assert is_field(alpha)
    inside = alpha[90:120, 80:240].max(axis=0) > 0.3
    assert inside.mean() > 0.9
    assert alpha[:60].max() == alpha[150:].max() == 0


def test_a_highlighter_covers_its_word():
    for seed in range(10):
        alpha = drawing.highlight(random(seed), HEIGHT, WIDTH, BOX)
        assert is_field(alpha)
        assert (alpha[95:115, 110:210] > 0.3).mean() > 0.8


def test_an_arrow_goes_from_start_to_end():
    for seed in range(10):
        alpha = drawing.arrow(random(seed), HEIGHT, WIDTH, (60, 60), (220, 180), 3)
        assert is_field(alpha)
        assert alpha[50:70, 50:70].max() > 0.5
        assert alpha[170:190, 210:230].max() > 0.5


def test_a_finer_pen_leaves_less_ink():
    ink = [drawing.strike_out(random(3), HEIGHT, WIDTH, BOX, pen).sum() for pen in (0.3, 1, 2, 6)]
    assert ink == sorted(ink)


@pytest.fixture
def folder(tmp_path):
    """Photos of one grey each, some of which are held out."""
    for k in range(20):
        Image.new("RGB", (90, 60), (100 + k, 0, 0)).save(tmp_path / f"photo{k}.png")
    return tmp_path


def test_held_out_photos_are_not_loaded(folder):
    loaded = surroundings.Surroundings.load(folder)
    names = {file.name for file in loaded.files}
    left = {file.name for file in folder.iterdir()} - names
    assert names
    assert left
    assert all(surroundings.is_held_out(name) for name in left)
    assert not any(surroundings.is_held_out(name) for name in names)


def test_only_so_many_photos_are_kept(folder, monkeypatch):
    monkeypatch.setattr(surroundings, "KEPT", 2)
    loaded = surroundings.Surroundings.load(folder)
    for index in (0, 1, 0, 2, 1):
        assert loaded.photo(index).shape == (60, 90, 3)
    assert list(loaded.kept) == [loaded.files[2], loaded.files[1]]


@pytest.mark.parametrize("seed", range(12))
def test_a_scene_is_filled(folder, seed):
    loaded = surroundings.Surroundings.load(folder)
    assert is_field(loaded.picture(random(seed), HEIGHT, WIDTH), 3)


def test_a_part_of_a_photo_has_its_colours():
    photo = np.full((60, 90, 3), (200, 100, 50), np.uint8)
    part = surroundings.cut(random(), photo, HEIGHT, WIDTH)
    assert part.reshape(-1, 3) == pytest.approx(np.broadcast_to(np.array([200, 100, 50]) / 255, (HEIGHT * WIDTH, 3)))


@pytest.mark.parametrize("make", [textures.wood, textures.cloth, textures.keyboard, textures.plain, textures.screen])
def test_drawn_grounds_are_colours(make):
    for seed in range(4):
        ground = make(random(seed), HEIGHT, WIDTH)
        assert ground.shape == (HEIGHT, WIDTH, 3)
        assert ground.dtype == np.float32
        assert np.isfinite(ground).all()


@pytest.mark.parametrize("seed", range(12))
def test_objects_cover_a_part_of_the_scene(seed):
    colour, alpha = textures.objects(random(seed), HEIGHT, WIDTH, 2)
    assert is_field(colour, 3)
    assert is_field(alpha)
    assert alpha.mean() < 0.7


@pytest.mark.parametrize("seed", range(12))
def test_light_is_never_out(seed):
    field = camera.light(random(seed), HEIGHT, WIDTH)
    assert is_field(field)
    assert field.min() >= camera.DARKEST
    assert field.max() == pytest.approx(1, abs=1e-3)


def test_a_photo_is_grey_and_as_large_as_the_scene():
    scene = np.full((HEIGHT, WIDTH, 3), 0.9, np.float32)
    for seed in range(30):
        photo = camera.capture(random(seed), scene, 20)
        assert photo.shape == (HEIGHT, WIDTH)
        assert photo.dtype == np.uint8


def test_ink_stays_darker_than_paper_unless_the_photo_is_a_negative():
    scene = np.full((HEIGHT, WIDTH, 3), 0.9, np.float32)
    scene[100:140, 60:100] = 0.1
    negatives = 0
    for seed in range(60):
        photo = camera.capture(random(seed), scene, 20).astype(float)
        ink, around = photo[110:130, 70:90].mean(), photo[110:130, 150:300].mean()
        negatives += ink > around
        assert abs(ink - around) > 15
    assert negatives < 10


@pytest.mark.parametrize("size", [8, 14, 40])
def test_no_blur_joins_strokes_a_quarter_of_a_letter_apart(size):
    wide = size // 4
    scene = np.ones((HEIGHT, WIDTH, 3), np.float32)
    for left in (100, 100 + 2 * wide):
        scene[:, left : left + wide] = 0
    for seed in range(40):
        photo = camera.capture(random(seed), scene, size).astype(float)[20:-20].mean(axis=0)
        ink, gap = photo[100 : 100 + wide].mean(), photo[100 + wide : 100 + 2 * wide].mean()
        assert abs(gap - ink) > 0.25 * np.ptp(photo)


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: paper.sheet(rng, HEIGHT, WIDTH, 24).colour,
        lambda rng: boards.board(rng, HEIGHT, WIDTH).colour,
        lambda rng: printed.printed(rng, HEIGHT, WIDTH, 14),
        lambda rng: drawing.doodle(rng, HEIGHT, WIDTH, 3),
        lambda rng: surroundings.Surroundings().picture(rng, HEIGHT, WIDTH),
        lambda rng: textures.objects(rng, HEIGHT, WIDTH)[0],
        lambda rng: camera.light(rng, HEIGHT, WIDTH),
        lambda rng: camera.capture(rng, np.full((HEIGHT, WIDTH, 3), 0.5, np.float32), 20),
    ],
)
def test_a_seed_decides_all(make):
    for seed in range(4):
        assert np.array_equal(make(random(seed)), make(random(seed)))
