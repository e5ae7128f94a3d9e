"""Rows of figures as tables: for a page of Markdown, and for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Row = tuple[str, ...]


def markdown(rows: Iterable[Row]) -> str:
    """Rows, the first of them the head, as a table."""
    head, *body = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *body))


def aligned(rows: Sequence[Row], widest: int = 12) -> str:
    """The same for a terminal: columns under each other, with the heads broken into lines of at most `widest`."""
    from textwrap import wrap

    head, *body = rows
    broken = [wrap(cell, widest) or [""] for cell in head]
    height = max(map(len, broken))
    lines = [
        tuple(cell[i - height + len(cell)] if i >= height - len(cell) else "" for cell in broken) for i in range(height)
    ]
    every = [*lines, *body]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in every
    )
