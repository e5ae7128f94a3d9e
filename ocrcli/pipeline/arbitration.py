"""Arbitration: choose between two readings of a row, letter by letter or by the line recognizer.

Block letters stand apart and are read letter by letter. Joined writing cannot be cut into letters, and is read by the
line recognizer as a whole. A row that is not read letter by letter with certainty is read by it, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocrcli.imaging.components import Marks
from ocrcli.language.priors import CAPITAL_TWINS
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import LETTERS, LINES, ReadGlyph
from ocrcli.letters.spaces import far_apart

RECOGNIZERS = ("auto", LETTERS, LINES)

SURE_READING = {"capitals": 0.94, "mixed": 0.95}
"""Mean confidence, by style, from which a row read letter by letter is not read by the line recognizer as well. Chosen
on the development pages."""

WORD_MARK = 3.0
"""Width in capital heights; a wider mark is several joined letters."""

JOINED_SHARE = 0.3
"""Share of a row's ink in such marks above which the row is not cut into letters."""

SPECK_HEIGHT = 0.3
"""Maximum height of a speck, in capital heights."""

MOST_OF_ONE = 0.5
"""Unread ink of a row, in letters, above which the line recognizer reads it as well."""

CAPITAL_SHARE = 0.5
"""Share of capitals, and of small letters of the same shape, from which all letters of a row in block capitals become
capitals. Chosen from 0.4, 0.5 and 0.6 on the development pages."""

LEAST_CASE = 0.02
"""Probability of a case at least: neither reading is surer of it."""

ENOUGH_TELLING, TELLING_SHARE = 4, 0.4
"""Number of letters whose shape tells their case, and share of capitals among them below which a row is not in block
capitals: joined words have many round letters. Rows of the development pages in block capitals have 0.48 and more."""


def is_joined(row: Row, marks: Marks) -> bool:
    """Whether a row is joined writing, which is not cut into letters.

    Args:
        row: The row.
        marks: Marks of the page, before over-segmentation.
    """
    areas = marks.areas[row.marks]
    return bool(areas[marks.widths[row.marks] > WORD_MARK * row.cap_height].sum() > JOINED_SHARE * areas.sum())


def unread_share(row: Row, marks: Marks, letters: Sequence[ReadGlyph]) -> float:
    """Share of a row's ink, without specks, that no glyph covers.

    Ink before the first glyph or after the last one does not count: it is mostly the edge of the paper.

    Args:
        row: The row.
        marks: Marks of the page, before over-segmentation.
        letters: Glyphs of the row, read letter by letter.
    """
    if not letters:
        return 0.0
    read_left, read_top, read_right, read_bottom = np.array([glyph.box for glyph in letters]).T[:, None]
    boxes = marks.boxes[row.marks]
    among = (boxes[:, 2] > read_left.min()) & (boxes[:, 0] < read_right.max())
    members = row.marks[among & (marks.heights[row.marks] > SPECK_HEIGHT * row.cap_height)]
    if not len(members):
        return 0.0
    left, top, right, bottom = marks.boxes[members].T[..., None]
    beside = (read_bottom > top) & (read_top < bottom)
    common = np.clip(np.minimum(right, read_right) - np.maximum(left, read_left), 0, None) * beside
    read = np.minimum(common.sum(axis=1) / marks.widths[members], 1)
    return float(1 - read @ marks.areas[members] / marks.areas[members].sum())


def needs_second_reading(letters: Sequence[ReadGlyph], style: str, unread: float = 0.0) -> bool:
    """Whether the line recognizer should read a row that was read letter by letter.

    Args:
        letters: Glyphs of the row.
        style: Style of the row, one of `ocrcli.language.priors.STYLES`.
        unread: Its `unread_share`.
    """
    return confidence(letters) * (1 - unread) < SURE_READING[style] or unread * len(letters) > MOST_OF_ONE


def prefers_line_reading(whole: Sequence[ReadGlyph], letters: Sequence[ReadGlyph]) -> bool:
    """Whether to keep the reading of the line recognizer.

    It is kept as a rule, for it was asked because the letters are not read with certainty.

    Args:
        whole: Glyphs of the row, read by the line recognizer.
        letters: Its glyphs, read letter by letter.
    """
    # The line recognizer does not see how short the strokes of a quote are, and was not trained on letters far apart.
    if not whole or are_quotes(letters):
        return False
    apart = far_apart(letters) and len(letters) >= len(whole)
    return not apart or confidence(whole) > confidence(letters)


def in_likelier_case(
    whole: Sequence[ReadGlyph], letters: Sequence[ReadGlyph], capitals: float = 0.0
) -> list[ReadGlyph]:
    """A row read by the line recognizer; where its letters differ in case alone, each has the likelier case by both.

    Args:
        whole: Glyphs of the row.
        letters: Its glyphs, read letter by letter.
        capitals: Log-odds that a row of the page begins with a capital, by `first_capitals`.
    """
    same = [glyph.text.casefold() for glyph in whole] == [glyph.text.casefold() for glyph in letters]
    if not same:
        return list(whole)
    found = []
    for number, (glyph, letter) in enumerate(zip(whole, letters, strict=True)):
        first = (capitals if letter.text.isupper() else -capitals) if number == 0 else 0.0
        flips = letter.text != glyph.text and case_odds(letter, glyph) + first > case_odds(glyph, letter)
        found.append(replace(glyph, text=letter.text) if flips else glyph)
    return found


def case_odds(glyph: ReadGlyph, other: ReadGlyph) -> float:
    """Log-odds of the case of a glyph against that of another reading of it."""
    p = dict(glyph.alternatives).get(other.text, 0.0)
    return float(np.log(max(glyph.confidence, LEAST_CASE) / max(p, LEAST_CASE)))


def first_capitals(rows: Sequence[str]) -> float:
    """Log-odds that a row begins with a capital, by how the rows of a page do: most lists have them alike."""
    upper, lower = (sum(test(row[:1]) for row in rows) for test in (str.isupper, str.islower))
    return float(np.log((upper + 1) / (lower + 1)))


def confidence(row: Sequence[ReadGlyph]) -> float:
    """Mean confidence of the glyphs, the expected share of right ones; 0 for no glyphs."""
    return sum(glyph.confidence for glyph in row) / len(row) if row else 0.0


def are_quotes(row: Sequence[ReadGlyph]) -> bool:
    """Whether a row has only quotation marks, such as those around a docstring of a program."""
    return len(row) > 1 and all(glyph.text == '"' for glyph in row)


def in_style_of_row(whole: Sequence[ReadGlyph], style: str) -> list[ReadGlyph]:
    """A row read by the line recognizer, changed to capitals if its style is block capitals.

    Block capitals have small capitals in place of lower case, and the line recognizer takes those for lower case.

    Args:
        whole: Glyphs of the row.
        style: Style of the row, one of `ocrcli.language.priors.STYLES`.
    """
    cased = [glyph.text for glyph in whole if glyph.text.isalpha()]
    high = sum(text.isupper() or text in CAPITAL_TWINS for text in cased)
    if style != "capitals" or high < CAPITAL_SHARE * len(cased):
        return list(whole)
    telling = [text.isupper() for text in cased if text.lower() not in CAPITAL_TWINS]
    if len(telling) >= ENOUGH_TELLING and sum(telling) < TELLING_SHARE * len(telling):
        return list(whole)
    return [replace(glyph, text=glyph.text.upper()) if len(glyph.text.upper()) == 1 else glyph for glyph in whole]
