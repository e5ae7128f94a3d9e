"""Loading the page model, looking with it, reading with and without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, Ocr, one_line
from drawn import TEXT, photo, written
from PIL import Image

import ocrcli
from ocrcli.binarize.page_model import FOLD, PageModel, load_page_model
from ocrcli.core.errors import ModelError, NothingWrittenError, UsageError
from ocrcli.core.files import shipped
from ocrcli.core.settings import Settings
from ocrcli.evaluation.scoring import score
from ocrcli.pipeline.reading import Reader


@pytest.fixture(scope="module")
def page_model() -> PageModel:
    return load_page_model(device="cpu")


@pytest.mark.parametrize("shape", [(1, 1), (31, 31), (32, 64), (33, 5), (7, 300), (100, 1)])
def test_maps_are_as_large_as_the_photo(page_model: PageModel, shape: tuple[int, int]) -> None:
    maps = page_model.maps(np.full(shape, 200, np.uint8))
    coarse = -(-shape[0] // FOLD), -(-shape[1] // FOLD)
    assert maps.ink.shape == shape
    assert maps.ink.dtype == np.uint8
    assert maps.core.shape == coarse
    assert maps.up.shape == (2, *coarse)
    assert 0 <= maps.core.min() <= maps.core.max() <= 1


def test_ink_is_found_where_it_is_written(page_model: PageModel) -> None:
    ink = written()
    maps = page_model.maps(photo(ink, noise=2))
    assert maps.ink[ink > 200].mean() > 128
    assert maps.ink[ink == 0].mean() < 32
    sure = maps.core > 0.5
    assert sure.any()
    assert maps.up[1][sure].mean() < -0.5  # y grows downwards


def test_a_file_that_is_missing_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        load_page_model(tmp_path / "none.onnx")


@pytest.mark.parametrize("name", ["letters.onnx", "lines.onnx"])
def test_another_kind_of_model_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="not a page model"):
        load_page_model(shipped(name), "cpu")


@pytest.mark.parametrize(("change", "says"), [({"ocrcli.format": "page/0"}, "page/0"), ({"ocrcli.fold": "8"}, "fold")])
def test_a_page_model_of_another_make_is_refused(tmp_path: Path, change: dict[str, str], says: str) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(shipped("page.onnx"))
    properties = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**properties, **change})
    onnx.save(model, tmp_path / "page.onnx")
    with pytest.raises(ModelError, match=says):
        load_page_model(tmp_path / "page.onnx", "cpu")


def test_a_page_model_with_other_outputs_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.load(shipped("page.onnx"))
    for node in model.graph.node:
        node.output[:] = ["cores" if name == "lines" else name for name in node.output]
    model.graph.output[1].name = "cores"
    onnx.save(model, tmp_path / "page.onnx")
    with pytest.raises(ModelError, match="not grey, ink and lines"):
        load_page_model(tmp_path / "page.onnx", "cpu")


def test_no_such_device_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        load_page_model(device="abacus")


@pytest.mark.parametrize("wrong", [b"not a model", None])
def test_a_wrong_file_as_page_model_exits_4(ocr: Ocr, tmp_path: Path, wrong: bytes | None) -> None:
    model = tmp_path / "page.onnx"
    model.write_bytes(shipped("letters.onnx").read_bytes() if wrong is None else wrong)
    done = ocr("read", "--page-model", model, EXAMPLES / "sticky_note.jpg")
    assert done.returncode == 4
    assert done.stdout == ""
    assert one_line(done.stderr)


def test_an_unknown_orientation_is_a_usage_error(ocr: Ocr) -> None:
    done = ocr("read", "--orientation", "45", EXAMPLES / "sticky_note.jpg")
    assert done.returncode == 2
    assert "45" in done.stderr
    with pytest.raises(UsageError, match="orientation"):
        Reader(Settings(orientation="45"))


@pytest.mark.parametrize("page_model", [None, Path("none")])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_note_is_read_as_it_is_turned(page_model: Path | None, turned: int) -> None:
    note = np.ascontiguousarray(np.rot90(photo(written(), noise=3), turned // 90))
    page = Reader(Settings(page_model=page_model, orientation=str(turned))).read(note)
    assert page.turned == turned
    assert (page.width, page.height) == written().shape[::-1]
    assert score("\n".join(TEXT), page.text).letter_accuracy > 0.85


def test_the_command_reads_without_the_page_model(ocr: Ocr, tmp_path: Path) -> None:
    Image.fromarray(photo(written(), noise=3)).save(tmp_path / "note.png")
    done = ocr("read", "--page-model", "none", tmp_path / "note.png")
    assert done.returncode == 0
    assert score("\n".join(TEXT), done.stdout).letter_accuracy > 0.85


NOTHING = {
    "blank": np.full((400, 600), 240, np.uint8),
    "white": np.full((400, 600), 255, np.uint8),
    "black": np.zeros((400, 600), np.uint8),
    "noise": np.random.default_rng(1).normal(200, 4, (400, 600)).clip(0, 255).astype(np.uint8),
    "half": np.repeat(np.repeat(np.array([20, 240], np.uint8), 200)[:, None], 500, axis=1),
    "tiny": np.full((12, 20), 200, np.uint8),
}


READERS = pytest.mark.parametrize("which", ["reader", "baseline_reader"])


@READERS
@pytest.mark.parametrize("name", NOTHING)
def test_where_nothing_is_written_nothing_is_read(request: pytest.FixtureRequest, name: str, which: str) -> None:
    with pytest.raises(NothingWrittenError):
        request.getfixturevalue(which).read(NOTHING[name])


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (20, 20), (8, 4000), (4000, 8), (31, 31)])
@READERS
def test_pictures_of_any_shape_are_read_or_refused_in_one_line(
    request: pytest.FixtureRequest, shape: tuple[int, int], which: str
) -> None:
    grey = np.random.default_rng(2).normal(200, 3, shape).clip(0, 255).astype(np.uint8)
    with pytest.raises(ocrcli.OcrError) as caught:
        request.getfixturevalue(which).read(grey)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
