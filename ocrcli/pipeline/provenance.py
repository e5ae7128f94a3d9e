"""Provenance of a result: version, settings and models that it was made with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ocrcli.core.files import sha256_of, shipped
from ocrcli.core.settings import Settings
from ocrcli.hands.hand import path_of
from ocrcli.language.model import KNOWN
from ocrcli.pipeline.models import NONE, hand_name

MODELS = ("letters.onnx", "lines.onnx", "page.onnx", "noise.json", *(f"{name}.npz" for name in KNOWN))
"""Model files that come with ocrcli and affect the result."""

TOLD_BY_FILES = ("model", "page_model", "words", "hand")
"""Settings that name files, of which the content counts."""


def made_with(settings: Settings) -> dict[str, Any]:
    """The version of ocrcli, the settings, and the SHA-256 of each model, hand and word list, as plain dictionaries.

    Raises:
        InputError: If one of the files cannot be read.
        ModelError: If a model is missing.
    """
    from importlib.metadata import version

    files: dict[str, Path] = {name: shipped(name) for name in MODELS}
    files |= {"letters.onnx": settings.model} if settings.model else {}
    files |= {"page.onnx": settings.page_model} if settings.page_model else {}
    files |= {"words": settings.words} if settings.words else {}
    files |= {"hand": path_of(hand)} if (hand := hand_name(settings)) else {}
    told = {name: value for name, value in asdict(settings).items() if name not in TOLD_BY_FILES}
    models = {name: NONE if str(path) == NONE else sha256_of(path) for name, path in files.items()}
    return {"ocrcli": version("ocrcli"), "settings": told, "models": models}
