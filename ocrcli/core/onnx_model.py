"""ONNX models: open a file on a device, check its metadata, run it."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import ModelError, check_name
from ocrcli.core.extras import REPAIR
from ocrcli.core.printable import printable

if TYPE_CHECKING:
    import onnxruntime

DEVICES = {
    "auto": "",
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""Name for `--device` -> execution provider of onnxruntime; `auto` tries several."""

DEVICE_PACKAGES = {
    "cuda": "onnxruntime-gpu",
    "tensorrt": "onnxruntime-gpu and NVIDIA's tensorrt",
    "directml": "onnxruntime-directml (Windows)",
    "coreml": "onnxruntime (macOS)",
    "openvino": "onnxruntime-openvino",
}

FEATURES = "features"
"""Name of an output that a model may have beside its logits: what its last layer sees, from which a hand is learnt."""

AUTO_ORDER = ("cuda", "directml", "cpu")
"""Devices that `auto` tries, in this order. TensorRT, OpenVINO and CoreML compile the model for seconds, which does not
pay off for networks this small, so they run only if they are asked for."""

NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""Environment variable that keeps onnxruntime, from 1.29 on, from writing an identifier of this computer and a record
of runs into the cache folder, and from sending them to its makers (its ``docs/Privacy.md``)."""

_STDOUT = threading.Lock()
"""Held while stdout is redirected."""


def open_model(path: Path, device: str = "auto", threads: int = 0) -> tuple[onnxruntime.InferenceSession, str]:
    """Load an ONNX file.

    Args:
        path: The file.
        device: A key of `DEVICES`.
        threads: Number of threads; 0 for ``OMP_NUM_THREADS``, at most one for each core.

    Returns:
        The session, and the name of the device that really runs it.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing or not an ONNX model, if the device cannot be used, or if onnxruntime is not
            installed.

    Examples:
        >>> session, device = open_model(Path("models/letters.onnx"), "cpu")  # doctest: +SKIP
    """
    os.environ.setdefault(NO_TELEMETRY, "1")  # it is read once, when onnxruntime starts
    try:
        import onnxruntime
    except ImportError as error:  # it was uninstalled for another variant, or its installation is incomplete
        raise ModelError(f"the models cannot be run ({printable(str(error))}); {REPAIR}") from error
    onnxruntime.disable_telemetry_events()  # for Windows, and where another part of the program started it before
    if not path.is_file():
        raise ModelError(f"{path}: there is no such model file; leave the option out to use the one that ships")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # a provider that fails is reported below, in one line
    # onnxruntime no longer reads this variable itself; parallel processes must not compete for cores.
    options.intra_op_num_threads = threads or wanted_threads(os.environ.get("OMP_NUM_THREADS", ""))
    # Waiting threads of three models that spin would take half of the processor time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Images have many sizes: a memory arena would keep the memory of the largest one, and it grows by doubling.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    tried = (device,) if device != "auto" else AUTO_ORDER
    available = onnxruntime.get_available_providers()
    for name in tried:
        check_name("device", name, DEVICES)
        provider = DEVICES[name]
        if provider not in available:
            continue
        session = _session(path, options, provider)
        # onnxruntime falls back to the CPU without an error when a provider cannot start.
        if session.get_providers()[0] == provider:
            return session, name
    package = DEVICE_PACKAGES.get(device, "onnxruntime")
    raise ModelError(f"device {device!r} cannot be used here; install {package}, or use --device cpu")


def wanted_threads(text: str) -> int:
    """The number of threads that ``OMP_NUM_THREADS`` asks for, at most one for each core; 0 if it is not a number.

    The limit is there because a process with thousands of threads makes no progress.

    Examples:
        >>> wanted_threads("1"), wanted_threads("many")
        (1, 0)
    """
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return min(wanted, os.cpu_count() or 1)


def run(session: onnxruntime.InferenceSession, inputs: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> Any:
    """Run a model and return its output ``logits``.

    Args:
        session: The model.
        inputs: Input arrays by name.
        shape: Expected shape of the output.

    Returns:
        float32 array of that shape, all values finite.

    Raises:
        ModelError: If the model cannot be run, or its output has another shape or type or is not finite.
    """
    return run_outputs(session, inputs, {"logits": shape})[0]


def run_outputs(
    session: onnxruntime.InferenceSession, inputs: dict[str, NDArray[Any]], shapes: Mapping[str, tuple[int, ...]]
) -> list[NDArray[np.float32]]:
    """Run a model and return some of its outputs, in the order of `shapes`; otherwise as `run`.

    Args:
        session: The model.
        inputs: Input arrays by name.
        shapes: Expected shape of each output that is wanted.
    """
    try:
        made = session.run([*shapes], inputs)
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ModelError(f"the model cannot be run ({first_line(error)}); make it again by its recipe") from error
    return [_checked(np.asarray(array), shape) for array, shape in zip(made, shapes.values(), strict=True)]


def _checked(found: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if found.shape != shape or found.dtype.kind != "f":
        difference = f"{found.dtype} {found.shape} in place of floats {shape}"
        raise ModelError(f"the model gives {difference}; make it again by its recipe")
    if not np.isfinite(found).all():
        raise ModelError("the model gives NaN or infinite numbers; make it again by its recipe")
    return found.astype(np.float32, copy=False)


def check_interface(
    path: Path, session: onnxruntime.InferenceSession, inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    """Check the names of a model's inputs and outputs; it may also have the output `FEATURES`.

    Raises:
        ModelError: If they are others.
    """
    names = {i.name for i in session.get_inputs()} | {o.name for o in session.get_outputs()}
    if names - {FEATURES} != {*inputs, *outputs}:
        *most, last = *inputs, *outputs
        wanted = f"{', '.join(most)} and {last}"
        raise ModelError(f"{path}: its inputs and outputs are {', '.join(sorted(names))}, not {wanted}")


def check_logits(path: Path, session: onnxruntime.InferenceSession, rank: int, classes: int) -> None:
    """Check the shape of a model's first output: so many dimensions, the last of which are the classes.

    Raises:
        ModelError: If it is another.
    """
    shape = session.get_outputs()[0].shape
    if len(shape) != rank or shape[-1] != classes:
        raise ModelError(f"{path}: {classes} classes do not fit its logits of shape {shape}")


def features_width(path: Path, session: onnxruntime.InferenceSession) -> int:
    """Number of channels of a model's output `FEATURES`, its second dimension; 0 for a model without it.

    Raises:
        ModelError: If that dimension has no fixed size.
    """
    shape = next((output.shape for output in session.get_outputs() if output.name == FEATURES), None)
    if shape is None:
        return 0
    if len(shape) < 2 or not isinstance(shape[1], int) or shape[1] < 1:
        raise ModelError(f"{path}: its features have the shape {shape}; make it again by its recipe")
    return shape[1]


def labels_of(path: Path, text: str) -> tuple[str, ...]:
    """Parse the labels in a model's metadata: a JSON list of characters.

    Args:
        path: The model file, for messages.
        text: The JSON.

    Raises:
        ModelError: If it is not a list of different printable characters; one of them may be empty.

    Examples:
        >>> labels_of(Path("letters.onnx"), '["a", "b", ""]')
        ('a', 'b', '')
    """
    try:
        labels = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{path}: its labels are not JSON ({first_line(error)}); make it again by its recipe"
        ) from error
    known = isinstance(labels, list) and all(isinstance(label, str) for label in labels)
    if not known or any(len(label) > 1 or not label.isprintable() for label in labels):
        raise ModelError(f"{path}: its labels are not single printable characters; make it again by its recipe")
    if len(set(labels)) != len(labels):
        raise ModelError(f"{path}: some of its labels are the same; make it again by its recipe")
    return tuple(labels)


def temperature_of(path: Path, text: str) -> float:
    """Parse the calibration temperature in a model's metadata; logits are divided by it.

    Raises:
        ModelError: If it is not a number from 0.01 to 100.
    """
    try:
        temperature = float(text)
    except ValueError as error:
        raise ModelError(f"{path}: its temperature is not a number; make it again by its recipe") from error
    if not 0.01 <= temperature <= 100:
        raise ModelError(f"{path}: its temperature is not from 0.01 to 100; make it again by its recipe")
    return temperature


def metadata(path: Path, session: onnxruntime.InferenceSession, kind: str, expected: dict[str, str]) -> dict[str, str]:
    """Check and return a model's metadata.

    Args:
        path: The model file, for messages.
        session: The model.
        kind: What kind of model is expected, for messages.
        expected: Properties that it must have, without the prefix ``ocrcli.``.

    Returns:
        All properties, without the prefix.

    Raises:
        ModelError: If it is another kind of model, or was made for other inputs.
    """
    meta = session.get_modelmeta().custom_metadata_map
    found = {name.removeprefix("ocrcli."): value for name, value in meta.items()}
    if found.get("format") != expected["format"]:
        actual = found.get("format", "none")
        raise ModelError(f"{path}: not a {kind} of ocrcli (needs format {expected['format']!r}, found {actual!r})")
    for name, value in expected.items():
        if found.get(name) != value:
            raise ModelError(
                f"{path}: made for another {name} ({found.get(name)!r}) than this version has "
                f"({value!r}); make it again by its recipe, see CONTRIBUTING.md"
            )
    return found


def _session(path: Path, options: onnxruntime.SessionOptions, provider: str) -> onnxruntime.InferenceSession:
    import onnxruntime

    try:
        if provider == DEVICES["cpu"]:
            return onnxruntime.InferenceSession(str(path), options, providers=[provider])
        # onnxruntime prints to stdout when another provider fails to start; stdout is for data. It belongs to the whole
        # process: of two threads that redirect it at once, one would leave it redirected.
        with _STDOUT, contextlib.redirect_stdout(sys.stderr):
            return onnxruntime.InferenceSession(str(path), options, providers=[provider, DEVICES["cpu"]])
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ModelError(f"{path}: not an ONNX model that onnxruntime can load ({first_line(error)})") from error


def first_line(error: Exception) -> str:
    """The first line of an error's message, at most 200 characters, printable."""
    return printable((str(error).strip().splitlines() or [type(error).__name__])[0][:200])
