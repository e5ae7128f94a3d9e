"""Pages as plain text: a line for a line, an empty line between paragraphs."""

from __future__ import annotations

from collections.abc import Iterable

from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document


def to_text(documents: Iterable[Document]) -> str:
    """The text; of several documents, each under its name as `head` and `tail` write it."""
    held = list(documents)
    if len(held) == 1:
        return plain(held[0].page)
    return "".join(part(document, number) for number, document in enumerate(held, 1))


def part(document: Document, number: int) -> str:
    """The text of one of several documents under its name; before all but the first comes an empty line."""
    gap = "\n" if number > 1 else ""
    return f"{gap}==> {printable(document.name)} <==\n{plain(document.page)}"


def plain(page: Page) -> str:
    """A page's text, each line ended by a newline; nothing in it moves a terminal's cursor."""
    paragraphs = ("".join(f"{printable(line.text)}\n" for line in lines) for lines in page.paragraphs)
    return "\n".join(paragraphs)
