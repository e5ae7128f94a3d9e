"""Packages that only some inputs and outputs need."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from ocrcli.core.errors import MissingExtraError

EXTRA_PACKAGES = {
    "fpdf": "fpdf2",
    "fsspec": "fsspec",
    "pi_heif": "pi-heif",
    "pyarrow": "pyarrow",
    "pyarrow.parquet": "pyarrow",
    "pypdfium2": "pypdfium2",
    "ray": "'ray[data]'",
    "ray.data": "'ray[data]'",
}
"""Modules, and the packages that bring them: their names work in a checkout, from a wheel and from an index alike."""


REPAIR = "run: pip install --force-reinstall onnxruntime"
"""Where the models cannot be run at all."""


def import_extra(module: str, purpose: str) -> ModuleType:
    """Import a module that an optional dependency brings.

    Args:
        module: A key of `EXTRA_PACKAGES`.
        purpose: What needs it, to begin the message with: ``scan.pdf: to read PDF pages``.

    Raises:
        MissingExtraError: If it is not installed; the message has the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(_advice(module, purpose)) from error


def check_extra(module: str, purpose: str) -> None:
    """Find out whether an optional module can be imported, without importing it; else as `import_extra`."""
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(_advice(module, purpose))


def _advice(module: str, purpose: str) -> str:
    return f"{purpose}, run: pip install {EXTRA_PACKAGES[module]}"
