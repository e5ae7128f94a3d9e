"""The studio that pages are drawn and photographed in: handwriting and surroundings, those to train on or held out."""

from __future__ import annotations

import pickle
from functools import cache
from pathlib import Path

import cv2

from models.recipe.synthesis.hands import Hands, load_hands
from models.recipe.synthesis.photograph import Studio
from models.recipe.synthesis.surfaces.surroundings import Surroundings
from ocrcli import Reader, Settings
from ocrcli.core.files import write_file

HANDS, HELD_OUT_HANDS = "hands.pickle", "hands-held-out.pickle"
"""Files of the folder of work: the handwriting that pages are drawn with, and that which they are measured with."""


def prepare(data: Path, work: Path, seed: int, *, held_out: bool = False) -> None:
    """Read the handwriting of the training writers, or of those that are held out, and keep it as one file."""
    work.mkdir(parents=True, exist_ok=True)
    hands = load_hands(data, seed, held_out=held_out)
    write_file(pickle.dumps(hands, pickle.HIGHEST_PROTOCOL), work / (HELD_OUT_HANDS if held_out else HANDS))


def load_studio(data: Path, work: Path, *, held_out: bool = False) -> Studio:
    """All that photos are made of; without the folder of backgrounds, sheets lie on drawn ones.

    Args:
        data: Folder of public data.
        work: Folder of work of the page model.
        held_out: Whether of the writers and backgrounds that nothing is trained on.

    Raises:
        FileNotFoundError: If `prepare` has not run.
    """
    file = work / (HELD_OUT_HANDS if held_out else HANDS)
    if not file.is_file():
        raise FileNotFoundError(f"{file} is not there: first run python -m models.recipe.page prepare")
    hands: Hands = pickle.loads(file.read_bytes())
    backgrounds = data / "backgrounds"
    folder = backgrounds if backgrounds.is_dir() else None
    return Studio(hands, Surroundings.load(folder, held_out=held_out))


@cache
def studio_of(data: Path, work: Path) -> Studio:
    """`load_studio` once, for a process that is one of several."""
    cv2.setNumThreads(1)
    return load_studio(data, work)


@cache
def reader_of_drawn() -> Reader:
    """A reader for pages that are drawn upright."""
    return Reader(Settings(orientation="0"))
