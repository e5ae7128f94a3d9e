"""Escaping of text from outside, so that it is safe for terminals and one-line messages."""

from __future__ import annotations

import unicodedata


def printable(name: str) -> str:
    r"""Escape the characters of a text that cannot be printed, as in ``\x1b`` or ``\u2028``; the result is one line.

    Examples:
        >>> printable("a\x1bb") == r"a\x1bb"
        True
    """
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else ascii(c)[1:-1]  # Zs: any space
        for c in name
    )
