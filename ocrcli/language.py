"""Letter statistics of a language: how likely a letter is after the three before it.

A 4-gram of letters knows that `th` goes on with `e` and that no word begins with `wq`, which tells an
n from an h; it does not know words, so it cannot put one in the place of what is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocrcli.errors import UsageError
from ocrcli.files import shipped

SYMBOLS = 27
"""0 is the edge of a word (a space, a digit, a mark); 1 to 26 are a to z."""

ORDER = 4
HISTORIES = SYMBOLS ** (ORDER - 1)

EDGE = 0
"""History of a row's first letter, and symbol of all that is no letter."""

STEP = 24.0
"""The table holds -log p times this, rounded; 255 stands for all that is rarer than 1 in 40,000."""

UNKNOWN = 0.1
"""Share of all text that is not in the language: names, codes, other languages."""

LANGUAGES = ("en", "none")


@dataclass(frozen=True, eq=False)
class Language:
    """What `ocrcli.search` asks of a language.

    Attributes:
        advantage: (HISTORIES, SYMBOLS) float32, log-probability of each symbol after a history, against
            that of a letter drawn blindly; positive for what is likely.
    """

    advantage: NDArray[np.float32]

    def after(self, histories: NDArray[np.intp], symbols: NDArray[np.intp]) -> NDArray[np.float32]:
        """(b, m) scores of m symbols after b histories; what is no letter ends the word before it."""
        letters = self.advantage[histories[:, None], symbols[None, :]]
        return np.where(symbols[None, :] == EDGE, self.at_end(histories)[:, None], letters)

    def at_end(self, histories: NDArray[np.intp]) -> NDArray[np.float32]:
        """(b,) scores of a word's ending after b histories; 0 where no letter came last."""
        return np.where(histories % SYMBOLS == EDGE, np.float32(0), self.advantage[histories, EDGE])


def symbol_of(label: str) -> int:
    """The symbol of a character; case does not count."""
    lower = label.lower()
    return ord(lower) - ord("a") + 1 if "a" <= lower <= "z" else EDGE


def extended(histories: NDArray[np.intp], symbols: NDArray[np.intp]) -> NDArray[np.intp]:
    """(b, m) histories of b histories followed by m symbols. The edge of a word forgets what was before."""
    longer = histories[:, None] % SYMBOLS ** (ORDER - 2) * SYMBOLS + symbols[None, :]
    return np.where(symbols[None, :] == EDGE, EDGE, longer)


@cache
def load_language(name: str) -> Language | None:
    """The statistics of a language; None for ``none``.

    Raises:
        UsageError: If there is no such language.
    """
    if name not in LANGUAGES:
        raise UsageError(f"no language {name!r}; choose one of: {', '.join(LANGUAGES)}")
    if name == "none":
        return None
    with np.load(shipped(f"{name}.npz")) as stored:
        table = stored["minus_log"]
    return from_table(table)


def from_table(table: NDArray[np.uint8]) -> Language:
    """Make a language of (HISTORIES, SYMBOLS) uint8, -log p in `STEP`s."""
    p = (1 - UNKNOWN) * np.exp(-table.astype(np.float32) / STEP) + UNKNOWN / SYMBOLS
    return Language(np.log(p * SYMBOLS))
