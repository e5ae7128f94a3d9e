"""How far a reading is from the truth when the order of its lines does not count.

A page may be read letter for letter and still score badly, because its columns, sticky notes or boxes come in another
order than in the reference. Scored as here, the difference to `ocrcli.evaluation.scoring.score` is what the reading
order costs.

Lines are paired at the least number of edits (an assignment problem; Kuhn 1955); a line without a partner is deleted
or inserted as a whole. Lines are cut differently by people and by readers, so two lines of one side are joined wherever
that lowers the edits: two read lines that are one written line, or two written lines that were read as one. Joining is
greedy, the largest gain first, and the result is an upper bound of the best that is possible, as in the flexible
character accuracy of Clausner et al. 2020, which cuts and pairs greedily too. It is never more than the ordered score.

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
    """Compare what was read with what was written, with the lines in any order.

    Args:
        reference: What was written, a text line a line.
        hypothesis: What was read, likewise.
        spaces: Whether white space counts.

    Returns:
        Letters and characters, counted against the same lengths as by `score`, and never more edits; no words.
    """
    ordered = score(reference, hypothesis, spaces=spaces)
    written, read = ([line for line in normalise(text).splitlines() if line] for text in (reference, hypothesis))
    if spaces:
        of_characters = _edits(written, read, " ")
    else:
        of_characters = _edits([_close(line) for line in written], [_close(line) for line in read], "")
    of_letters = _edits([letters(line) for line in written], [letters(line) for line in read], "")
    return Score(_at_most(ordered.letters, of_letters), _at_most(ordered.characters, of_characters))


def _close(line: str) -> str:
    return normalise("".join(line.split()))


def _at_most(ordered: Tally, edits: int) -> Tally:
    return Tally(min(ordered.edits, edits), ordered.length)


def _edits(written: Sequence[str], read: Sequence[str], between: str) -> int:
    """The fewest edits found that turn the written lines into the read ones, in any order.

    Args:
        written: Lines of the reference; empty ones do not count.
        read: Lines of the hypothesis, likewise.
        between: What stands between two lines that are joined; a line without a partner costs that much more.
    """
    pieces = ([line for line in written if line], [line for line in read if line])
    while True:
        saved = _saved(*pieces, between)
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


def _saved(rows: Sequence[str], columns: Sequence[str], between: str) -> NDArray[np.int64]:
    """(n, m) edits that pairing each row with each column saves against leaving both alone; at least 0."""
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)), np.int64)
    edits = cdist(rows, columns, scorer=Levenshtein.distance, dtype=np.int32).astype(np.int64)
    lengths = np.add.outer([len(row) for row in rows], [len(column) for column in columns])
    return np.asarray(lengths + 2 * len(between) - edits, np.int64)


def _assign(saved: NDArray[np.int64]) -> NDArray[np.intp]:
    """(n,) the column that each row is paired with, -1 for none, so that the most is saved."""
    from scipy.optimize import linear_sum_assignment

    partners = np.full(saved.shape[0], -1, np.intp)
    rows, columns = linear_sum_assignment(saved, maximize=True)
    partners[rows] = columns
    return partners


def _best_join(
    rows: Sequence[str], columns: Sequence[str], saved: NDArray[np.int64], partners: NDArray[np.intp], between: str
) -> tuple[int, int, int]:
    """Which two columns to join behind one another so that a row gains most.

    Args:
        rows: Lines of one side.
        columns: Lines of the other.
        saved: (n, m) what each pair saves.
        partners: (n,) the column of each row, -1 for none.
        between: What stands between two lines that are joined.

    Returns:
        Edits gained, and the numbers of the two columns; (0, 0, 0) where none gains.
    """
    best = (0, 0, 0)
    now = np.zeros(len(columns), np.int64)  # what each column saves at present
    paired = np.flatnonzero(partners >= 0)
    now[partners[paired]] = saved[paired, partners[paired]]
    for row in paired.tolist():
        own = int(partners[row])
        most = len(rows[row]) + len(columns[own]) + 2 * len(between)
        if saved[row, own] == most:  # without an error: nothing to gain
            continue
        pairs = [pair for other in range(len(columns)) if other != own for pair in ((own, other), (other, own))]
        if not pairs:
            continue
        joined = [columns[a] + between + columns[b] for a, b in pairs]
        for (a, b), after in zip(pairs, _saved([rows[row]], joined, between)[0].tolist(), strict=True):
            best = max(best, (after - int(now[a] + now[b]), a, b))
    return best
