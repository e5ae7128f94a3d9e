"""Error rates of a reading: letter accuracy, CER, WER, confusions, and a diff of lines.

The *reference* is what was written (the ground truth), the *hypothesis* is what was read. An error
rate is ``(S + D + I) / N``: the fewest substitutions, deletions and insertions that turn the
reference into the hypothesis (Levenshtein 1966), divided by the length of the reference. Counted in
characters it is the character error rate (CER; one minus the "character accuracy" of Rice 1996),
counted in words the word error rate (WER; Morris, Maier and Green 2004). Rates are fractions, not
percentages, 0 is perfect, and more insertions than there was writing make them exceed 1.

A character is a Unicode code point after NFC. Case, punctuation and single spaces count; `normalise` says which white
space does not count.

References:
    Levenshtein, "Binary codes capable of correcting deletions, insertions and reversals", 1966.
    Rice, "Measuring the accuracy of page-reading systems", University of Nevada, Las Vegas, 1996.
    Morris, Maier, Green, "From WER and RIL to MER and WIL", Interspeech 2004.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

GAP = "·"
"""Placeholder in a `LineDiff` for a character that only the other row has."""


def normalise(text: str) -> str:
    r"""Normalise white space and compose accents (Unicode NFC).

    Words are separated by one space and lines by one ``\n``. Lines do not begin or end with a space, and empty lines
    are removed, because a reader of text lines does not see them.

    Examples:
        >>> normalise("  A   cat \n\n sat ")
        'A cat\nsat'
    """
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(line for line in lines if line)


def letters(text: str) -> str:
    """The text in upper case with only A–Z and 0–9 kept; accented letters are removed, composed or not.

    Examples:
        >>> letters("6 brown eggs!")
        '6BROWNEGGS'
    """
    return re.sub("[^A-Z0-9]", "", unicodedata.normalize("NFC", text).upper())


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of edits and the length of the reference. Tallies of several texts can be added, unlike rates.

    Attributes:
        edits: Substitutions, deletions and insertions, in the same unit as `length`.
        length: Length of the reference.
    """

    edits: int = 0
    length: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.edits + other.edits, self.length + other.length)

    @property
    def rate(self) -> float:
        """Edits per unit of the reference, at least 0.

        An empty reference counts as length 1: an empty reading is then perfect, and each character that was read is a
        whole error.
        """
        return self.edits / max(1, self.length)


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of errors of a reading.

    Scores can be added. The rates of a sum weight each text by its length; this is not the mean of their rates.

    Attributes:
        letters: Edits in characters, over the texts as `letters` returns them.
        characters: Edits in characters, over the normalised texts.
        words: Edits in words, over the normalised texts.
    """

    letters: Tally = Tally()
    characters: Tally = Tally()
    words: Tally = Tally()

    def __add__(self, other: Score) -> Score:
        return Score(self.letters + other.letters, self.characters + other.characters, self.words + other.words)

    @property
    def letter_accuracy(self) -> float:
        """1 − CER over the `letters` of both texts: at most 1, and below 0 if far too much was read."""
        return 1 - self.letters.rate

    @property
    def cer(self) -> float:
        """Character error rate, at least 0."""
        return self.characters.rate

    @property
    def wer(self) -> float:
        """Word error rate, at least 0."""
        return self.words.rate


def score(reference: str, hypothesis: str, *, spaces: bool = True) -> Score:
    """Compare a reading with the ground truth.

    A line break counts as a space. So a line that was split at a space costs nothing, because every letter is right.

    Args:
        reference: The ground truth.
        hypothesis: The text that was read.
        spaces: Whether white space counts. Without it there are no words: `Score.words` stays empty.

    Examples:
        >>> round(score("MILK AND OATS", "MILK ANO OATS").cer, 3)
        0.077
    """
    return Score(
        letters=_tally(letters(reference), letters(hypothesis)),
        characters=_tally(_single_line(reference, spaces), _single_line(hypothesis, spaces)),
        words=_tally(normalise(reference).split(), normalise(hypothesis).split()) if spaces else Tally(),
    )


def pool(scores: Iterable[Score]) -> Score:
    """The pooled score of several texts: edits and lengths are summed before they are divided."""
    return sum(scores, start=Score())


def confusions(reference: str, hypothesis: str, *, spaces: bool = True) -> Counter[tuple[str, str]]:
    """Count the confusions of characters, over the same characters as `Score.characters`.

    They are taken from one alignment with the fewest edits. The counts sum to the number of edits; counters of several
    texts can be added.

    Returns:
        Counts by ``(written, read)``. A deletion has ``""`` for read, an insertion ``""`` for written. Correct
        characters are not counted.

    Examples:
        >>> confusions("AND", "ANO")
        Counter({('D', 'O'): 1})
    """
    written, read = _single_line(reference, spaces), _single_line(hypothesis, spaces)
    return Counter(
        (
            "" if edit.tag == "insert" else written[edit.src_pos],
            "" if edit.tag == "delete" else read[edit.dest_pos],
        )
        for edit in Levenshtein.editops(written, read)
    )


@dataclass(frozen=True, slots=True)
class LineDiff:
    """A line with errors, as three rows of the same length to print below each other.

    Attributes:
        reference: The written line, with a `GAP` for each insertion.
        hypothesis: The line that was read, with a `GAP` for each deletion.
        marks: A ``^`` where the two rows differ, otherwise a space.
    """

    reference: str
    hypothesis: str
    marks: str


def diff_lines(reference: str, hypothesis: str, *, spaces: bool = True) -> list[LineDiff]:
    """Pair the lines of both texts and return those that differ.

    Lines are paired in order with the fewest character edits in total; a line without a partner costs its length. So a
    missing line does not shift all lines after it. Unlike in `score`, a line that was split in two does differ.

    Args:
        reference: The ground truth.
        hypothesis: The text that was read.
        spaces: Whether white space within a line counts.
    """
    return [diff for diff, _ in located_diffs(reference, normalise(hypothesis).splitlines(), spaces=spaces)]


def located_diffs(
    reference: str, hypothesis: Sequence[str], *, spaces: bool = True
) -> list[tuple[LineDiff, int | None]]:
    """As `diff_lines`, with the index of each line.

    Args:
        reference: The ground truth.
        hypothesis: The lines that were read.
        spaces: Whether white space within a line counts.

    Returns:
        Each diff with the index of its line in `hypothesis`; None for a line that was not read.
    """
    written = [_single_line(line, spaces) for line in normalise(reference).splitlines()]
    rows = [(number, _single_line(line, spaces)) for number, line in enumerate(hypothesis)]
    read = [(number, row) for number, row in rows if row]
    pairs = _align(written, [row for _, row in read])
    texts = (
        ("" if w is None else written[w], "" if r is None else read[r][1], None if r is None else read[r][0])
        for w, r in pairs
    )
    return [(_line_diff(above, below), number) for above, below, number in texts if above != below]


def correct_characters(reference: str, hypothesis: Sequence[str], *, spaces: bool = True) -> list[bool]:
    """Which characters of a reading are right: those that an alignment with the fewest edits does not change.

    Args:
        reference: The ground truth.
        hypothesis: The characters that were read, one by one, with ``" "`` between words and lines.
        spaces: Whether white space counts; without it, no space counts as right.

    Returns:
        One bool for each character of `hypothesis`.

    Examples:
        >>> correct_characters("CAT", list("C4T"))
        [True, False, True]
    """
    kept = [number for number, character in enumerate(hypothesis) if spaces or not character.isspace()]
    read = [unicodedata.normalize("NFC", hypothesis[number]) for number in kept]
    right = [False] * len(hypothesis)
    for step in Levenshtein.opcodes(list(_single_line(reference, spaces)), read):
        if step.tag == "equal":
            for number in kept[step.dest_start : step.dest_end]:
                right[number] = True
    return right


def _tally(reference: Sequence[str], hypothesis: Sequence[str]) -> Tally:
    return Tally(Levenshtein.distance(reference, hypothesis), len(reference))


def _single_line(text: str, spaces: bool) -> str:
    # Normalise last: removing a space can bring a combining accent next to its letter.
    return normalise((" " if spaces else "").join(text.split()))


def _align(reference: list[str], hypothesis: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Pair the indices of non-empty lines in order at the least cost; None means no partner."""
    rows, columns = len(reference), len(hypothesis)
    # Dynamic programming. For each pair of positions: the edits from there to the end, and the next pair of positions.
    best: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {}
    for row in range(rows, -1, -1):
        for column in range(columns, -1, -1):
            steps = []
            if row < rows and column < columns:
                edits = Levenshtein.distance(reference[row], hypothesis[column])
                steps.append((edits, (row + 1, column + 1)))
            if row < rows:
                steps.append((len(reference[row]), (row + 1, column)))
            if column < columns:
                steps.append((len(hypothesis[column]), (row, column + 1)))
            # Pairing is the first step in the list, so it wins a tie.
            best[row, column] = min(
                ((edits + best[after][0], after) for edits, after in steps),
                key=lambda step: step[0],
                default=(0, (rows, columns)),
            )
    here = (0, 0)
    while here != (rows, columns):
        _, after = best[here]
        yield (here[0] if after[0] > here[0] else None, here[1] if after[1] > here[1] else None)
        here = after


def _line_diff(reference: str, hypothesis: str) -> LineDiff:
    written, read, marks = "", "", ""
    for step in Levenshtein.opcodes(reference, hypothesis):
        above, below = reference[step.src_start : step.src_end], hypothesis[step.dest_start : step.dest_end]
        width = max(len(above), len(below))
        written += above.ljust(width, GAP)
        read += below.ljust(width, GAP)
        marks += (" " if step.tag == "equal" else "^") * width
    return LineDiff(written, read, marks)
