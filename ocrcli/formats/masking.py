"""A page without the letters that are too unsure."""

from __future__ import annotations

from dataclasses import replace

from ocrcli.core.page import Page

PLACEHOLDER = "?"


def masked(page: Page, minimum: float, placeholder: str = PLACEHOLDER) -> Page:
    """The page with `placeholder` in place of every letter whose confidence is below `minimum`.

    Args:
        page: What was read.
        minimum: A probability; at 0 nothing changes.
        placeholder: Any text, also none.
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
