"""Flags that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.clean import DENOISERS
from ocrcli.language import LANGUAGES
from ocrcli.onnx_model import DEVICES
from ocrcli.settings import Settings
from ocrcli.threshold import METHODS


def _choice(flag: str, names: Iterable[str], help_text: str) -> Any:
    """An option that takes one of `names`; typer's own choices would need each table spelt out as an enum."""
    known = tuple(names)

    def check(value: str) -> str:
        if value not in known:
            raise typer.BadParameter(f"{value!r} is not one of: {', '.join(known)}")
        return value

    return typer.Option(flag, metavar="|".join(known), callback=check, help=help_text)


DenoiseOption = Annotated[
    str, _choice("--denoise", DENOISERS, "Take the camera's noise away; bilateral, tv and nlm take seconds.")
]
ThresholdOption = Annotated[str, _choice("--threshold", METHODS, "How ink is told from paper; see `ocr thresholds`.")]
DeviceOption = Annotated[str, _choice("--device", DEVICES, "What runs the letter model; auto falls back to the CPU.")]
LanguageOption = Annotated[
    str,
    _choice(
        "--language",
        LANGUAGES,
        "Whose letters and words help where a letter is unclear; none for codes and other languages.",
    ),
]
WordsOption = Annotated[
    Path | None,
    typer.Option("--words", metavar="FILE", help="Your own words, one a line: names and terms that are then expected."),
]
AllowOption = Annotated[
    str | None,
    typer.Option("--allow", metavar="CHARS", help="Print only these characters; ranges such as 0-9A-Z are understood."),
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="Another letter model (ONNX) than the shipped one.")
]

DEFAULTS = Settings()


def settings_from(
    denoise: str,
    threshold: str,
    device: str,
    model: Path | None,
    language: str,
    words: Path | None = None,
    allow: str | None = None,
) -> Settings:
    """The settings that the shared flags ask for."""
    return Settings(
        denoise=denoise,
        threshold=threshold,
        device=device,
        model=model,
        language=language,
        words=words,
        allow=allow,
    )
