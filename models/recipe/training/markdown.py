"""Markdown: tables, wrapped prose, and a section of a card that is replaced as a whole."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

WIDTH = 116

BETWEEN_MARKERS = re.compile(r"<!-- figures.*?<!-- end of figures -->", re.DOTALL)


def rows(cells: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is the head, and all columns but the first are figures."""
    head, *body = cells
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


def code(text: str) -> str:
    """Characters as code; a backtick needs a longer fence, and a bar would end a table's cell."""
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def percent(share: float) -> str:
    """A share of 1 as a percentage."""
    return f"{100 * share:.1f} %"


def wrapped(text: str) -> str:
    """Wrap the paragraphs, once figures have been put in; tables, headings and pictures stay as they are."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        p if p.startswith(("|", "#", "!")) else textwrap.fill(p, WIDTH, break_long_words=False, break_on_hyphens=False)
        for p in paragraphs
    )


def put_between_markers(card: Path, blocks: Sequence[str], made_by: str) -> None:
    """Replace what stands between the two markers of a card.

    Args:
        card: A Markdown file with ``<!-- figures ... -->`` and ``<!-- end of figures -->``.
        blocks: Markdown to put there, an empty line between them.
        made_by: The command that made them, for the first marker.

    Raises:
        ValueError: If the card has not exactly one such place.
    """
    made = "\n\n".join([f"<!-- figures: made by {made_by} -->", *blocks, "<!-- end of figures -->"])
    text, count = BETWEEN_MARKERS.subn(lambda _: made, card.read_text("utf-8"))
    if count != 1:
        raise ValueError(f"{card}: no place for the figures")
    card.write_text(text, "utf-8")


def put_into_card(card: Path, section: str) -> None:
    """Replace the section of a card that has the same heading, or append it.

    Args:
        card: A Markdown file.
        section: From its heading, of the second level, to its end.
    """
    heading = section.splitlines()[0]
    text = card.read_text("utf-8")
    pattern = rf"^{re.escape(heading)}\n.*?(?=^## |\Z)"
    if re.search(pattern, text, re.DOTALL | re.MULTILINE):
        new = re.sub(pattern, lambda _: section + "\n", text, count=1, flags=re.DOTALL | re.MULTILINE)
    else:
        new = f"{text.rstrip()}\n\n{section}"
    card.write_text(new.rstrip() + "\n", "utf-8")


def plain_table(section: str) -> str:
    """The headings and tables of the Markdown, for the terminal."""
    kept = [line for line in section.splitlines() if line.startswith(("#", "|")) and not line.startswith("| ---")]
    return "\n".join(f"\n{line.lstrip('# ')}" if line.startswith("#") else line for line in kept)
