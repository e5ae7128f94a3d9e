"""How the command line explains itself: help in groups, examples, and usage errors that are one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer

from ocrcli.core.printable import printable

LONGEST_MESSAGE = 500
"""Characters of a message: what was typed may be longer than anyone wants to read again."""

GROUPS = {
    "Input": ("--recursive", "--pages", "--ground-truth", "--line"),
    "Reading": ("--threshold", "--denoise", "--recognizer", "--language", "--words", "--allow", "--orientation"),
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
        *("--min-confidence", "--placeholder"),
        *("--confidence", "--without-spaces", "--max-cer", "--top", "--diff"),
    ),
    "Look inside": ("--show-boxes", "--boxes-out", "--stages", "--verbose", "--quiet"),
    "Advanced": ("--jobs", "--engine", "--address", "--device", "--model", "--page-model"),
}
"""Headings of a command's help, and the options below each; others come first, under "Options"."""

EXAMPLES = {
    "read": ("ocr read note.jpg", "ocr read --output-dir texts --resume --jobs 0 notes/"),
    "batch": ("ocr batch notes/ --to table", "ocr batch --resume s3://photos/2024 --to s3://texts/2024"),
    "eval": ("ocr eval notes/", "ocr eval note.jpg --ground-truth note.gt.txt"),
    "explain": ("ocr explain --line 2 note.jpg", "ocr explain --line 1 --pages 3 scan.pdf"),
    "thresholds": ("ocr thresholds note.jpg", "ocr thresholds --denoise median --out chart.png note.jpg"),
    "config": ("ocr config", "OCR_LANGUAGE=none ocr config"),
    "doctor": ("ocr doctor", "ocr doctor --json"),
}
"""Two of each command."""

EXIT_CODES = (
    ("0", "all was read"),
    ("1", "something unexpected"),
    ("2", "usage, or a missing package"),
    ("3", "the input cannot be read, or nothing is written on it"),
    ("4", "the model or the device cannot be used"),
    ("5", "some of several pages failed"),
    ("6", "`ocr eval --max-cer` was exceeded"),
    ("130", "interrupted"),
    ("141", "whoever took the output went away"),
)

ERROR: type[Any] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""Base of click's errors; typer brings click itself, under a name of its own in later versions."""


def one_line(error: Any) -> str:
    """What a usage error says, with what to do next.

    Args:
        error: An `ERROR`.
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
    """What to say of a photo that stands where a command should; empty if it looks like none."""
    from ocrcli.sources.folders import SUFFIXES

    is_photo = word == "-" or "://" in word or Path(word).suffix.lower() in SUFFIXES or Path(word).exists()
    return f"no such command {printable(word)!r}; did you mean: ocr read {printable(word)}?" if is_photo else ""


def write_options(parameters: Iterable[Any], context: Any, formatter: Any) -> None:
    """Write a command's arguments, and its options in groups."""
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
    """Write what each exit code means."""
    with formatter.section("Exit codes"):
        formatter.write_dl(EXIT_CODES)
