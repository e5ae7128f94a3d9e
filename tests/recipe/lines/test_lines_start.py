"""Training of the line reader from a model that is there already, and words as the reader sees them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting.words import CHARACTERS, without_lines
from models.recipe.lines import batches, export, sources, train
from models.recipe.lines.network import LineNet
from models.recipe.lines.start import begin, take_what_is_new
from models.recipe.training import onnx_file
from ocrcli.lines.line_image import HEIGHT


def network(blocks: int, widths: tuple[int, int, int] = (4, 6, 8), more: int = 0) -> LineNet:
    return LineNet(widths=widths, width=8, blocks=blocks, labels=len(CHARACTERS) + 1 + more)


def strips(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (5, HEIGHT, 64), np.uint8)


@pytest.fixture
def trained(tmp_path: Path) -> tuple[LineNet, Path]:
    """A network whose batch norms have seen something, and its exported form."""
    torch.manual_seed(3)
    made = network(1)
    with torch.no_grad():
        for _ in range(3):
            made.train()(torch.from_numpy(strips(7)))
    path = tmp_path / "lines.onnx"
    model = export.serialize(made)
    onnx_file.halve(model)
    export.write(model, path, 1.0)
    return made.eval(), path


def test_a_deeper_network_begins_by_reading_as_the_model_does(trained: tuple[LineNet, Path]) -> None:
    model, path = trained
    deeper = network(3)
    begin(deeper, path, strips(1))
    with torch.no_grad():
        expected, found = (net.eval()(torch.from_numpy(strips(2))) for net in (model, deeper))
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)  # weights are stored in half precision


def test_a_character_that_the_model_has_not_is_silent_in_the_beginning(trained: tuple[LineNet, Path]) -> None:
    model, path = trained
    richer, other = network(1, more=2), network(1, more=2)
    begin(richer, path, strips(1))
    with torch.no_grad():
        expected, found = (net.eval()(torch.from_numpy(strips(2))) for net in (model, richer))
    torch.testing.assert_close(found[..., :-2], expected, rtol=0.02, atol=0.02)
    assert (found[..., -2:] == -8).all()
    take_what_is_new(richer, other, path)
    assert torch.equal(richer.head.weight[-2:], other.head.weight[-2:])
    assert not torch.equal(richer.head.weight[:-2], other.head.weight[:-2])


def test_what_the_model_has_not_is_as_it_was_trained(trained: tuple[LineNet, Path]) -> None:
    deeper, other = network(2), network(2)
    begin(deeper, trained[1], strips(1))
    take_what_is_new(deeper, other, trained[1])
    assert torch.equal(deeper.along[1].out.weight, other.along[1].out.weight)
    assert torch.equal(deeper.along[1].out_norm.weight, other.along[1].out_norm.weight)
    assert not torch.equal(deeper.along[0].out.weight, other.along[0].out.weight)


def test_what_is_added_can_learn(trained: tuple[LineNet, Path]) -> None:
    deeper = network(2)
    begin(deeper, trained[1], strips(1))
    assert deeper.training
    deeper(torch.from_numpy(strips(2))).square().sum().backward()
    norm = deeper.along[1].out_norm
    assert not norm.weight.any()
    assert norm.weight.grad.abs().sum() > 0


def test_a_model_in_which_layers_share_their_values_is_a_start_too(
    trained: tuple[LineNet, Path], tmp_path: Path
) -> None:
    once = network(3)
    begin(once, trained[1], strips(1))  # the blocks that are new are alike, and the exporter keeps one of them
    model = export.serialize(once)
    onnx_file.halve(model)
    export.write(model, tmp_path / "again.onnx", 1.0)
    again = network(3)
    begin(again, tmp_path / "again.onnx", strips(1))
    with torch.no_grad():
        expected, found = (net.eval()(torch.from_numpy(strips(2))) for net in (once, again))
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)


def test_a_model_of_another_width_is_refused(trained: tuple[LineNet, Path]) -> None:
    with pytest.raises(ValueError, match="has no convolution"):
        begin(network(1, widths=(4, 6, 10)), trained[1], strips())


def test_a_line_through_a_words_picture_goes_and_strokes_across_it_stay() -> None:
    mask = np.zeros((30, 80), bool)
    mask[20:22] = True
    mask[5:28, 10:13] = True
    left = without_lines(mask, 3.0)
    assert left[20:22, 10:13].all()
    assert not left[20:22, 20:].any()
    assert left[5:28, 10:13].all()


def test_a_letters_bar_and_a_thick_one_are_no_line() -> None:
    bar = np.zeros((30, 80), bool)
    bar[20:22, 10:60] = True
    thick = np.zeros((30, 80), bool)
    thick[8:20] = True
    for mask in (bar, thick):
        assert np.array_equal(without_lines(mask, 3.0), mask)


def test_a_run_that_goes_on_does_not_begin_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []
    monkeypatch.setattr(train, "LineNet", lambda: network(1))
    monkeypatch.setattr(train, "stream", lambda *_: iter([batches.LineBatch(strips(), *[np.ones(5)] * 3)]))
    monkeypatch.setattr(train, "begin", lambda network, start, strips: begun.append(start))
    plan, start = train.LinePlan(minutes=3), tmp_path / "start.onnx"
    start.write_bytes(b"a model")
    (tmp_path / sources.SOURCES).write_bytes(b"words")
    first = train.LineTrainer(tmp_path, plan, start=start)
    first.step, first.seconds = 7, 9.0
    first.store(first.checkpoint)
    again = train.LineTrainer(tmp_path, plan, start=start)
    assert (again.step, again.seconds) == (7, 9.0)
    assert begun == [start]
    assert train.LineTrainer(tmp_path, train.LinePlan(minutes=4), start=start).step == 0
    start.write_bytes(b"another model")
    assert train.LineTrainer(tmp_path, plan, start=start).step == 0
    (tmp_path / sources.SOURCES).write_bytes(b"other words")
    assert train.LineTrainer(tmp_path, plan, start=start).step == 0
    assert begun == [start] * 4
