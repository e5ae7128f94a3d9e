"""Pages as plain text: a line for a line, an empty line between paragraphs."""

from __future__ import annotations

from collections.abc import Iterable

from ocrcli.formats import Document
from ocrcli.page import Page
from ocrcli.printable import printable


def to_text(documents: Iterable[Document]) -> str:
    """The text; of several documents, each under its name as `head` and `tail` write it."""
    held = [(printable(document.name), plain(document.page)) for document in documents]
    if len(held) == 1:
        return held[0][1]
    return "\n".join(f"==> {name} <==\n{text}" for name, text in held)


def plain(page: Page) -> str:
    """A page's text, each line ended by a newline; nothing in it moves a terminal's cursor."""
    paragraphs = ("".join(f"{printable(line.text)}\n" for line in lines) for lines in page.paragraphs)
    return "\n".join(paragraphs)
