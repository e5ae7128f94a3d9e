"""Front matter of a note in Markdown, and the link to its photo, as Obsidian and Joplin read them."""

from __future__ import annotations

import os
from pathlib import Path

from ocrcli.core.page import Page
from ocrcli.formats.json import plain_name
from ocrcli.sources import Source
from ocrcli.sources.dates import taken


def front_matter(source: Source, page: Page) -> dict[str, str | float]:
    """Facts about a note by name: its source and confidence, and date and language if they are known."""
    date = taken(source)
    facts: dict[str, str | float] = {"source": plain_name(source.name)}
    if date:
        facts["date"] = date
    facts["confidence"] = round(page.confidence, 4)
    if page.language:
        facts["language"] = page.language
    return facts


def link_to(source: Source, folder: Path) -> str:
    """The path of a photo, seen from a folder, with forward slashes; empty if it is not a file on disk."""
    if not isinstance(source.origin, str):
        return ""
    path = Path(source.origin).absolute()
    try:
        return Path(os.path.relpath(path, folder.absolute())).as_posix()
    except ValueError:  # on another drive of Windows
        return path.as_uri()
