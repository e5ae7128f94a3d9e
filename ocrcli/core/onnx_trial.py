"""Tries out an ONNX model of unknown origin before it is trusted with a photo."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ocrcli.core.errors import ModelError, check_name
from ocrcli.core.onnx_model import DEVICES

TRIAL_BYTES = 600_000_000
"""Bytes of memory that an unknown model may take while it is tried out."""


@contextlib.contextmanager
def bounded(extra: int = TRIAL_BYTES) -> Iterator[None]:
    """Context in which this process may take at most `extra` more bytes of memory; only Linux enforces it."""
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
