"""Help texts with grouped options and examples, and usage errors on one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer

from ocrcli.core.printable import printable

LONGEST_MESSAGE = 500
"""Largest length of a message in characters; it quotes what was typed, which may be very long."""

GROUPS = {
    "Input": ("--recursive", "--existing", "--pages", "--ground-truth", "--line"),
    "Reading": (
        "--threshold",
        "--denoise",
        "--recognizer",
        "--language",
        "--words",
        "--hand",
        "--allow",
        "--orientation",
    ),
    "Output": (
        *(
            "--format",
            "--output",
            "--output-dir",
            "--to",
            "--resume",
            "--retry-failed",
            "--errors",
            "--out",
            "--report",
            "--json",
            "--force",
        ),
        *("--min-confidence", "--placeholder", "--front-matter", "--copy"),
        *("--confidence", "--without-spaces", "--max-cer", "--top", "--diff"),
    ),
    "Look inside": ("--show-boxes", "--boxes-out", "--stages", "--verbose", "--quiet"),
    "Server": ("--host", "--port", "--token", "--max-size", "--timeout", "--in-flight"),
    "Advanced": ("--jobs", "--engine", "--address", "--device", "--model", "--page-model"),
}
"""Headings in the help of a command, and their options; other options come first, under "Options"."""

EXAMPLES = {
    "read": ("ocr read note.jpg", "ocr read --output-dir texts --resume --jobs 0 notes/"),
    "batch": ("ocr batch notes/ --to table", "ocr batch --resume s3://photos/2024 --to s3://texts/2024"),
    "watch": ("ocr watch inbox/", "ocr watch --existing --format text,pdf --output-dir texts inbox/"),
    "serve": ("ocr serve", "ocr serve --host 0.0.0.0 --token 3f9c2b7e51d84a06"),
    "eval": ("ocr eval notes/", "ocr eval note.jpg --ground-truth note.gt.txt"),
    "learn": ("ocr learn note.jpg", "ocr learn --hand anna notes/"),
    "hands": ("ocr hands", "ocr hands remove me"),
    "explain": ("ocr explain --line 2 note.jpg", "ocr explain --line 1 --pages 3 scan.pdf"),
    "thresholds": ("ocr thresholds note.jpg", "ocr thresholds --denoise median --out chart.png note.jpg"),
    "config": ("ocr config", "OCR_LANGUAGE=none ocr config"),
    "doctor": ("ocr doctor", "ocr doctor --json"),
}
"""Two examples for each command."""

EXIT_CODES = (
    ("0", "success"),
    ("1", "unexpected error"),
    ("2", "wrong usage, or a missing package"),
    ("3", "the input cannot be read, or has no writing"),
    ("4", "the model or the device cannot be used"),
    ("5", "some of several pages failed"),
    ("6", "the CER is above `ocr eval --max-cer`"),
    ("130", "interrupted by Ctrl-C"),
    ("141", "the reader of the output closed it"),
)

ERROR: type[Any] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""Base class of click's errors; newer versions of typer contain their own copy of click."""


def one_line(error: Any) -> str:
    """The message of a usage error on one line, with what to do next.

    Args:
        error: An exception of the type `ERROR`.
    """
    context: Any = getattr(error, "ctx", None)
    text = " ".join(printable(" ".join(error.format_message().split())).split()).rstrip(".")
    if context is not None and hasattr(error, "option_name") and hasattr(error, "possibilities"):
        known = [flag for param in context.command.params for flag in (*param.opts, *param.secondary_opts)]
        near = get_close_matches(error.option_name, [flag for flag in known if flag.startswith("-")], 1, 0.5)
        text = f"no such option: {printable(error.option_name)}" + (f"; did you mean {near[0]}?" if near else "")
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[: LONGEST_MESSAGE // 2]}...{text[-LONGEST_MESSAGE // 2 :]}"
    return text if context is None or text.endswith("?") else f"{text}; see: {context.command_path} --help"


def photo_as_command(word: str) -> str:
    """Advice if a photo was given instead of a command; empty if the word does not look like a photo."""
    from ocrcli.sources.folders import SUFFIXES

    is_photo = word == "-" or "://" in word or Path(word).suffix.lower() in SUFFIXES or Path(word).exists()
    return f"no such command {printable(word)!r}; did you mean: ocr read {printable(word)}?" if is_photo else ""


def write_options(parameters: Iterable[Any], context: Any, formatter: Any) -> None:
    """Write the arguments of a command, and its options in groups."""
    arguments, groups = [], {"Options": [], **{name: [] for name in GROUPS}}  # type: ignore[var-annotated]
    for parameter in parameters:
        record = parameter.get_help_record(context)
        if record is None:
            continue
        if parameter.param_type_name == "argument":
            arguments.append(record)
            continue
        group = next((name for name, flags in GROUPS.items() if parameter.opts[0] in flags), "Options")
        groups[group].append(record)
    for title, records in {"Arguments": arguments, **groups}.items():
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


def write_examples(name: str, formatter: Any) -> None:
    """Write the two examples of a command."""
    with formatter.section("Examples"):
        for example in EXAMPLES[name]:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def write_exit_codes(formatter: Any) -> None:
    """Write the meaning of each exit code."""
    with formatter.section("Exit codes"):
        formatter.write_dl(EXIT_CODES)
