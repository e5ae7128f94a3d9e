"""A hand: what was learnt of a person's handwriting, and the file that keeps it.

The file is an archive of numpy arrays (``.npz``) without pickles; whatever is wrong in it is a `ModelError`.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import ModelError, UsageError
from ocrcli.core.files import write_file
from ocrcli.core.printable import printable
from ocrcli.hands.head import Head

FORMAT = "hand/1"

MOST_BYTES = 2_000_000
"""Largest size of a file, in bytes."""

SUFFIX = ".npz"

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""Names of hands: they are names of files on any system, and need no quotes."""

NONE = "none"
"""Name that stands for no hand, to overrule a settings file."""

LEARN = "ocr learn --hand {name} NAME.jpg"
"""The command that learns a hand anew."""

MOST_WEIGHT = 1e4
"""Largest size of a number in a head: more is no handwriting, and might overflow."""

LETTERS, LINES = "letters", "lines"


@dataclass(frozen=True, slots=True)
class Worth:
    """What a hand is worth: errors on lines that were read by what the other lines taught.

    Attributes:
        before: Wrong characters as the models ship.
        after: Wrong characters with the hand.
        characters: Number of characters written.
        lines: Number of lines.
    """

    before: int
    after: int
    characters: int
    lines: int


@dataclass(frozen=True, eq=False)
class Hand:
    """What was learnt of a hand.

    Attributes:
        name: Its name.
        models: SHA-256 of the model files that it was learnt with: `LETTERS` and `LINES`.
        worth: What it is worth.
        photos: Names of the photos that it was learnt from.
        letters: What it adds to the last layer of the letter classifier; None for nothing.
        lines: The same of the line recognizer.
        words: Words that are expected, lower case.
    """

    name: str
    models: Mapping[str, str]
    worth: Worth
    photos: tuple[str, ...]
    letters: Head | None = None
    lines: Head | None = None
    words: tuple[str, ...] = ()


def check_hand_name(name: str) -> str:
    """Return the name of a hand that may be written.

    Raises:
        UsageError: If no file should be called so.

    Examples:
        >>> check_hand_name("anna")
        'anna'
    """
    if not NAME.fullmatch(name) or name == NONE:
        raise UsageError(
            f"{printable(name)!r} cannot be the name of a hand; use up to 40 of a-z, 0-9, _ and -, as in: --hand anna"
        )
    return name


def folder() -> Path:
    """The folder of the hands, which need not exist."""
    from platformdirs import user_data_path

    return user_data_path("ocr", appauthor=False) / "hands"


def path_of(name: str) -> Path:
    """The file of a hand.

    Raises:
        UsageError: If there can be no hand of that name.
    """
    return folder() / f"{check_hand_name(name)}{SUFFIX}"


def names() -> list[str]:
    """Names of the hands that were learnt, in alphabetical order."""
    place = folder()
    found = place.glob(f"*{SUFFIX}") if place.is_dir() else ()
    return sorted(path.stem for path in found if NAME.fullmatch(path.stem) and path.stem != NONE)


def save(hand: Hand, path: Path) -> None:
    """Write a hand atomically; one of that name is replaced.

    Raises:
        InputError: If it cannot be written.
        NoRoomError: If the disk is full.
        UsageError: If it was learnt from so much that the file is too large.
    """
    told = {
        "format": FORMAT,
        "models": dict(hand.models),
        "worth": asdict(hand.worth),
        "photos": list(hand.photos),
        "words": list(hand.words),
    }
    arrays: dict[str, NDArray[Any]] = {"told": np.frombuffer(json.dumps(told).encode(), np.uint8)}
    for name, head in ((LETTERS, hand.letters), (LINES, hand.lines)):
        if head is not None:
            arrays |= {f"{name}_weights": head.weights.astype(np.float16), f"{name}_bias": head.bias}
    held = io.BytesIO()
    np.savez_compressed(held, **arrays)  # type: ignore[arg-type]
    if held.tell() > MOST_BYTES:
        raise UsageError(f"the hand {hand.name!r} would be larger than {MOST_BYTES:,} bytes; learn from fewer pages")
    write_file(held.getvalue(), path)


def load(name: str) -> Hand:
    """Read a hand.

    Raises:
        UsageError: If there is none of that name.
        ModelError: If its file cannot be used.
    """
    path = path_of(name)
    if not path.is_file():
        known = ", ".join(names())
        raise UsageError(
            f"there is no hand {name!r}; "
            + (f"there are: {known}" if known else f"learn it: {LEARN.format(name=name)}")
        )
    try:
        return _read(name, path)
    except ModelError:
        raise
    # An archive may be broken in more ways than zipfile, zlib, json and numpy have errors of their own for.
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, RecursionError,
            NotImplementedError, RuntimeError, AttributeError) as error:  # fmt: skip
        raise _broken(path, name, type(error).__name__) from error


def _broken(path: Path, name: str, why: str) -> ModelError:
    return ModelError(f"{path}: no hand that can be read ({why}); learn it anew: {LEARN.format(name=name)}")


def _read(name: str, path: Path) -> Hand:
    if path.stat().st_size > MOST_BYTES:
        raise _broken(path, name, "too large")
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > 4 * MOST_BYTES:
            raise _broken(path, name, "too large")
    with np.load(path, allow_pickle=False) as stored:
        told = json.loads(stored["told"].tobytes())
        if told["format"] != FORMAT:
            raise _broken(path, name, "another format")
        heads = {kind: _head(stored, kind) for kind in (LETTERS, LINES) if f"{kind}_weights" in stored}
    worth = Worth(*(int(told["worth"][key]) for key in ("before", "after", "characters", "lines")))
    models = {str(key): str(value) for key, value in told["models"].items()}
    photos, words = (tuple(map(str, told[key])) for key in ("photos", "words"))
    return Hand(name, models, worth, photos, heads.get(LETTERS), heads.get(LINES), words)


def _head(stored: Mapping[str, NDArray[Any]], kind: str) -> Head:
    weights, bias = stored[f"{kind}_weights"], stored[f"{kind}_bias"]
    if weights.ndim != 2 or bias.shape != weights.shape[:1] or weights.dtype.kind != "f" or bias.dtype.kind != "f":
        raise ValueError("shapes")
    head = Head(weights.astype(np.float32), bias.astype(np.float32))
    # Written so that NaN fails, too.
    if not (np.abs(head.weights).max(initial=0) <= MOST_WEIGHT and np.abs(head.bias).max(initial=0) <= MOST_WEIGHT):
        raise ValueError("numbers")
    return head
