"""Learns a hand from known pages, and keeps what helps, by cross-validation.

Every line is read by what the other lines have taught, as a page is read: both recognizers, their arbitration, the
language model. Whatever does not lower the errors so is left out of the hand (Stone 1974, "Cross-validatory choice and
assessment of statistical predictions").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from ocrcli.core.errors import InputError, ModelError, NothingWrittenError
from ocrcli.core.settings import Settings
from ocrcli.hands.fit import LetterSamples, RowSample, fit_letters, fit_rows
from ocrcli.hands.hand import Hand, Worth
from ocrcli.language.model import words_in
from ocrcli.learn.pages import KnownPage, Line, row_texts
from ocrcli.learn.samples import join, letter_samples, row_samples
from ocrcli.pipeline.models import Models
from ocrcli.pipeline.reading import read_page

FOLDS = 4

MARGIN = 0.8
"""Share of the errors that may be left, for a hand to be kept: less of a gain is often chance, and does harm on other
pages as often as not. Chosen with writers of UNIPEN and hdBPMN, see `models/history/hands.md`."""

LEAST_LINES = 2
"""Fewest lines that can teach each other."""

Key = tuple[int, int]
"""Index of a page, and of a row or line on it."""


@dataclass(frozen=True)
class Parts:
    """Which parts of a hand are used.

    Attributes:
        letters: The head of the letter classifier.
        lines: The head of the line recognizer.
        words: The words.
    """

    letters: bool = False
    lines: bool = False
    words: bool = False


NOTHING = Parts()

TRIALS = (Parts(letters=True, lines=True), Parts(lines=True), Parts(letters=True))
"""What is tried, without the words; of equals the first is kept."""


@dataclass(frozen=True, eq=False)
class Learner:
    """Known pages, with their samples.

    Attributes:
        pages: The pages.
        settings: How to read.
        models: The models, without a hand.
        rows: Samples for the line recognizer, by page and row.
        letters: Samples for the letter classifier, by page and row.
    """

    pages: Sequence[KnownPage]
    settings: Settings
    models: Models
    rows: Mapping[Key, RowSample]
    letters: Mapping[Key, LetterSamples]

    @property
    def lines(self) -> list[tuple[int, Line]]:
        """The lines of all pages, each with the index of its page."""
        return [(number, line) for number, page in enumerate(self.pages) for line in page.lines]

    def hand(self, lines: Sequence[tuple[int, Line]], name: str = "") -> Hand:
        """Learn from some lines, all parts."""
        keys = {(page, row) for page, line in lines for row in line.rows}
        joined = join([sample for key, sample in self.letters.items() if key in keys])
        rows = [sample for key, sample in self.rows.items() if key in keys]
        return Hand(
            name,
            {},
            Worth(0, 0, 0, 0),
            tuple(page.name for page in self.pages),
            fit_letters(joined, self.models.letters.temperature) if joined else None,
            fit_rows(rows, self.models.lines.temperature) if rows else None,
            words_in("\n".join(line.text for _, line in lines)),
        )

    def wrong(self, hand: Hand | None, lines: Sequence[tuple[int, Line]]) -> int:
        """Wrong characters in some lines, read with a hand; each page is read as a whole."""
        models, edits = self.models.with_hand(hand), 0
        for number, page in enumerate(self.pages):
            wanted = [line for of, line in lines if of == number]
            if wanted:
                read = self._read(page, models)
                edits += sum(
                    Levenshtein.distance(line.text, " ".join(read[row] for row in line.rows if read[row]))
                    for line in wanted
                )
        return edits

    def _read(self, page: KnownPage, models: Models) -> list[str]:
        found: dict[str, object] = {}
        try:
            read_page(page.page, self.settings, models, found.__setitem__)
        except NothingWrittenError:
            return [""] * len(page.page.rows)
        rows = found["judged"][0]  # type: ignore[index]
        return row_texts(rows)


def learner(pages: Sequence[KnownPage], settings: Settings, models: Models) -> Learner:
    """Gather the samples of pages.

    Raises:
        InputError: If too few lines are known.
        ModelError: If a model does not show what its last layer sees.
    """
    if not models.letters.width or not models.lines.width:
        raise ModelError("this letter model cannot learn: it has no output `features`; make it again by its recipe")
    count = sum(len(page.lines) for page in pages)
    if count < LEAST_LINES:
        raise InputError(
            f"{count} line{'s' * (count != 1)} of the text can be found on the photos, and it takes {LEAST_LINES}; "
            "check the text, or give more pages"
        )
    rows = {(n, row): s for n, page in enumerate(pages) for row, s in row_samples(page, models.lines).items()}
    letters = {(n, row): s for n, page in enumerate(pages) for row, s in letter_samples(page, models.letters).items()}
    return Learner(pages, settings, models, rows, letters)


def learn(of: Learner, name: str, digests: Mapping[str, str]) -> Hand | None:
    """Learn a hand, and keep the parts that help.

    Args:
        of: The known pages.
        name: Name of the hand.
        digests: SHA-256 of the models, for the record.

    Returns:
        The hand; None if it does not help enough (`MARGIN`).
    """
    lines = of.lines
    folds = [lines[start :: min(FOLDS, len(lines))] for start in range(min(FOLDS, len(lines)))]
    taught = [of.hand([line for line in lines if line not in fold]) for fold in folds]
    before = of.wrong(None, lines)

    def after(parts: Parts) -> int:
        return sum(of.wrong(only(hand, parts), fold) for hand, fold in zip(taught, folds, strict=True))

    best, least = NOTHING, before
    for parts in _possible(taught):
        if (wrong := after(parts)) < least:
            best, least = parts, wrong
    with_words = replace(best, words=True)
    if (wrong := after(with_words)) < least:
        best, least = with_words, wrong
    if best == NOTHING or least > MARGIN * before:
        return None
    worth = Worth(before, least, sum(len(line.text) for _, line in lines), len(lines))
    return replace(only(of.hand(lines, name), best), models=digests, worth=worth)


def only(hand: Hand, parts: Parts) -> Hand:
    """A hand with some of its parts."""
    return replace(
        hand,
        letters=hand.letters if parts.letters else None,
        lines=hand.lines if parts.lines else None,
        words=hand.words if parts.words else (),
    )


def _possible(taught: Sequence[Hand]) -> list[Parts]:
    """The trials for which something was learnt."""
    letters, lines = any(hand.letters for hand in taught), any(hand.lines for hand in taught)
    return [parts for parts in TRIALS if parts.letters <= letters and parts.lines <= lines]
