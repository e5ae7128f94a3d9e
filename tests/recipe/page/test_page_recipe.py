"""The recipe of the page model: its network, its pool of drawn crops, a training of a few steps, its command line."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")
pytest.importorskip("onnx", reason="the recipe needs the extra 'train'")

from models.recipe.page import __main__ as recipe
from models.recipe.page import evaluate, export, pool, train
from models.recipe.page.network import FOLD, MULTIPLE, PageNet, loss_of
from models.recipe.page.pool import Crops, Pool, fill, shards
from models.recipe.synthesis import studio as studio_of_pages
from models.recipe.synthesis.hands import Hands
from models.recipe.synthesis.photograph import Studio
from models.recipe.synthesis.surfaces.surroundings import Surroundings
from models.recipe.training import steps
from ocrcli.binarize import page_model

SIZE = 64
Tiny = partial(PageNet, (8, 8, 8, 8), (1, 1, 1, 1))


class EnoughError(Exception):
    """Stops what draws until it is killed."""


def crop(number: int = 0, size: int = SIZE) -> pool.Crops:
    """One crop, a bar of ink on its line; its paper is as light as its number says."""
    ink, core = np.zeros((1, size, size), np.uint8), np.zeros((1, size // FOLD, size // FOLD), np.uint8)
    ink[:, 24:40, 8:56:8] = 255
    core[:, 6:10, 2:14] = 255
    up = np.zeros((*core.shape, 2), np.int8)
    up[core > 0] = (0, -127)
    return Crops(np.where(ink > 0, np.uint8(40), np.uint8(150 + number)), ink, core, up)


def sample(number: int) -> tuple[np.ndarray, ...]:
    one = crop(number)
    return one.grey[0], one.ink[0], one.core[0], one.up[0]


def numbered(count: int) -> Callable[[np.random.Generator], tuple[np.ndarray, ...]]:
    """Draws so many crops, numbered from 0, and then stops."""
    numbers = iter(range(count))

    def draw(_rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        number = next(numbers, None)
        if number is None:
            raise EnoughError
        return sample(number)

    return draw


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pool of three shards of four crops, numbered 0 to 11."""
    monkeypatch.setattr(pool, "SHARD", 4)
    with pytest.raises(EnoughError):
        fill(tmp_path / "pool", numbered(12), seed=1)
    return tmp_path / "pool"


def test_recipe_and_reader_agree() -> None:
    assert (FOLD, MULTIPLE) == (page_model.FOLD, page_model.MULTIPLE)


@pytest.mark.parametrize("shape", [(2, 32, 32), (1, 64, 96)])
def test_maps_have_their_shapes(shape: tuple[int, int, int]) -> None:
    count, height, width = shape
    ink, lines = Tiny()(torch.rand(shape))
    assert ink.shape == (count, 1, height, width)
    assert lines.shape == (count, 3, height // FOLD, width // FOLD)


def test_the_loss_falls_on_one_batch() -> None:
    torch.manual_seed(0)
    network, one = Tiny(), crop()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    grey = torch.from_numpy(one.grey).float() / 255
    losses = []
    for _ in range(15):
        loss, parts = loss_of(*network(grey), *train.targets(one))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
        assert min(parts) >= 0
    assert losses[-1] < 0.6 * losses[0]


def test_what_is_right_loses_little() -> None:
    ink, core, up = train.targets(crop())
    lines = torch.cat([(core[:, None] * 2 - 1) * 20, up], dim=1)
    right, _ = loss_of((ink[:, None] * 2 - 1) * 20, lines, ink, core, up)
    wrong, _ = loss_of((1 - ink[:, None] * 2) * 20, -lines, ink, core, up)
    assert float(right) < 0.05 < float(wrong)


def test_targets_are_shares_and_unit_vectors() -> None:
    ink, core, up = train.targets(crop())
    assert ink.shape == (1, SIZE, SIZE)
    assert core.shape == (1, SIZE // FOLD, SIZE // FOLD)
    assert up.shape == (1, 2, SIZE // FOLD, SIZE // FOLD)
    assert {float(ink.min()), float(ink.max()), float(core.max())} == {0.0, 1.0}
    assert torch.equal(torch.linalg.vector_norm(up, dim=1), (core > 0).float())


def test_disturbed_crops_stay_in_range() -> None:
    grey = train.disturbed(crop(), np.random.default_rng(3))
    assert grey.shape == (1, SIZE, SIZE)
    assert grey.dtype == torch.float32
    assert 0 <= float(grey.min()) <= float(grey.max()) <= 1


def test_what_is_drawn_comes_out_of_the_pool(filled: Path) -> None:
    assert len(shards(filled)) == 3
    assert not list(filled.glob("*.partial"))
    source = Pool(filled, held=2, seed=5)
    seen = set()
    for _ in range(40):
        batch = source.batch(3)
        assert batch.grey.shape == batch.ink.shape == (3, SIZE, SIZE)
        assert batch.core.shape == (3, SIZE // FOLD, SIZE // FOLD)
        assert batch.up.shape == (3, SIZE // FOLD, SIZE // FOLD, 2)
        assert (batch.up.dtype, batch.grey.dtype) == (np.int8, np.uint8)
        for i in range(3):
            number = int(batch.grey[i, 0, 0]) - 150
            seen.add(number)
            assert all(np.array_equal(a, b) for a, b in zip(
                (batch.grey[i], batch.ink[i], batch.core[i], batch.up[i]), sample(number), strict=True
            ))  # fmt: skip
        assert len(source.held) <= 2
    assert len(seen) > 4
    assert int((filled / f"consumed-{os.getpid()}").read_text()) > 0


def test_only_so_many_shards_are_kept(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SHARDS", 2)
    (filled / "consumed-1").write_text("1000")
    with pytest.raises(EnoughError):
        fill(filled, numbered(8), seed=2)
    assert [path.name.endswith("-2.npz") for path in shards(filled)] == [True, True]


def test_a_training_writes_a_model_that_reads(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "PageNet", Tiny)
    monkeypatch.setattr(export, "PageNet", Tiny)
    work = tmp_path
    torch.distributed.init_process_group("gloo", f"file://{tmp_path / 'meeting'}", rank=0, world_size=1)
    try:
        for _ in range(2):  # the second one goes on from the first one's checkpoint
            train.learn(filled, work / recipe.RUN, 0.02, 1e-3, 0.25)
    finally:
        torch.distributed.destroy_process_group()
    saved = torch.load(work / recipe.RUN, weights_only=True)
    assert saved["steps"] > 1
    assert recipe.main(["export", "--work", str(work), "--model", str(work / "page.onnx")]) == 0
    maps = page_model.load_page_model(work / "page.onnx", "cpu").maps(np.full((50, 70), 200, np.uint8))
    assert maps.ink.shape == (50, 70)
    assert maps.core.shape == (13, 18)
    assert maps.up.shape == (2, 13, 18)


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    options = steps.parse("page", "", recipe.STEPS, ["train", "--minutes", "3", "--processes", "1"])
    assert (options.step, options.minutes, options.processes) == ("train", 3.0, 1)
    assert steps.parse("page", "", recipe.STEPS, ["draw", "--seed", "7"]).seed == 7
    with pytest.raises(SystemExit):
        recipe.main([])
    assert "STEP" in capsys.readouterr().err


@pytest.mark.parametrize(("step", "before"), [("draw", "prepare"), ("evaluate", "prepare"), ("export", "train")])
def test_a_step_says_which_one_comes_before_it(
    step: str, before: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recipe.main([step, "--work", str(tmp_path), "--data", str(tmp_path)]) == 3
    assert f"models.recipe.page {before}" in capsys.readouterr().err


def test_prepared_hands_are_drawn_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands([], [], [], [], ["word"])
    monkeypatch.setattr(studio_of_pages, "load_hands", lambda data, seed, held_out: hands)
    assert recipe.main(["prepare", "--data", str(tmp_path), "--work", str(tmp_path / "work")]) == 0
    assert pickle.loads((tmp_path / "work" / studio_of_pages.HANDS).read_bytes()) == hands
    filled_with = []
    monkeypatch.setattr(pool, "fill", lambda folder, draw, seed: filled_with.append((folder, draw.args, seed)))
    assert recipe.main(["draw", "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--seed", "4"]) == 0
    ((folder, (studio, size), seed),) = filled_with
    assert (folder, size, seed) == (tmp_path / "work" / recipe.CROPS, pool.SIZE, 4)
    assert studio.hands == hands


def test_training_takes_what_the_command_line_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    monkeypatch.setattr(train, "train", lambda *arguments, **named: called.append((arguments, named)))
    assert recipe.main(["train", "--work", str(tmp_path), "--minutes", "9", "--rate", "0.1", "--processes", "3"]) == 0
    assert called == [((tmp_path / recipe.CROPS, tmp_path / recipe.RUN, 9.0, 0.1), {"processes": 3})]


def test_overlap_of_masks() -> None:
    found, truth = np.array([1, 1, 1, 0, 0], bool), np.array([0, 1, 1, 1, 0], bool)
    one = evaluate.overlap(found, truth)
    assert (one.iou, one.precision, one.recall) == (0.5, 2 / 3, 2 / 3)
    assert (one + one).both == 4
    assert evaluate.Overlap().iou == 1


def test_a_model_that_says_what_is_true_is_measured_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    ink = np.zeros((32, 32), np.uint8)
    ink[8:16, 4:28] = 255
    core = np.zeros((8, 8), np.uint8)
    core[2:4, 1:7] = 255
    up = np.zeros((8, 8, 2), np.int8)
    up[2:4, 1:7] = (0, -127)

    class Right:
        def maps(self, grey: np.ndarray) -> page_model.Maps:
            return page_model.Maps(ink, core / np.float32(255), np.moveaxis(up, -1, 0) / np.float32(127))

    monkeypatch.setattr(evaluate, "drawn_crops", lambda *_, reading: [(ink, ink, core, up)])
    table = evaluate.evaluate(Right(), Studio(Hands([], [], [], [], []), Surroundings()), 1)
    assert "| as the page is read | 1 | 1.000 | 1.000 | 1.000 | 1.000 | 0.0° |" in table
    assert "In 0 crops without writing" in table
