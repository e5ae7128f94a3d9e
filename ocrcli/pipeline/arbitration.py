"""Which of two readings of a row to keep: letter by letter, or as a whole.

Block letters stand apart and are read letter by letter; in joined writing a letter is only there in its
neighbourhood. Each reader tells how sure it is, and the style of the row says whom to believe.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ocrcli.imaging.components import Marks
from ocrcli.language.priors import CAPITAL_TWINS
from ocrcli.layout.baselines import Row
from ocrcli.letters.row_reading import LETTERS, LINES, ReadGlyph
from ocrcli.letters.spaces import far_apart, split_words

RECOGNIZERS = ("auto", LETTERS, LINES)

SURE_READING = {"capitals": 0.94, "mixed": 0.95}
"""Mean confidence by style above which a row that was read letter by letter needs no second reading."""

HEADSTART = 0.2
"""By how much the second reading may be less sure and be kept all the same: it is more often right where
the first is unsure. Chosen, as SURE_READING, on the development pages."""

WIDE_MARK, WIDE_SHARE = 1.6, 0.1
"""Capital heights, and share of a page's ink in wider marks up to which its letters stand apart: nobody who joins
letters lifts the pen after nearly each. On the development pages the shares are 0 to 0.09, or 0.12 and more."""

WORD_MARK = 3.0
"""Capital heights; a wider mark is several letters written in one go."""

JOINED_SHARE = 0.3
"""Share of a row's ink in such marks from which it is not worth cutting into letters."""

LEGIBLE_LETTERS = 0.75
"""Mean confidence from which letters that stand far apart, as on an alphabet sheet, are read one by one: nothing is
gained from neighbours there. Chosen on the development pages."""

SPECK_HEIGHT, UNREAD_SHARE = 0.3, 0.1
"""Capital heights up to which a mark may be a speck; share of a row's other ink, taken for no writing, from which the
gaps in its reading do not show that its letters stand far apart."""

MOST_OF_ONE = 0.5
"""Letters' worth of a row's ink, taken for no writing, from which it asks for a second reading."""

MANY_ROWS = 2
"""Times as many rows as are looked at first; a page with fewer is read letter by letter in any case."""

JOINED_HAND = 0.04
"""By how much the mean confidence of a few rows in mixed case must be higher as a whole than letter by letter for the
page to be in a joined hand. On the development pages with more, letters of the other rows would gain 0.005 CER."""

LIST_NUMBER, BARE_STROKES = re.compile(r"[2-9][.)]"), frozenset("Il|!")
"""How a row of a list begins; what a 1 before such a sign may be taken for."""

CAPITAL_SHARE = 0.5
"""Share of capitals, and of small letters that look like one, from which all of a row in block capitals are. Of 0.4,
0.5 and 0.6, chosen on the development pages."""


def letters_stand_apart(rows: Sequence[Row], marks: Marks) -> bool:
    """Whether the letters of a page stand apart, so that it need not be asked whether its hand is joined.

    Args:
        rows: Its rows.
        marks: Marks of the page, not cut yet.
    """
    areas = [marks.areas[row.marks] for row in rows]
    wide = [
        area[marks.widths[row.marks] > WIDE_MARK * row.cap_height].sum() for row, area in zip(rows, areas, strict=True)
    ]
    return bool(sum(wide) < WIDE_SHARE * sum(area.sum() for area in areas))


def is_joined(row: Row, marks: Marks) -> bool:
    """Whether a row is joined writing, which cannot be cut into letters.

    Args:
        row: The row.
        marks: Marks of the page, not cut yet.
    """
    areas = marks.areas[row.marks]
    return bool(areas[marks.widths[row.marks] > WORD_MARK * row.cap_height].sum() > JOINED_SHARE * areas.sum())


def unread_share(row: Row, marks: Marks, letters: Sequence[ReadGlyph]) -> float:
    """Share of a row's ink that was taken for no writing, specks aside: as far as no glyph lies over it.

    What lies before the first glyph or after the last one is left out for good reason, mostly: the edge of the paper.

    Args:
        row: The row.
        marks: Marks of the page, not cut yet.
        letters: The glyphs of its reading letter by letter.
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
    """Whether a row that was read letter by letter asks for a second reading.

    Args:
        letters: Its glyphs.
        style: Its style, one of `ocrcli.language.priors.STYLES`.
        unread: Its `unread_share`.
    """
    return confidence(letters) * (1 - unread) < SURE_READING[style] or unread * len(letters) > MOST_OF_ONE


def may_be_joined(few: Sequence[tuple[Sequence[ReadGlyph], str]]) -> bool:
    """Whether a few rows of a page, read letter by letter, leave it open that its hand is joined.

    Args:
        few: Glyphs and style of each.
    """
    return all(style == "mixed" and needs_second_reading(row, style) for row, style in few)


def is_joined_hand(letters: Sequence[Sequence[ReadGlyph]], whole: Sequence[Sequence[ReadGlyph]]) -> bool:
    """Whether a few rows of a page, read in both ways, show that the others need not be read letter by letter.

    Args:
        letters: Their glyphs, letter by letter.
        whole: Their glyphs, as a whole.
    """
    apart = [glyph for row in letters for glyph in row]
    together = [glyph for row in whole for glyph in row]
    return confidence(together) > confidence(apart) + JOINED_HAND


def prefers_line_reading(whole: Sequence[ReadGlyph], letters: Sequence[ReadGlyph], unread: float = 0.0) -> bool:
    """Whether the reading of the row as a whole is to be kept.

    Args:
        whole: Its glyphs.
        letters: The glyphs of the reading letter by letter.
        unread: The `unread_share` of that.
    """
    # The line reader sees a quote's strokes, and not how short they are; letters far apart it has not learnt.
    sure = confidence(letters)
    if are_quotes(letters) or (unread < UNREAD_SHARE and sure >= LEGIBLE_LETTERS and far_apart(letters)):
        return False
    return bool(whole) and confidence(whole) > sure * (1 - unread) - HEADSTART


def confidence(row: Sequence[ReadGlyph]) -> float:
    """Mean confidence of the glyphs, 0 for none: the share of them expected to be right."""
    return sum(glyph.confidence for glyph in row) / len(row) if row else 0.0


def are_quotes(row: Sequence[ReadGlyph]) -> bool:
    """Whether a row holds quotes and nothing else, as those around the text that explains a program."""
    return len(row) > 1 and all(glyph.text == '"' for glyph in row)


def with_list_numbers(rows: Sequence[Sequence[ReadGlyph]]) -> list[list[ReadGlyph]]:
    """Rows of which one that begins with ``I.`` begins with ``1.`` where another one begins with ``2.``.

    By its crop a stroke may be either, and I is a word.

    Args:
        rows: The glyphs of each row of a page.
    """
    begins = [_first_word(row) for row in rows]
    signs = {word[-1] for word in begins if LIST_NUMBER.fullmatch(word)}
    return [
        [_as_one(row[0]), *row[1:]] if len(word) == 2 and word[0] in BARE_STROKES and word[1] in signs else list(row)
        for row, word in zip(rows, begins, strict=True)
    ]


def _as_one(glyph: ReadGlyph) -> ReadGlyph:
    """A stroke read as 1; what it was read as before takes the place of that among the alternatives."""
    others = tuple((glyph.text if text == "1" else text, p) for text, p in glyph.alternatives)
    return replace(glyph, text="1", alternatives=others)


def _first_word(row: Sequence[ReadGlyph]) -> str:
    words = split_words(row)
    return "".join(glyph.text for glyph in words[0]) if words else ""


def in_style_of_row(whole: Sequence[ReadGlyph], style: str) -> list[ReadGlyph]:
    """A row read as a whole, in capitals where it is written in block capitals.

    Small capitals are written for lower case among them, and the line reader cannot tell those from small letters.

    Args:
        whole: Its glyphs.
        style: The row's style, one of `ocrcli.language.priors.STYLES`.
    """
    cased = [glyph.text for glyph in whole if glyph.text.isalpha()]
    high = sum(text.isupper() or text in CAPITAL_TWINS for text in cased)
    if style != "capitals" or high < CAPITAL_SHARE * len(cased):
        return list(whole)
    return [replace(glyph, text=glyph.text.upper()) if len(glyph.text.upper()) == 1 else glyph for glyph in whole]
