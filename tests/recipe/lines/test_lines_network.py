"""The line network: attention sees ink alone, wherever it stands, and can be added to a model that reads already."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.lines import export
from models.recipe.lines.network import LETTER, STRIDE, UNSEEN, LineNet, blank_letters
from models.recipe.lines.start import begin
from ocrcli.core.onnx_model import open_model, run
from ocrcli.lines.line_image import HEIGHT

LABELS = 5


def network(looks: tuple[int, ...]) -> LineNet:
    torch.manual_seed(5)
    made = LineNet(widths=(4, 6, 8), width=8, blocks=2, looks=looks, heads=2, labels=LABELS)
    with torch.no_grad():
        for _ in range(30):  # batch norms see something
            made.train()(torch.from_numpy(strips(64)))
    return made.eval()


def strips(width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (3, HEIGHT, width), np.uint8)


def test_letters_without_ink_are_not_looked_at() -> None:
    image = torch.zeros(1, 1, HEIGHT, 16 * LETTER * STRIDE)
    image[..., 7, 8 * LETTER * STRIDE] = 1
    blank = blank_letters(image).squeeze()
    assert blank.shape == (16,)
    assert blank[8] == 0
    assert (blank[:7] == UNSEEN).all()
    assert (blank[10:] == UNSEEN).all()


def test_attention_reaches_over_the_whole_row_and_convolutions_do_not() -> None:
    far = np.concatenate([strips(64), np.zeros((3, HEIGHT, 400), np.uint8), strips(64, 1)], axis=2)
    other = far.copy()
    other[:, :, -40:] = 0
    with torch.no_grad():
        for looks, same in (((), True), ((2,), False)):
            first, second = (network(looks)(torch.from_numpy(row))[:, :4] for row in (far, other))
            assert torch.equal(first, second) == same


@pytest.mark.parametrize("width", [16, 20, 68, 164])
def test_any_number_of_steps_is_read_alike_by_torch_and_onnxruntime(width: int, tmp_path: Path) -> None:
    made = network((1, 2))
    export.write(export.serialize(made), tmp_path / "lines.onnx", 1.0)
    session, _ = open_model(tmp_path / "lines.onnx", "cpu")
    image = strips(width, 2)
    found = run(session, {"strips": image}, (3, width // STRIDE, LABELS))
    with torch.no_grad():
        np.testing.assert_allclose(found, made(torch.from_numpy(image)).numpy(), rtol=1e-3, atol=1e-3)


def test_attention_that_is_added_to_a_model_is_silent_in_the_beginning_and_can_learn(tmp_path: Path) -> None:
    before, after = network(()), LineNet(widths=(4, 6, 8), width=8, blocks=2, looks=(1,), heads=2, labels=LABELS)
    export.write(export.serialize(before), tmp_path / "lines.onnx", 1.0)
    begin(after, tmp_path / "lines.onnx", strips(64))
    image = torch.from_numpy(strips(64, 3))
    with torch.no_grad():
        torch.testing.assert_close(after.eval()(image), before(image), rtol=1e-3, atol=1e-3)
    after.train()(image).square().sum().backward()
    assert after.looks["1"].out_norm.weight.grad.abs().sum() > 0
