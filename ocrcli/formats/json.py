"""Pages as JSON: page -> lines -> words -> glyphs.

Boxes are [left, top, right, bottom] in pixels of the upright photo, the last two exclusive.
Confidences are probabilities, rounded to four decimals. The document is ASCII, so any pipe carries it unharmed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ocrcli.formats import Document
from ocrcli.page import Box, Glyph, Line, Page, Word

VERSION = 1


def to_json(documents: Iterable[Document]) -> str:
    """One JSON document for all pages."""
    pages = [{"image": document.name, **page_dict(document.page)} for document in documents]
    return json.dumps({"version": VERSION, "pages": pages}, indent=1) + "\n"


def page_dict(page: Page) -> dict[str, Any]:
    """A page as plain dictionaries and lists."""
    return {
        "width": page.width,
        "height": page.height,
        "turned": page.turned,
        "text": page.text,
        "confidence": round(page.confidence, 4),
        "lines": [_line(line) for line in page.lines],
    }


def _common(part: Line | Word | Glyph) -> dict[str, Any]:
    return {"text": part.text, "confidence": round(part.confidence, 4), "box": _box(part.box)}


def _line(line: Line) -> dict[str, Any]:
    return {**_common(line), "paragraph": line.paragraph, "words": [_word(word) for word in line.words]}


def _word(word: Word) -> dict[str, Any]:
    return {**_common(word), "recognizer": word.recognizer, "glyphs": [_glyph(glyph) for glyph in word.glyphs]}


def _glyph(glyph: Glyph) -> dict[str, Any]:
    others = [{"text": text, "confidence": round(p, 4)} for text, p in glyph.alternatives]
    return {**_common(glyph), "alternatives": others}


def _box(box: Box) -> list[int]:
    return [box.left, box.top, box.right, box.bottom]
