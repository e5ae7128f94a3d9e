"""Replacement of uncertain letters, for formats without confidences."""

from __future__ import annotations

from dataclasses import replace

from ocrcli.core.page import Page

PLACEHOLDER = "?"

FOR_PEOPLE = ("text", "markdown")
"""Formats in which letters with a low confidence are replaced; the other formats contain the confidence."""


def masked(page: Page, minimum: float, placeholder: str = PLACEHOLDER) -> Page:
    """Replace every letter whose confidence is below `minimum`.

    Args:
        page: The page.
        minimum: A probability, 0 to 1; 0 changes nothing.
        placeholder: The replacement; it may be empty.
    """
    lines = tuple(
        replace(
            line,
            words=tuple(
                replace(
                    word,
                    glyphs=tuple(
                        glyph if glyph.confidence >= minimum else replace(glyph, text=placeholder)
                        for glyph in word.glyphs
                    ),
                )
                for word in line.words
            ),
        )
        for line in page.lines
    )
    return replace(page, lines=lines)
