"""Packages that only some inputs and outputs need."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from ocrcli.errors import MissingExtraError


def import_extra(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a module that an optional dependency brings.

    Args:
        module: Its name.
        extra: The extra in `pyproject.toml` that brings it.
        purpose: What needs it, to begin the message with: ``scan.pdf: to read PDF pages``.

    Raises:
        MissingExtraError: If it is not installed; the message has the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(f'{purpose}, run: pip install "ocrcli[{extra}]"') from error


def check_extra(module: str, extra: str, purpose: str) -> None:
    """Find out whether an optional module can be imported, without importing it; else as `import_extra`."""
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(f'{purpose}, run: pip install "ocrcli[{extra}]"')
