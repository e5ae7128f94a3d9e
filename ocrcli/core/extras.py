"""Optional packages, which only some inputs and outputs need."""

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
    "starlette": "starlette uvicorn python-multipart",
    "uvicorn": "starlette uvicorn python-multipart",
    "python_multipart": "starlette uvicorn python-multipart",
    "watchfiles": "watchfiles",
}
"""Module -> what to ``pip install``. These package names work for a checkout, a wheel and an index alike."""


REPAIR = "run: pip install --force-reinstall onnxruntime"
"""Advice where onnxruntime itself does not work."""


def import_extra(module: str, purpose: str) -> ModuleType:
    """Import a module of an optional package.

    Args:
        module: A key of `EXTRA_PACKAGES`.
        purpose: What needs it; the message starts with this: ``scan.pdf: to read PDF pages``.

    Raises:
        MissingExtraError: If it is not installed, or something that it needs is not. The message has the command that
            installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and missing.partition(".")[0] != module.partition(".")[0]:  # a package forgot to ask for another one
            raise MissingExtraError(f"{_advice(module, purpose)} {missing.partition('.')[0]}") from error
        raise MissingExtraError(_advice(module, purpose)) from error


def check_extra(module: str, purpose: str) -> None:
    """Check that an optional module is installed, without importing it; arguments and errors as in `import_extra`."""
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(_advice(module, purpose))


def _advice(module: str, purpose: str) -> str:
    return f"{purpose}, run: pip install {EXTRA_PACKAGES[module]}"
