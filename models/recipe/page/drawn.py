"""What each process needs once to read drawn pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2

from models.recipe.page.__main__ import studio
from models.recipe.synthesis.photograph import Studio
from ocrcli import Reader, Settings


@cache
def reader_of_drawn() -> Reader:
    """A reader for pages that are drawn upright."""
    return Reader(Settings(orientation="0"))


@cache
def studio_of(data: Path, work: Path) -> Studio:
    """All that photos are made of, for a process that is one of several."""
    cv2.setNumThreads(1)
    return studio(data, work)
