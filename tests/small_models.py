"""Small ONNX models, made up, for the tests of what loads models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest


def save_model(
    path: Path, signature: str, nodes: str, metadata: Mapping[str, str | None], **weights: np.ndarray
) -> Path:
    """Write a model; without the package onnx, the test is skipped.

    Args:
        path: The file.
        signature: Inputs and outputs in ONNX's own text syntax, as `(uint8[n,32,32] crops) => (float[n,4] logits)`.
        nodes: The nodes in the same syntax.
        metadata: Its properties; one that is None is left out.
        weights: Arrays by the names that the nodes call them.

    Returns:
        The path.
    """
    onnx = pytest.importorskip("onnx")
    from onnx import helper, numpy_helper, parser

    model = parser.parse_model(f'<ir_version: 8, opset_import: ["" : 17]> g {signature} {{ {nodes} }}')
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights.items())
    helper.set_model_props(model, {key: value for key, value in metadata.items() if value is not None})
    onnx.save(model, path)
    return path
