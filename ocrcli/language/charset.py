"""An allow list: the only characters that may be printed."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import UsageError
from ocrcli.language.model import plain
from ocrcli.language.priors import NOT_A_LETTER

_RANGE = re.compile("([0-9])-([0-9])|([A-Z])-([A-Z])|([a-z])-([a-z])")


def characters(allow: str) -> frozenset[str]:
    """The characters of an allow list.

    ``0-9``, ``A-F`` and ``a-z`` stand for all from one digit or letter to another of its kind; a hyphen
    anywhere else is a hyphen. Spaces are left out: where words part is not a matter of characters.

    Raises:
        UsageError: If the list is empty, or a range runs backwards.
    """
    found: set[str] = set()

    def expand(match: re.Match[str]) -> str:
        first, last = (end for end in match.groups() if end)
        if first > last:
            raise UsageError(f"the range {match[0]} of the allow list runs backwards; write {last}-{first}")
        found.update(map(chr, range(ord(first), ord(last) + 1)))
        return ""

    found.update("".join(_RANGE.sub(expand, allow).split()))
    if not found:
        raise UsageError("the allow list is empty; name the characters that may be printed, such as 0-9A-Z.,-")
    return frozenset(found)


def kept(allow: str, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which classes an allow list leaves.

    Letters with accents are the line reader's alone: for a model that has the letter without, they leave nothing.

    Args:
        allow: As `characters` takes it.
        labels: The classes; *not a letter* is always left.

    Returns:
        (classes,) bool.

    Raises:
        UsageError: If the list is empty, or has a character that is no class, nor a letter of one with an accent.
    """
    wanted = characters(allow)
    unknown = sorted(c for c in wanted if plain(c) not in labels)
    if unknown:
        known = "".join(sorted(labels))
        raise UsageError(f"the model does not know {', '.join(map(repr, unknown))}; it can be allowed: {known}")
    return np.array([label in wanted or label == NOT_A_LETTER for label in labels])


def only(classes: NDArray[np.bool_], log_p: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-probabilities given that nothing but some classes can be.

    Args:
        classes: (classes,) bool, as `kept` gives it.
        log_p: (..., classes).

    Returns:
        (..., classes), -inf for all other classes, with probabilities that sum to 1.
    """
    masked = np.where(classes, log_p, np.float32(-np.inf))
    return np.asarray(masked - np.logaddexp.reduce(masked, axis=-1, keepdims=True))
