"""How far a reading is from the truth: letter accuracy, CER, WER, confusions and a diff of lines.

The *reference* is what was written (the ground truth), the *hypothesis* is what was read. An error
rate is ``(S + D + I) / N``: the fewest substitutions, deletions and insertions that turn the
reference into the hypothesis (Levenshtein 1966), divided by the length of the reference. Counted in
characters it is the character error rate (CER; one minus the "character accuracy" of Rice 1996),
counted in words the word error rate (WER; Morris, Maier and Green 2004). Rates are fractions, not
percentages, 0 is perfect, and more insertions than there was writing make them exceed 1.

A character is a Unicode code point after NFC. Case and punctuation count, and so does a single space;
`normalise` says which white space does not.

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
"""Stands in a `LineDiff` for a character that the other row has and this one lacks."""


def normalise(text: str) -> str:
    r"""Drop the white space that says nothing, and compose accents (Unicode NFC).

    Words are separated by one space and lines by one ``\n``; lines do not begin or end with a
    space, and blank lines vanish, in between as well, because a reader of rows cannot see them.
    """
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(line for line in lines if line)


def letters(text: str) -> str:
    """The text in upper case with nothing but A–Z and 0–9 kept.

    An accented letter is not A–Z and goes, whether it came composed or decomposed.
    """
    return re.sub("[^A-Z0-9]", "", unicodedata.normalize("NFC", text).upper())


@dataclass(frozen=True, slots=True)
class Tally:
    """Edits, and the length that they are counted against.

    Kept apart, rather than as a rate, so that tallies of several texts can be added.

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

        An empty reference counts as one of length 1: reading nothing there is perfect, and every
        character that was read all the same is one whole error.
        """
        return self.edits / max(1, self.length)


@dataclass(frozen=True, slots=True)
class Score:
    """What is counted when a reading is compared with the truth.

    Scores can be added. The figures of a sum weigh each text by its length, which is not the mean
    of the texts' own figures.

    Attributes:
        letters: In characters, of the texts as `letters` leaves them.
        characters: In characters, of the normalised texts.
        words: In words, of the normalised texts.
    """

    letters: Tally = Tally()
    characters: Tally = Tally()
    words: Tally = Tally()

    def __add__(self, other: Score) -> Score:
        return Score(self.letters + other.letters, self.characters + other.characters, self.words + other.words)

    @property
    def letter_accuracy(self) -> float:
        """1 − CER of the `letters` of both texts: at most 1, and below 0 when too much was read."""
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
    """Compare what was read with what was written.

    A line break and a space are the same character here: a row that was broken in two costs nothing
    where it broke at a space, instead of an error at a place where every letter is right.

    Args:
        reference: What was written.
        hypothesis: What was read.
        spaces: Whether white space counts. Without it there are no words: `Score.words` stays empty.
    """
    return Score(
        letters=_tally(letters(reference), letters(hypothesis)),
        characters=_tally(_one_row(reference, spaces), _one_row(hypothesis, spaces)),
        words=_tally(normalise(reference).split(), normalise(hypothesis).split()) if spaces else Tally(),
    )


def pool(scores: Iterable[Score]) -> Score:
    """The score of several texts together: edits and lengths are summed before they are divided."""
    return sum(scores, start=Score())


def confusions(reference: str, hypothesis: str, *, spaces: bool = True) -> Counter[tuple[str, str]]:
    """Count what was read for what, over the same characters as `Score.characters`.

    Of several alignments with the fewest edits one is taken. The counts sum to the number of edits;
    add the counters of several texts to pool them.

    Returns:
        Counts by ``(written, read)``. A character that was missed has ``""`` for what was read, one
        that was made up has ``""`` for what was written. Right readings are not counted.
    """
    written, read = _one_row(reference, spaces), _one_row(hypothesis, spaces)
    return Counter(
        (
            "" if edit.tag == "insert" else written[edit.src_pos],
            "" if edit.tag == "delete" else read[edit.dest_pos],
        )
        for edit in Levenshtein.editops(written, read)
    )


@dataclass(frozen=True, slots=True)
class LineDiff:
    """A line that was read wrongly, as three rows of the same length to be set under each other.

    Attributes:
        reference: The written line, with a `GAP` for each character that was made up.
        hypothesis: The line that was read, with a `GAP` for each character that was missed.
        marks: A ``^`` where the two rows differ, else a space.
    """

    reference: str
    hypothesis: str
    marks: str


def diff_lines(reference: str, hypothesis: str, *, spaces: bool = True) -> list[LineDiff]:
    """Set each line that was read wrongly against the written line that it fits best.

    The lines are aligned as a whole: of all ways to pair them in order, the one with the fewest
    character edits, where a line without a partner costs its length. So one missing line does not
    shift all the lines after it. Unlike in `score`, a row that was broken in two does differ.

    Args:
        reference: What was written.
        hypothesis: What was read.
        spaces: Whether white space within a line counts.
    """
    return [diff for diff, _ in located_diffs(reference, normalise(hypothesis).splitlines(), spaces=spaces)]


def located_diffs(
    reference: str, hypothesis: Sequence[str], *, spaces: bool = True
) -> list[tuple[LineDiff, int | None]]:
    """As `diff_lines`, with the place of each wrong line.

    Args:
        reference: What was written.
        hypothesis: The lines that were read.
        spaces: Whether white space within a line counts.

    Returns:
        Each diff with the index in `hypothesis` of the line that it is about; None for one that was missed.
    """
    written = [_one_row(line, spaces) for line in normalise(reference).splitlines()]
    rows = [(number, _one_row(line, spaces)) for number, line in enumerate(hypothesis)]
    read = [(number, row) for number, row in rows if row]
    pairs = _align(written, [row for _, row in read])
    texts = (
        ("" if w is None else written[w], "" if r is None else read[r][1], None if r is None else read[r][0])
        for w, r in pairs
    )
    return [(_line_diff(above, below), number) for above, below, number in texts if above != below]


def hits(reference: str, hypothesis: Sequence[str], *, spaces: bool = True) -> list[bool]:
    """Which of the characters that were read are right: those that an alignment with the fewest edits leaves alone.

    Args:
        reference: What was written.
        hypothesis: The characters that were read, one by one, with ``" "`` between words and lines.
        spaces: Whether white space counts; without it, no space is right.

    Returns:
        One for each character that was read, in their order.
    """
    kept = [number for number, character in enumerate(hypothesis) if spaces or not character.isspace()]
    read = [unicodedata.normalize("NFC", hypothesis[number]) for number in kept]
    right = [False] * len(hypothesis)
    for step in Levenshtein.opcodes(list(_one_row(reference, spaces)), read):
        if step.tag == "equal":
            for number in kept[step.dest_start : step.dest_end]:
                right[number] = True
    return right


def _tally(reference: Sequence[str], hypothesis: Sequence[str]) -> Tally:
    return Tally(Levenshtein.distance(reference, hypothesis), len(reference))


def _one_row(text: str, spaces: bool) -> str:
    # Normalised last: taking a space out can bring an accent next to its letter.
    return normalise((" " if spaces else "").join(text.split()))


def _align(reference: list[str], hypothesis: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Pair the numbers of non-empty lines in order at the least cost; None stands for a missing partner."""
    rows, columns = len(reference), len(hypothesis)
    # From each pair of positions: the edits from there to the end, and the next pair of positions.
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
            # Pairing comes first among the steps, so it wins a tie.
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
