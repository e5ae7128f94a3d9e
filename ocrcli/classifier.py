"""The letter classifier: crops -> class probabilities, by an ONNX model on any execution provider."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ocrcli import glyphs
from ocrcli.errors import ModelError, UsageError
from ocrcli.files import shipped

if TYPE_CHECKING:
    import onnxruntime

FORMAT = "letters/1"
"""Inputs `crops` uint8 (n, 32, 32) and `size` float32 (n, 2); output `logits` float32 (n, classes)."""

BATCHES = (16, 64, 256)
"""Batch sizes that are run. Fixed ones let a provider plan memory, or compile, just three times."""

DEVICES = {
    "auto": "",
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""Names of `--device` and onnxruntime's execution providers; `auto` tries several."""

PACKAGES = {
    "cuda": "onnxruntime-gpu",
    "tensorrt": "onnxruntime-gpu and NVIDIA's tensorrt",
    "directml": "onnxruntime-directml (Windows)",
    "coreml": "onnxruntime (macOS)",
    "openvino": "onnxruntime-openvino",
}

AUTO_ORDER = ("cuda", "directml", "cpu")
"""What `auto` tries. TensorRT, OpenVINO and CoreML compile the model for seconds before they gain
anything on a network this small, so they run only when asked for."""


@dataclass(frozen=True)
class Classifier:
    """A letter model that is loaded and ready.

    Attributes:
        session: The onnxruntime session.
        labels: The character of each class, in the order of the logits.
        temperature: Divides the logits, so that the probabilities are calibrated (Guo et al. 2017).
        device: Name of the device that really runs, a key of `DEVICES`.
    """

    session: onnxruntime.InferenceSession
    labels: tuple[str, ...]
    temperature: float
    device: str

    @cached_property
    def label_array(self) -> NDArray[np.str_]:
        """(classes,) the labels as an array."""
        return np.array(self.labels)

    def log_probabilities(
        self, crops: NDArray[np.uint8], sizes: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Calibrated log-probabilities of every class.

        Args:
            crops: (n, 32, 32) uint8, as `ocrcli.glyphs.crop` makes them.
            sizes: (n, 2) float32, width and height of each glyph in capital heights of its row;
                (0, 0), or no array at all, where unknown.

        Returns:
            (n, classes) float32; each row's probabilities sum to 1.
        """
        known = np.zeros((len(crops), 2), np.float32) if sizes is None else sizes.astype(np.float32)
        logits = [np.empty((0, len(self.labels)), np.float32)]
        start = 0
        while start < len(crops):
            batch = next((b for b in BATCHES if b >= len(crops) - start), BATCHES[-1])
            logits.append(self._run(crops[start : start + batch], known[start : start + batch], batch))
            start += batch
        return log_softmax(np.concatenate(logits) / self.temperature)

    def _run(self, crops: NDArray[np.uint8], sizes: NDArray[np.float32], batch: int) -> NDArray[np.float32]:
        count = len(crops)
        if count < batch:
            crops = np.concatenate([crops, np.zeros((batch - count, *crops.shape[1:]), np.uint8)])
            sizes = np.concatenate([sizes, np.zeros((batch - count, 2), np.float32)])
        (out,) = self.session.run(["logits"], {"crops": crops, "size": sizes})
        return np.asarray(out)[:count]


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithm of the softmax over the last axis.

    The largest logit is taken away first, so no exponential overflows and none of the sums is 0.
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def load_classifier(model: Path | None = None, device: str = "auto") -> Classifier:
    """Load a letter model and check that it is one.

    Args:
        model: An ONNX file; None takes the one that ships.
        device: A key of `DEVICES`.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing, is no ONNX model, or was made for another crop; or if
            `device` was asked for and is not there.
    """
    import onnxruntime

    path = model or shipped("letters.onnx")
    if not path.is_file():
        raise ModelError(f"{path}: there is no such model file; leave --model out to use the one that ships")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # a provider that fails is reported below, in one line
    tried = (device,) if device != "auto" else AUTO_ORDER
    available = onnxruntime.get_available_providers()
    for name in tried:
        if name not in DEVICES:
            raise UsageError(f"no device {name!r}; choose one of: {', '.join(DEVICES)}")
        provider = DEVICES[name]
        if provider not in available:
            continue
        session = _session(path, options, provider)
        # onnxruntime falls back to the CPU without an error when a provider cannot start.
        if session.get_providers()[0] == provider:
            return _checked(path, session, name)
    raise ModelError(
        f"device {device!r} cannot be used here; install {PACKAGES.get(device, 'onnxruntime')}, or use --device cpu"
    )


def _session(path: Path, options: onnxruntime.SessionOptions, provider: str) -> onnxruntime.InferenceSession:
    import onnxruntime

    providers = [provider] if provider == DEVICES["cpu"] else [provider, DEVICES["cpu"]]
    try:
        # onnxruntime prints to stdout when a provider fails to start; stdout is for data.
        with contextlib.redirect_stdout(sys.stderr):
            return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ModelError(f"{path}: not an ONNX model that onnxruntime can load ({_first_line(error)})") from error


def _checked(path: Path, session: onnxruntime.InferenceSession, device: str) -> Classifier:
    meta = session.get_modelmeta().custom_metadata_map
    if meta.get("ocrcli.format") != FORMAT:
        found = meta.get("ocrcli.format", "none")
        raise ModelError(f"{path}: not a letter model of ocrcli (needs format {FORMAT!r}, found {found!r})")
    if meta.get("ocrcli.crop") != glyphs.GEOMETRY:
        raise ModelError(
            f"{path}: made for other crops ({meta.get('ocrcli.crop')!r}) than this version cuts "
            f"({glyphs.GEOMETRY!r}); make it again with: python -m models.recipe"
        )
    try:
        labels = tuple(json.loads(meta["ocrcli.labels"]))
        temperature = float(meta["ocrcli.temperature"])
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"{path}: its labels or its temperature cannot be read ({error})") from error
    if any(not isinstance(label, str) or len(label) > 1 for label in labels):
        raise ModelError(f"{path}: a label is one character, or empty for what is not a letter")
    names = {i.name for i in session.get_inputs()} | {o.name for o in session.get_outputs()}
    if names != {"crops", "size", "logits"}:
        raise ModelError(f"{path}: its inputs and outputs are {', '.join(sorted(names))}, not crops, size and logits")
    classes = session.get_outputs()[0].shape[-1]
    if classes != len(labels) or len(set(labels)) != len(labels) or not 0 < temperature < np.inf:
        raise ModelError(f"{path}: {len(labels)} labels do not fit {classes} classes, or temperature is not positive")
    return Classifier(session, labels, temperature, device)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
