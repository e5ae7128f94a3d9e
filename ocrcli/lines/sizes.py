"""Looks at rows that are not sure at other sizes, too.

The size of a line image is estimated from all ink of the row: tall letters, underlines and marks of neighbours mislead
it. And a network that reads a word wrongly at one size often reads it rightly, and more surely, at another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.lines.beam_search import greedy
from ocrcli.lines.likelihood import likelihoods_of
from ocrcli.lines.line_image import HEIGHT, LineImage
from ocrcli.lines.line_model import LineModel

Floats = NDArray[np.float32]
Sized = tuple[LineImage, Floats]
"""A line image, and what the line recognizer sees in it."""

SIZES = (0.87, 1.3, 1.5)
"""Other sizes, as multiples of the usual one. Of all sets of 0.77 to 1.5, on lines and words of writers that the model
had not seen (models/history/lines.md)."""

SURE = -0.06
"""Log-probability in nats a character, from which on a row is not read again: on the same lines, nothing is lost."""

MOST_COLUMNS = 8_000
"""Columns of line images that are read again, at most, some eighth of a second; the least sure rows come first."""


def at_sizes(
    straight: Sequence[LineImage], log_ps: Sequence[Floats], reader: LineModel, most: float = MOST_COLUMNS
) -> list[list[Sized]]:
    """Read rows again where that may help.

    Args:
        straight: Line images.
        log_ps: (steps, 1 + characters) float32, what the line recognizer sees in each.
        reader: The line recognizer.
        most: Columns that are read again, at most.

    Returns:
        For each row the line image at one size or several, the usual one first, and what is seen in each.
    """
    scores = sureness(log_ps)
    again, wide = [], sum(SIZES)
    for row in np.argsort(scores).tolist():
        most -= wide * straight[row].image.shape[1]
        if scores[row] >= SURE or most < 0:
            break
        again.append(row)
    tried = [(row, resized(straight[row], size)) for row in again for size in SIZES]
    seen = reader.log_probabilities([image.image for _, image in tried])
    rows = [[sized] for sized in zip(straight, log_ps, strict=True)]
    for (row, image), log_p in zip(tried, seen, strict=True):
        rows[row].append((image, log_p))
    return rows


def sureness(log_ps: Sequence[Floats]) -> NDArray[np.float64]:
    """(n,) log-probability of the likeliest characters of each row, in nats a character; 0 where there are none."""
    outputs = [greedy(log_p) for log_p in log_ps]
    likeliest = likelihoods_of(log_ps, [[text] for text in outputs])
    return np.array([own[0] / max(len(text), 1) for own, text in zip(likeliest, outputs, strict=True)])


def resized(straight: LineImage, size: float) -> LineImage:
    """A line image of the same height with larger or smaller writing around its middle."""
    width = max(1, round(straight.image.shape[1] * size))
    across = straight.image.shape[1] / width
    matrix = (across, 0, 0, 0, 1 / size, (1 - 1 / size) * HEIGHT / 2)
    image = Image.fromarray(straight.image).transform(
        (width, HEIGHT), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    return replace(straight, image=np.asarray(image), scale=straight.scale * across)
