"""Words that were struck out: the line recognizer tells them by a mark of its own after the word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrcli.lines.beam_search import BLANK, NEVER

STRUCK = "\N{COMBINING LONG STROKE OVERLAY}"
"""What the line recognizer says at the end of a word that was struck out; the word stands before it where it can still
be read."""

SURE = 0.5
"""Probability of the mark at a step, from which on a word is struck out."""


def without_marks(log_p: NDArray[np.float32], characters: Sequence[str]) -> tuple[NDArray[np.float32], tuple[int, ...]]:
    """Take the marks out of the output for a row, as no language knows them.

    Args:
        log_p: (steps, 1 + characters) log-probabilities.
        characters: The characters of outputs 1, 2, ...; output 0 is the blank.

    Returns:
        The log-probabilities with the blank in place of the mark, and the steps at which struck-out words end that can
        still be read.
    """
    if STRUCK not in characters or not len(log_p):
        return log_p, ()
    column = characters.index(STRUCK) + 1
    marked = np.exp(log_p[:, column]) > SURE
    ends = np.flatnonzero(marked & ~np.append(marked[1:], False)).tolist()
    left = log_p.copy()
    left[:, BLANK] = np.logaddexp(log_p[:, BLANK], log_p[:, column])
    left[:, column] = NEVER
    likeliest = left.argmax(axis=1)
    return left, tuple(end for end in ends if _says_a_letter(likeliest[:end], characters))


def _says_a_letter(outputs: NDArray[np.intp], characters: Sequence[str]) -> bool:
    """Whether the last character of some steps is a letter; after a space, a scribble was struck out and no word."""
    said = outputs[outputs != BLANK]
    return bool(len(said)) and characters[said[-1] - 1] != " "


def struck_out(texts: Sequence[str], edges: NDArray[np.float64], ends: Sequence[int]) -> list[bool]:
    """Which characters of a reading are of a struck-out word.

    Args:
        texts: (n,) the characters, spaces among them.
        edges: (n + 1,) where each begins and ends, in steps.
        ends: Steps at which struck-out words end.

    Returns:
        (n,) True for the letters of the last word that has begun before each of the ends.
    """
    words = np.cumsum([text == " " for text in texts])
    middles = (edges[:-1] + edges[1:]) / 2
    letters = np.array([text != " " for text in texts], bool)
    found = np.zeros(len(texts), bool)
    for end in ends:
        before = np.flatnonzero(letters & (middles <= end + 0.5))
        if len(before):
            found |= letters & (words == words[before[-1]])
    return found.tolist()
