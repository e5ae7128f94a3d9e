"""Letter case: the search for letters leaves it out, and the case of each letter is told afterwards.

The language model knows no case. A beam that held `so`, `So`, `sO` and `SO` had no room for other letters, and block
capitals, many of which look like small letters, filled it with such readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocrcli.lines.beam_search import NEVER, Floats, Ints


def left_out(log_p: Floats, characters: Sequence[str]) -> Floats:
    """Give the probability of every capital to its small letter.

    Args:
        log_p: (steps, 1 + characters) log-probabilities of a row.
        characters: The characters of outputs 1, 2, ...

    Returns:
        The same shape; capitals that have a small letter are impossible.
    """
    small, capital = _pairs(tuple(characters))
    found = log_p.copy()
    found[:, small] = np.logaddexp(log_p[:, small], log_p[:, capital])
    found[:, capital] = NEVER
    return found


def told(outputs: Ints, mass: Floats, characters: Sequence[str]) -> Ints:
    """Make a letter of a text a capital where that is likelier.

    Args:
        outputs: (n,) outputs of the text, without capitals.
        mass: (n, 1 + characters) how likely each character is in its place.
        characters: The characters of outputs 1, 2, ...

    Returns:
        (n,) outputs.
    """
    small, capital = _pairs(tuple(characters))
    other = np.arange(1 + len(characters))
    other[small] = capital
    places = np.arange(len(outputs))
    return np.where(mass[places, other[outputs]] > mass[places, outputs], other[outputs], outputs)


@cache
def _pairs(characters: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Outputs of the small letters that have a capital, and of the capitals."""
    output = {character: number for number, character in enumerate(characters, 1)}
    both = [(output[c], output[c.upper()]) for c in characters if c.islower() and c.upper() in output]
    small, capital = np.array(both, np.intp).reshape(-1, 2).T
    return small, capital
