"""A few letters of pen ink, made up, for the recipe's tests."""

import numpy as np

from models.recipe.handwriting import characters

LETTER_T = np.array([[0, 0], [300, 5], [600, 0], [300, 0], [305, 500], [300, 1000]], np.int16)
T_STROKES = np.array([0, 3, 6], np.int32)
T_SIZE = np.array([0.6, 1.0], np.float32)


def corpus() -> characters.Corpus:
    """Eight writers of one T each, one T of another source, and one picture of a bar."""
    count = 9
    ink = characters.Ink(
        points=np.tile(LETTER_T, (count, 1)),
        stroke_off=np.arange(0, 3 * 2 * count + 1, 3, dtype=np.int32),
        char_off=np.arange(0, 2 * count + 1, 2, dtype=np.int32),
        labels=np.full(count, characters.LABEL_INDEX["T"]),
        writers=np.array([*range(8), 1003], np.int32),
        relwh=np.tile(T_SIZE, (count, 1)),
    )
    bar = np.zeros((64, 64), np.uint8)
    bar[8:56, 28:36] = 255
    return characters.Corpus(ink, characters.Pictures([bar], np.array([characters.LABEL_INDEX["I"]])))
