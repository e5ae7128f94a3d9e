"""Flags that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import typer

from ocrcli.classifier import DEVICES
from ocrcli.clean import DENOISERS
from ocrcli.language import LANGUAGES
from ocrcli.settings import Settings
from ocrcli.threshold import METHODS


def _one_of(names: Iterable[str]) -> Callable[[str], str]:
    """A callback that lets only `names` pass; typer's own choices would need each table spelt out as an enum."""
    known = tuple(names)

    def check(value: str) -> str:
        if value not in known:
            raise typer.BadParameter(f"{value!r} is not one of: {', '.join(known)}")
        return value

    return check


DenoiseOption = Annotated[
    str,
    typer.Option(
        "--denoise",
        metavar="|".join(DENOISERS),
        callback=_one_of(DENOISERS),
        help="Take the camera's noise away; bilateral, tv and nlm take seconds.",
    ),
]
ThresholdOption = Annotated[
    str,
    typer.Option(
        "--threshold",
        metavar="|".join(METHODS),
        callback=_one_of(METHODS),
        help="How ink is told from paper; see `ocr thresholds`.",
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="|".join(DEVICES),
        callback=_one_of(DEVICES),
        help="What runs the letter model; auto falls back to the CPU.",
    ),
]
LanguageOption = Annotated[
    str,
    typer.Option(
        "--language",
        metavar="|".join(LANGUAGES),
        callback=_one_of(LANGUAGES),
        help="Whose letter statistics help where a letter is unclear; none for codes and other languages.",
    ),
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="Another letter model (ONNX) than the shipped one.")
]

DEFAULTS = Settings()


def settings_from(denoise: str, threshold: str, device: str, model: Path | None, language: str) -> Settings:
    """The settings that the shared flags ask for."""
    return Settings(denoise=denoise, threshold=threshold, device=device, model=model, language=language)
