"""Charset: an allow list of the only characters that may be recognized."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from ocrcli.core.errors import UsageError
from ocrcli.language.model import plain
from ocrcli.language.priors import NOT_A_LETTER

_RANGE = re.compile("([0-9])-([0-9])|([A-Z])-([A-Z])|([a-z])-([a-z])")


def characters(allow: str) -> frozenset[str]:
    """Parse an allow list into its characters.

    ``0-9``, ``A-F`` and ``a-z`` are ranges of digits or letters of one case; a hyphen anywhere else is a hyphen. Spaces
    are ignored: spaces between words are not limited by the allow list.

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
    """Mask of the classes that an allow list allows.

    Only the line recognizer has letters with accents. For a model that has only the letter without accent, an accented
    letter allows no class.

    Args:
        allow: As `characters` takes it.
        labels: The classes; *not a letter* is always allowed.

    Returns:
        (classes,) bool.

    Raises:
        UsageError: If the list is empty, a range runs backwards, or a character is unknown, also without its accent.
    """
    wanted = characters(allow)
    unknown = sorted(c for c in wanted if plain(c) not in labels)
    if unknown:
        known = "".join(sorted(labels))
        raise UsageError(f"the model does not know {', '.join(map(repr, unknown))}; it can be allowed: {known}")
    return np.array([label in wanted or label == NOT_A_LETTER for label in labels])


def only(classes: NDArray[np.bool_], log_p: NDArray[np.float32]) -> NDArray[np.float32]:
    """Limit log-probabilities to the allowed classes and normalize them.

    Args:
        classes: (classes,) bool mask from `kept`.
        log_p: (..., classes) log-probabilities.

    Returns:
        (..., classes), -inf for all other classes, with probabilities that sum to 1.
    """
    masked = np.where(classes, log_p, np.float32(-np.inf))
    return np.asarray(masked - np.logaddexp.reduce(masked, axis=-1, keepdims=True))
