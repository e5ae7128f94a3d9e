"""Models as ONNX files: opened on the device that was asked for, and described by their own metadata."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
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
"""Names of `--device` and onnxruntime's execution providers; `auto` tries several."""

DEVICE_PACKAGES = {
    "cuda": "onnxruntime-gpu",
    "tensorrt": "onnxruntime-gpu and NVIDIA's tensorrt",
    "directml": "onnxruntime-directml (Windows)",
    "coreml": "onnxruntime (macOS)",
    "openvino": "onnxruntime-openvino",
}

TRIAL_BYTES = 600_000_000
"""What a strange model may take while it is tried."""

AUTO_ORDER = ("cuda", "directml", "cpu")
"""What `auto` tries. TensorRT, OpenVINO and CoreML compile the model for seconds before they gain
anything on a network this small, so they run only when asked for."""


def open_model(path: Path, device: str = "auto", threads: int = 0) -> tuple[onnxruntime.InferenceSession, str]:
    """Load an ONNX file.

    Args:
        path: The file.
        device: A key of `DEVICES`.
        threads: How many it may use; 0 for as many as the environment asks for, at most one for each core.

    Returns:
        The session, and the name of the device that really runs it.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing or is no ONNX model, if `device` was asked for and is not there, or if
            onnxruntime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:  # taken off for another, and that one was not installed; or half of it is there
        raise ModelError(f"the models cannot be run ({printable(str(error))}); {REPAIR}") from error
    if not path.is_file():
        raise ModelError(f"{path}: there is no such model file; leave the option out to use the one that ships")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # a provider that fails is reported below, in one line
    # Numerical libraries heed this variable, onnxruntime no longer; processes side by side must not fight for cores.
    options.intra_op_num_threads = threads or wanted_threads(os.environ.get("OMP_NUM_THREADS", ""))
    # Threads of three models that spin while they wait take half of all processor time, also from each other.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Pictures of all sizes are seen: an arena would keep what the largest one took, and grows by doubling.
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
    """How many threads ``OMP_NUM_THREADS`` asks for, at most one for each core; 0 if it says nothing of use.

    With thousands of them nothing is ever done.
    """
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return min(wanted, os.cpu_count() or 1)


def run(session: onnxruntime.InferenceSession, inputs: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> Any:
    """The output ``logits`` of a model.

    Args:
        session: The model.
        inputs: By name.
        shape: Of the output.

    Returns:
        float32 of that shape, all finite.

    Raises:
        ModelError: If it cannot be run, or gives anything else.
    """
    try:
        (out,) = session.run(["logits"], inputs)
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ModelError(f"the model cannot be run ({first_line(error)}); make it again by its recipe") from error
    found = np.asarray(out)
    if found.shape != shape or found.dtype.kind != "f":
        told = f"{found.dtype} {found.shape} in place of floats {shape}"
        raise ModelError(f"the model gives {told}; make it again by its recipe")
    if not np.isfinite(found).all():
        raise ModelError("the model gives NaN or infinite numbers; make it again by its recipe")
    return found.astype(np.float32, copy=False)


@contextlib.contextmanager
def bounded(extra: int = TRIAL_BYTES) -> Iterator[None]:
    """Within, this process may take no more than so many more bytes; where the system can see to that, as Linux can."""
    try:
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        used = 1024 * int(status.partition("VmData:")[2].split()[0])
    except (ImportError, OSError, IndexError, ValueError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    below = used + extra if soft == resource.RLIM_INFINITY else min(soft, used + extra)
    resource.setrlimit(resource.RLIMIT_DATA, (below, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def try_out(path: Path, device: str, trial: Callable[[], object]) -> None:
    """Try a strange model, with bounds on its memory, before it is trusted with a photo.

    Args:
        path: For messages.
        device: That was asked for: a key of `DEVICES`.
        trial: Opens the model on the CPU, with one thread, and runs it.

    Raises:
        UsageError: If there is no such device.
        ModelError: If it takes too much, cannot be run, or gives what it should not.
    """
    check_name("device", device, DEVICES)
    with bounded():
        try:
            trial()
        except ModelError as error:
            raise error if str(path) in str(error) else ModelError(f"{path}: {error}") from error


def check_interface(
    path: Path, session: onnxruntime.InferenceSession, inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    """Check the names of a model's inputs and outputs.

    Raises:
        ModelError: If they are others.
    """
    names = {i.name for i in session.get_inputs()} | {o.name for o in session.get_outputs()}
    if names != {*inputs, *outputs}:
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


def labels_of(path: Path, text: str) -> tuple[str, ...]:
    """The characters that a model's metadata list, as JSON.

    Raises:
        ModelError: If they are no list of different, printable characters; one may be empty.
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
    """What a model's logits are divided by.

    Raises:
        ModelError: If it is no number from 0.01 to 100.
    """
    try:
        temperature = float(text)
    except ValueError as error:
        raise ModelError(f"{path}: its temperature is no number; make it again by its recipe") from error
    if not 0.01 <= temperature <= 100:
        raise ModelError(f"{path}: its temperature is not from 0.01 to 100; make it again by its recipe")
    return temperature


def metadata(path: Path, session: onnxruntime.InferenceSession, kind: str, expected: dict[str, str]) -> dict[str, str]:
    """What a model says of itself.

    Args:
        path: For messages.
        session: The model.
        kind: What it must be, for messages.
        expected: Properties that it must have, without their common prefix.

    Raises:
        ModelError: If it is another kind of model, or was made for other pictures.
    """
    meta = session.get_modelmeta().custom_metadata_map
    found = {name.removeprefix("ocrcli."): value for name, value in meta.items()}
    if found.get("format") != expected["format"]:
        told = found.get("format", "none")
        raise ModelError(f"{path}: not a {kind} of ocrcli (needs format {expected['format']!r}, found {told!r})")
    for name, value in expected.items():
        if found.get(name) != value:
            raise ModelError(
                f"{path}: made for another {name} ({found.get(name)!r}) than this version has "
                f"({value!r}); make it again by its recipe, see CONTRIBUTING.md"
            )
    return found


def _session(path: Path, options: onnxruntime.SessionOptions, provider: str) -> onnxruntime.InferenceSession:
    import onnxruntime

    providers = [provider] if provider == DEVICES["cpu"] else [provider, DEVICES["cpu"]]
    try:
        # onnxruntime prints to stdout when a provider fails to start; stdout is for data.
        with contextlib.redirect_stdout(sys.stderr):
            return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise ModelError(f"{path}: not an ONNX model that onnxruntime can load ({first_line(error)})") from error


def first_line(error: Exception) -> str:
    """The beginning of what an error says, on one line."""
    return printable((str(error).strip().splitlines() or [type(error).__name__])[0][:200])
