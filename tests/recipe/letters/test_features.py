"""The output `features`: it changes no logits, and the logits are made of it by one linear layer."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")

from models.recipe.training.onnx_file import expose_features, give_features
from ocrcli.core.files import shipped
from ocrcli.core.onnx_model import FEATURES
from ocrcli.letters.classifier import load_classifier
from ocrcli.lines.line_model import load_line_model


def without_features(name: str, path: Path) -> Path:
    """A shipped model as it was without the output."""
    model = onnx.load(shipped(name))
    outputs = [output for output in model.graph.output if output.name != FEATURES]
    del model.graph.output[:]
    model.graph.output.extend(outputs)
    onnx.save(model, path)
    return path


def test_letters_are_the_same_to_the_bit(tmp_path: Path) -> None:
    path = without_features("letters.onnx", tmp_path / "letters.onnx")
    crops = np.random.default_rng(0).integers(0, 256, (20, 32, 32), np.uint8)
    plain = load_classifier(path, "cpu")
    assert plain.width == 0
    before = plain.log_probabilities(crops)
    give_features(path)
    after = load_classifier(path, "cpu")
    assert after.width == 192
    assert (after.log_probabilities(crops) == before).all()
    assert after.seen(crops)[1].shape == (20, 192)


def test_rows_are_the_same_to_the_bit(tmp_path: Path) -> None:
    path = without_features("lines.onnx", tmp_path / "lines.onnx")
    rows = [np.random.default_rng(n).integers(0, 256, (40, width), np.uint8) for n, width in enumerate((90, 200))]
    before = load_line_model(path, "cpu").log_probabilities(rows)
    give_features(path)
    model = load_line_model(path, "cpu")
    assert all((a == b).all() for a, b in zip(model.log_probabilities(rows), before, strict=True))
    assert [features.shape for _, features in model.seen(rows)] == [(23, 192), (50, 192)]


@pytest.mark.parametrize("name", ["letters.onnx", "lines.onnx"])
def test_a_model_that_has_features_stays_as_it_is(name: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(shipped(name), tmp_path / name))
    give_features(path)
    assert [output.name for output in onnx.load(path).graph.output] == ["logits", FEATURES]


def test_logits_that_no_layer_makes_are_refused() -> None:
    graph = onnx.parser.parse_graph("g (float[n,2] a) => (float[n,2] logits) { logits = Exp(a) }")
    model = onnx.helper.make_model(graph)
    with pytest.raises(ValueError, match="not out of a layer"):
        expose_features(model)
