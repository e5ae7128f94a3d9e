"""Error rates that ignore the order of lines.

A page may be read without an error and still score badly, because its columns, sticky notes or boxes come in another
order than in the ground truth. The difference between `ocrcli.evaluation.scoring.score` and this score is the cost of
the reading order.

Lines are paired with the fewest edits (an assignment problem; Kuhn 1955); a line without a partner is deleted or
inserted as a whole. The ground truth and the reader may split lines differently, so two lines of one side are joined
wherever that lowers the edits. Joining is greedy, the largest gain first. So the result is an upper bound of the
optimum, as in the flexible character accuracy of Clausner et al. 2020, which is greedy, too. It is never more than the
ordered score.

References:
    Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2, 1955.
    Clausner, Pletschacher, Antonacopoulos, "Flexible character accuracy measure for reading-order-independent
    evaluation", Pattern Recognition Letters 131, 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from ocrcli.evaluation.scoring import Score, Tally, letters, normalise, score


def score_unordered(reference: str, hypothesis: str, *, spaces: bool = True) -> Score:
    r"""Compare a reading with the ground truth, with the lines in any order.

    Args:
        reference: The ground truth, one text line a line.
        hypothesis: The text that was read, one text line a line.
        spaces: Whether white space counts.

    Returns:
        Edits of letters and characters, with the same lengths as in `score` and never more edits; no words.

    Examples:
        >>> score_unordered("one\ntwo", "two\none").cer
        0.0
    """
    ordered = score(reference, hypothesis, spaces=spaces)
    written, read = ([line for line in normalise(text).splitlines() if line] for text in (reference, hypothesis))
    if spaces:
        of_characters = _edits(written, read, " ")
    else:
        of_characters = _edits(
            [_without_spaces(line) for line in written], [_without_spaces(line) for line in read], ""
        )
    of_letters = _edits([letters(line) for line in written], [letters(line) for line in read], "")
    return Score(_at_most(ordered.letters, of_letters), _at_most(ordered.characters, of_characters))


def partners_of(written: Sequence[str], read: Sequence[str]) -> NDArray[np.intp]:
    """(len(written),) index of the line in `read` that each written line is paired with, -1 for none.

    The pairs save the most edits, in any order; no lines are joined.

    Examples:
        >>> partners_of(["milk", "oats"], ["0ats", "nilk"]).tolist()
        [1, 0]
    """
    return _assign(_saved_edits(written, read, " "))


def _without_spaces(line: str) -> str:
    return normalise("".join(line.split()))


def _at_most(ordered: Tally, edits: int) -> Tally:
    return Tally(min(ordered.edits, edits), ordered.length)


def _edits(written: Sequence[str], read: Sequence[str], between: str) -> int:
    """The fewest edits found between the written and the read lines, in any order.

    Args:
        written: Lines of the reference; empty lines do not count.
        read: Lines of the hypothesis; empty lines do not count.
        between: Separator of joined lines; a line without a partner also costs its length.
    """
    pieces = ([line for line in written if line], [line for line in read if line])
    while True:
        saved = _saved_edits(*pieces, between)
        partners = _assign(saved)
        gains = [_best_join(*pieces, saved, partners, between)]
        flipped = np.full(len(pieces[1]), -1, np.intp)
        flipped[partners[partners >= 0]] = np.flatnonzero(partners >= 0)
        gains.append(_best_join(pieces[1], pieces[0], saved.T, flipped, between))
        side = int(gains[1][0] > gains[0][0])
        gain, first, second = gains[side]
        if gain <= 0:
            break
        joined = pieces[1 - side]  # the side that `_best_join` was given second
        joined[first] += between + joined[second]
        del joined[second]
    alone = sum(len(line) + len(between) for side in pieces for line in side)
    return alone - int(saved[np.flatnonzero(partners >= 0), partners[partners >= 0]].sum())


def _saved_edits(rows: Sequence[str], columns: Sequence[str], between: str) -> NDArray[np.int64]:
    """(n, m) int64 edits that each pair of lines saves, compared with both lines unpaired; at least 0."""
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)), np.int64)
    edits = cdist(rows, columns, scorer=Levenshtein.distance, dtype=np.int32).astype(np.int64)
    lengths = np.add.outer([len(row) for row in rows], [len(column) for column in columns])
    return np.asarray(lengths + 2 * len(between) - edits, np.int64)


def _assign(saved: NDArray[np.int64]) -> NDArray[np.intp]:
    """(n,) column paired with each row, -1 for none, so that the saved edits are largest."""
    from scipy.optimize import linear_sum_assignment

    partners = np.full(saved.shape[0], -1, np.intp)
    rows, columns = linear_sum_assignment(saved, maximize=True)
    partners[rows] = columns
    return partners


def _best_join(
    rows: Sequence[str], columns: Sequence[str], saved: NDArray[np.int64], partners: NDArray[np.intp], between: str
) -> tuple[int, int, int]:
    """The two columns whose joining saves the most edits.

    Args:
        rows: Lines of one side.
        columns: Lines of the other side.
        saved: (n, m) edits that each pair saves.
        partners: (n,) column of each row, -1 for none.
        between: Separator of joined lines.

    Returns:
        Edits saved, and the numbers of the two columns in their order; (0, 0, 0) if no joining saves any.
    """
    best = (0, 0, 0)
    now = np.zeros(len(columns), np.int64)  # edits that each column saves at present
    paired = np.flatnonzero(partners >= 0)
    now[partners[paired]] = saved[paired, partners[paired]]
    for row in paired.tolist():
        own = int(partners[row])
        most = len(rows[row]) + len(columns[own]) + 2 * len(between)
        if saved[row, own] == most:  # a pair without an error cannot gain
            continue
        pairs = [pair for other in range(len(columns)) if other != own for pair in ((own, other), (other, own))]
        if not pairs:
            continue
        joined = [columns[a] + between + columns[b] for a, b in pairs]
        for (a, b), after in zip(pairs, _saved_edits([rows[row]], joined, between)[0].tolist(), strict=True):
            best = max(best, (after - int(now[a] + now[b]), a, b))
    return best
