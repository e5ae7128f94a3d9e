"""Text that comes from outside, made safe for a terminal and for one-line messages."""

from __future__ import annotations

import unicodedata


def printable(name: str) -> str:
    r"""A name on one line: whatever cannot be printed is escaped, as in ``\x1b`` or ``\u2028``."""
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else ascii(c)[1:-1]  # Zs: any space
        for c in name
    )
