"""Plain text: one line for each text line, an empty line between paragraphs."""

from __future__ import annotations

from collections.abc import Iterable

from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document


def to_text(documents: Iterable[Document]) -> str:
    """Write the text of all documents; several documents have a header with the name, as `head` and `tail` write it."""
    held = list(documents)
    if len(held) == 1:
        return plain(held[0].page)
    return "".join(part(document, number) for number, document in enumerate(held, 1))


def part(document: Document, number: int) -> str:
    """The text of one of several documents with its header; an empty line separates it from the one before."""
    gap = "\n" if number > 1 else ""
    return f"{gap}==> {printable(document.name)} <==\n{plain(document.page)}"


def plain(page: Page) -> str:
    """The text of a page, each line ended by a newline; control characters are escaped."""
    paragraphs = ("".join(f"{printable(line.text)}\n" for line in lines) for lines in page.paragraphs)
    return "\n".join(paragraphs)
