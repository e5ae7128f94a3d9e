"""How thick strokes are: what is drawn must not be told from photographed writing by its pens."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrcli.imaging.components import stroke_width

FINER = 3
"""Times that a picture is enlarged first, for its strokes are two or three pixels wide."""

LEAST = 8
"""Pixels of ink below which a picture tells nothing."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def thickness(picture: NDArray[np.uint8]) -> float:
    """Width of a picture's strokes in its pixels; not a number where there is hardly any ink.

    Args:
        picture: (h, w) uint8, bright ink.
    """
    large = cv2.resize(picture, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_CUBIC)
    mask = large > 128
    return stroke_width(mask) / FINER if mask.sum() > LEAST * FINER * FINER else float("nan")


def quantiles(pictures: Iterable[NDArray[np.uint8]], unit: float, digits: int) -> tuple[str, ...]:
    """How thick the strokes of pictures are, in units of so many pixels, as text."""
    return tuple(f"{q / unit:.{digits}f}" for q in np.nanquantile([thickness(p) for p in pictures], QUANTILES))


def head(what: str) -> tuple[str, ...]:
    """The first row of a table of `quantiles`."""
    return (what, *(f"{q:.0%} are below" for q in QUANTILES))
