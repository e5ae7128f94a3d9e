"""Models as ONNX files: opened on the device that was asked for, and described by their own metadata."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.errors import ModelError, check_name

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


def open_model(path: Path, device: str = "auto") -> tuple[onnxruntime.InferenceSession, str]:
    """Load an ONNX file.

    Args:
        path: The file.
        device: A key of `DEVICES`.

    Returns:
        The session, and the name of the device that really runs it.

    Raises:
        UsageError: If there is no such device.
        ModelError: If the file is missing or is no ONNX model, or if `device` was asked for and is not there.
    """
    import onnxruntime

    if not path.is_file():
        raise ModelError(f"{path}: there is no such model file; leave the option out to use the one that ships")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # a provider that fails is reported below, in one line
    # Numerical libraries heed this variable, onnxruntime no longer; processes side by side must not fight for cores.
    threads = os.environ.get("OMP_NUM_THREADS", "")
    options.intra_op_num_threads = int(threads) if threads.isdecimal() else 0
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
    raise ModelError(
        f"device {device!r} cannot be used here; install {PACKAGES.get(device, 'onnxruntime')}, or use --device cpu"
    )


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
        raise ModelError(f"{path}: not an ONNX model that onnxruntime can load ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
