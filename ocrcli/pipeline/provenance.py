"""Provenance of a result: version, settings and models that it was made with."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocrcli.core.errors import InputError
from ocrcli.core.files import shipped
from ocrcli.core.settings import Settings
from ocrcli.language.model import KNOWN
from ocrcli.pipeline.models import NONE

MODELS = ("letters.onnx", "lines.onnx", "page.onnx", "noise.json", *(f"{name}.npz" for name in KNOWN))
"""Model files that come with ocrcli and affect the result."""


def made_with(settings: Settings) -> dict[str, Any]:
    """The version of ocrcli, the settings, and the SHA-256 of each model and word list, as plain dictionaries.

    Raises:
        InputError: If one of the files cannot be read.
        ModelError: If a model is missing.
    """
    from importlib.metadata import version

    files: dict[str, Path] = {name: shipped(name) for name in MODELS}
    files |= {"letters.onnx": settings.model} if settings.model else {}
    files |= {"page.onnx": settings.page_model} if settings.page_model else {}
    files |= {"words": settings.words} if settings.words else {}
    told = {name: value for name, value in asdict(settings).items() if name not in ("model", "page_model", "words")}
    models = {name: NONE if str(path) == NONE else _hash(path) for name, path in files.items()}
    return {"ocrcli": version("ocrcli"), "settings": told, "models": models}


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the name") from error
