"""Options that several commands share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from ocrcli.binarize.denoise import DENOISERS
from ocrcli.binarize.threshold import METHODS
from ocrcli.cli.support.preferences import nearest
from ocrcli.core.onnx_model import DEVICES
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS
from ocrcli.language.model import LANGUAGES
from ocrcli.pipeline.arbitration import RECOGNIZERS
from ocrcli.pipeline.segmentation import ORIENTATIONS


def choice(flag: str, names: Iterable[str], help_text: str) -> Any:
    """Make an option that takes one of `names`; typer's own choices would need an enum for each table of names."""
    known = tuple(names)

    def check(value: str) -> str:
        if value not in known:
            raise typer.BadParameter(f"there is no {value!r}; {nearest(value, known)}")
        return value

    return typer.Option(flag, metavar="|".join(known), callback=check, help=help_text, autocompletion=completing(known))


def completing(names: Iterable[str]) -> Callable[[str], list[str]]:
    """Make a function for shell completion: it returns the names that start with the typed text."""
    known = tuple(names)

    def complete(incomplete: str) -> list[str]:
        return [name for name in known if name.startswith(incomplete)]

    return complete


def probability(value: float) -> float:
    """Check a probability that the user typed.

    Raises:
        BadParameter: If it is not from 0 to 1; for a percentage the message suggests the probability.
    """
    if 1 < value <= 100:
        raise typer.BadParameter(f"{value:g} is not a probability; did you mean {value / 100:g}?")
    if not 0 <= value <= 1:
        raise typer.BadParameter(f"{value:g} is not a probability; give one from 0 to 1, as 0.6")
    return value


def formats(named: list[str] | None) -> list[str]:
    """Callback of typer: the names of the formats, each once, from repeated options and from lists with commas."""
    names = [part.strip() for text in named or () for part in text.split(",")]
    for name in names:
        if name not in FORMATS:
            raise typer.BadParameter(f"there is no {name!r}; {nearest(name, FORMATS)}")
    return list(dict.fromkeys(names))


def format_option(help_text: str) -> Any:
    """Make the option that takes names of formats: repeated, with commas, or both."""
    return typer.Option(
        "--format",
        "-f",
        metavar="|".join(FORMATS),
        callback=formats,
        help=help_text,
        autocompletion=completing(FORMATS),
    )


def jobs_option(what: str) -> Any:
    """Make the option that takes the number of processes; `what` names the things of which each reads one at a time."""
    return typer.Option("--jobs", "-j", min=0, metavar="N", help=f"Read N {what} in parallel; 0: one for each core.")


QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors on stderr.")]
DenoiseOption = Annotated[
    str,
    choice(
        "--denoise",
        DENOISERS,
        "Denoising filter for the photo; auto leaves noise to the page model; tv and nlm take seconds.",
    ),
]
ThresholdOption = Annotated[
    str, choice("--threshold", METHODS, "Binarization method; compare them with `ocr thresholds`.")
]
DeviceOption = Annotated[str, choice("--device", DEVICES, "Device that runs the models; auto falls back to the CPU.")]
RecognizerOption = Annotated[
    str,
    choice(
        "--recognizer",
        RECOGNIZERS,
        "Read letter by letter, or whole text lines (joined writing); auto takes the better result for each line.",
    ),
]
LanguageOption = Annotated[
    str,
    choice(
        "--language",
        LANGUAGES,
        "Language model for unclear letters; auto detects English, French or German, of each line; "
        "none is for codes and other languages.",
    ),
]
WordsOption = Annotated[
    Path | None,
    typer.Option("--words", metavar="FILE", help="File with your own words to expect, one a line: names and terms."),
]
AllowOption = Annotated[
    str | None,
    typer.Option("--allow", metavar="CHARS", help="Read only these characters; ranges such as 0-9A-Z are allowed."),
]
HandOption = Annotated[
    str | None,
    typer.Option("--hand", metavar="NAME", help="Hand that `ocr learn` has learnt; none for none, as by default."),
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="Letter classifier (ONNX) instead of the shipped one.")
]

PageModelOption = Annotated[
    Path | None,
    typer.Option(
        "--page-model",
        metavar="FILE|none",
        help="Page model (ONNX), which finds the writing, instead of the shipped one; none uses a threshold alone.",
    ),
]
OrientationOption = Annotated[
    str, choice("--orientation", ORIENTATIONS, "Degrees to turn the photo clockwise; auto detects it.")
]

DEFAULTS = Settings()


def files_read(settings: Settings) -> list[Path]:
    """Files that a run reads besides photos; they must not be overwritten."""
    from ocrcli.cli.app import settings_files

    return [
        path
        for path in (settings.words, settings.model, settings.page_model, *(path for path, _ in settings_files()))
        if path
    ]


READING: dict[str, Any] = {
    "threshold": ThresholdOption,
    "denoise": DenoiseOption,
    "device": DeviceOption,
    "model": ModelOption,
    "recognizer": RecognizerOption,
    "page_model": PageModelOption,
    "orientation": OrientationOption,
    "language": LanguageOption,
    "words": WordsOption,
    "allow": AllowOption,
    "hand": HandOption,
}
"""The options that say how to read, by the names of their settings."""


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `READING`; it takes them together, as `settings`."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for parameter in signature.parameters.values() if parameter.name != "settings"]
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=getattr(DEFAULTS, name), annotation=option)
        for name, option in READING.items()
    ]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        settings = Settings(**{name: given.pop(name) for name in READING})
        command(**given, settings=settings)

    parameters = [*own, *shared]
    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options
