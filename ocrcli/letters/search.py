"""Beam search: the best path through the lattice of each row, and the posteriors of all hypotheses.

The search goes from left to right. It is a Viterbi search whose states also hold the context of the language model,
with a limit on the number of states. It records the arcs that it followed. From them, the forward-backward algorithm
(Rabiner 1989) computes the posterior of each reading. All rows are searched at the same time, place by place, so that
numpy works on hundreds of arcs at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.language.model import EDGE, WORD_START, Language
from ocrcli.language.priors import START
from ocrcli.letters.lattice import Bools, Floats, Ints, Lattice

BEAM_STATES = 16
"""Beam width: number of states that are kept at each place of a row."""

READINGS = 6
"""Number of classes of each hypothesis that are tried, those with the best scores."""

HOPELESS_STATE = 14.0
"""Nats; a state that is this much worse than the best one at its place is pruned."""

_ROW_MIXER, _KIND_MIXER = np.int64(0x1F83D9ABFB41BD6B), np.int64(0x5BE0CD19137E2179)
"""Odd multipliers: they spread rows and kinds over 64 bits, so that one integer identifies a state of a row."""


@dataclass(frozen=True)
class Reading:
    """The best path through the lattice of a row, and the posteriors of all its hypotheses.

    Attributes:
        score: Log-score of the path; -inf if there is no path.
        hypotheses: (s,) hypotheses on the path, left to right; marks that are left out are in none.
        classes: (s,) class of each of them.
        spaced: (s,) bool, whether a space comes before it.
        labels: (h, READINGS) classes that were tried for each hypothesis of the row.
        p: (h, READINGS) posterior of each of them, over all paths of the row.
        left_out: (h,) posterior that the hypothesis is not writing.
    """

    score: float
    hypotheses: Ints
    classes: Ints
    spaced: Bools
    labels: Ints
    p: Floats
    left_out: Floats


@dataclass(frozen=True)
class _Arcs:
    """Edges of the lattices of all rows, ordered by the place where they end, then by row."""

    row: Ints
    source: Ints
    labels: Ints
    scores: Floats
    """(edges, readings + 1) log-scores; the last column is for leaving the marks out."""
    spaced: Bools
    kinds: Ints
    symbols: Ints
    bounds: Ints
    """Index of the first edge that ends at each place."""
    tables: Floats
    """(rows, 2, KINDS, KINDS) as in `Lattice`."""


@dataclass
class _Nodes:
    """States of the beam, arrays (rows, places, BEAM_STATES); an empty slot has a best score of -inf."""

    best: Floats
    total: Floats
    states: NDArray[np.int64]
    kinds: Ints
    endings: Floats
    back: Ints
    """Backpointer, the last arc of the best path: (edge * BEAM_STATES + slot of its source) * (readings + 1) +
    reading."""


@dataclass(frozen=True)
class _Ways:
    """Pairs of an edge that ends at a place and a state that it starts from; a space before the edge ends a word."""

    edge: Ints
    slot: Ints
    """Slot of the state at the source of the edge."""
    states: NDArray[np.int64]
    kinds: Ints
    weights: Floats
    """(ways, readings + 1) what each reading adds to the score of the state."""


def search(
    lattices: Sequence[Lattice], language: Language | None, weight: float, temperature: float = 1.0
) -> list[Reading]:
    """Find the best path of each row, and the posteriors.

    Args:
        lattices: Lattices of the rows, all with the same classes.
        language: The language model, or None.
        weight: Weight of the language model.
        temperature: Divides all log-scores for the posteriors; the best path does not depend on it.
    """
    if not lattices:
        return []
    order, arcs = _together(lattices)
    lengths, nodes, shares, last = _forward(lattices, arcs, language, weight, temperature)
    slots = last.argmax(axis=1)
    p = np.empty(arcs.scores.shape)
    p[order] = _probabilities(nodes, shares, lengths, weight / temperature, arcs)
    labels = np.empty_like(arcs.labels)
    labels[order] = arcs.labels
    found, start = [], 0
    for row, lattice in enumerate(lattices):
        mine = slice(start, start + len(lattice.first))
        path = _trace(nodes, row, int(lengths[row]), int(slots[row]), arcs)
        chosen = lattice.hypotheses[order[path[:, 0]] - start]
        first_edge = np.unique(lattice.hypotheses, return_index=True)[1]
        of_hypothesis = np.zeros((len(first_edge), arcs.scores.shape[1]))
        np.add.at(of_hypothesis, lattice.hypotheses, p[mine])
        of_hypothesis = np.minimum(of_hypothesis, 1.0)
        score, spaced = float(last[row, slots[row]]), path[:, 2].astype(bool)
        mine_labels = labels[mine][first_edge]
        found.append(
            Reading(score, chosen, path[:, 1], spaced, mine_labels, of_hypothesis[:, :-1], of_hypothesis[:, -1])
        )
        start += len(lattice.first)
    return found


def _forward(
    lattices: Sequence[Lattice], arcs: _Arcs, language: Language | None, weight: float, temperature: float
) -> tuple[Ints, _Nodes, list[tuple[Ints, Ints, Floats]], Floats]:
    """Forward pass: fill the states from the first place to the last.

    Returns:
        Number of marks of each row, the states, the result of `_advance` for each place, and (rows, BEAM_STATES) scores
        of the complete paths.
    """
    lengths = np.array([lattice.marks for lattice in lattices])
    nodes = _beginning(len(lattices), int(lengths.max()))
    shares = [_advance(place, arcs, nodes, language, weight, temperature) for place in range(1, lengths.max() + 1)]
    rows = np.arange(len(lattices))
    return lengths, nodes, shares, nodes.best[rows, lengths] + weight * nodes.endings[rows, lengths]


def _together(lattices: Sequence[Lattice]) -> tuple[Ints, _Arcs]:
    """Join the edges of all rows, ordered by place; also the index that each had before the ordering."""
    row = np.repeat(np.arange(len(lattices)), [len(lattice.first) for lattice in lattices])
    source = np.concatenate([lattice.first for lattice in lattices])
    target = np.concatenate([lattice.last for lattice in lattices]) + 1
    spaced = np.concatenate([lattice.spaced for lattice in lattices])
    scores = np.concatenate([lattice.scores for lattice in lattices])
    skip = np.concatenate([lattice.skip for lattice in lattices])
    count = min(READINGS, scores.shape[1])
    labels = np.sort(np.argpartition(-scores, count - 1, axis=1)[:, :count], axis=1)
    kept = np.concatenate([np.take_along_axis(scores, labels, axis=1), skip[:, None]], axis=1)
    order = np.lexsort((row, target))
    bounds = np.searchsorted(target[order], np.arange(target.max() + 2))
    labels = labels[order]
    kinds, symbols = lattices[0].kinds[labels], lattices[0].symbols[labels]
    tables = np.stack([lattice.tables for lattice in lattices])
    return order, _Arcs(row[order], source[order], labels, kept[order], spaced[order], kinds, symbols, bounds, tables)


def _beginning(rows: int, places: int) -> _Nodes:
    shape = (rows, places + 1, BEAM_STATES)
    best = np.full(shape, -np.inf)
    best[:, 0, 0] = 0.0
    total = best.copy()
    states, kinds = np.full(shape, WORD_START, np.int64), np.full(shape, START)
    return _Nodes(best, total, states, kinds, np.zeros(shape), np.full(shape, -1))


def _advance(
    place: int, arcs: _Arcs, nodes: _Nodes, language: Language | None, weight: float, temperature: float
) -> tuple[Ints, Ints, Floats]:
    """Fill the states of all rows at one place from those at earlier places.

    Returns:
        Arcs to states that are kept, flat indices of these states in the nodes, and the share of each arc in the total
        probability of its state.
    """
    first, after = arcs.bounds[place], arcs.bounds[place + 1]
    edge, slot = np.nonzero(nodes.best[arcs.row[first:after], arcs.source[first:after]] > -np.inf)
    edge += first
    at = arcs.row[edge], arcs.source[edge], slot
    kinds, spaced = nodes.kinds[at], arcs.spaced[edge]
    moved = arcs.tables[at[0][:, None], spaced.astype(np.intp)[:, None], kinds[:, None], arcs.kinds[edge]]
    weights = np.concatenate([moved, np.zeros((len(edge), 1))], axis=1) + arcs.scores[edge]
    before = nodes.states[at]
    if language is not None:
        # A space ends the word before it, also if the mark after it is left out.
        before[spaced] = language.extended(before[spaced], np.array(EDGE))
        weights += np.where(spaced, weight * nodes.endings[at], 0.0)[:, None]
        at_end = np.where(spaced, 0.0, nodes.endings[at])
        weights[:, :-1] += weight * language.each_after(before[:, None], arcs.symbols[edge], at_end[:, None])
    return _arrive(place, arcs, nodes, _Ways(edge, slot, before, kinds, weights), language, temperature)


def _arrive(
    place: int, arcs: _Arcs, nodes: _Nodes, ways: _Ways, language: Language | None, temperature: float
) -> tuple[Ints, Ints, Floats]:
    """Merge equal states of a row at a place, and keep the best `BEAM_STATES`; returns the same as `_advance`."""
    if not len(ways.edge):
        none = np.empty(0, np.intp)
        return none, none, np.empty(0)
    rows, source = arcs.row[ways.edge], arcs.source[ways.edge]
    best = nodes.best[rows, source, ways.slot][:, None] + ways.weights
    first_of_row = _changes(rows)
    ceiling = np.maximum.reduceat(best.max(axis=1), first_of_row)
    floor = np.repeat(ceiling, _lengths(first_of_row, len(rows))) - HOPELESS_STATE
    way, reading = np.nonzero(best > np.maximum(floor, -1e300)[:, None])
    row, slot, edge, best = rows[way], ways.slot[way], ways.edge[way], best[way, reading]
    is_read = reading < arcs.labels.shape[1]  # otherwise the marks are left out
    reached, kind = ways.states[way], ways.kinds[way]
    kind[is_read] = arcs.kinds[edge[is_read], reading[is_read]]
    if language is not None:
        reached[is_read] = language.extended(reached[is_read], arcs.symbols[edge[is_read], reading[is_read]])
    total = nodes.total[row, source[way], slot] + ways.weights[way, reading] / temperature
    key = reached + kind * _KIND_MIXER + row * _ROW_MIXER
    order = np.lexsort((best, key))
    begins = _changes(key[order])
    totals = np.logaddexp.reduceat(total[order], begins)
    winner = order[np.append(begins[1:], len(order)) - 1]  # the last one of equal states has the best score
    ranking = np.lexsort((-best[winner], row[winner]))
    ranked_row = row[winner[ranking]]
    rank = np.arange(len(ranking)) - np.searchsorted(ranked_row, ranked_row)
    kept, rank = ranking[rank < BEAM_STATES], rank[rank < BEAM_STATES]
    at = np.ravel_multi_index((row[winner[kept]], np.full(len(kept), place), rank), nodes.best.shape)
    nodes.best.flat[at], nodes.total.flat[at] = best[winner[kept]], totals[kept]
    nodes.states.flat[at], nodes.kinds.flat[at] = reached[winner[kept]], kind[winner[kept]]
    arc = (edge * nodes.best.shape[2] + slot) * arcs.scores.shape[1] + reading
    nodes.back.flat[at] = arc[winner[kept]]
    if language is not None:
        nodes.endings.flat[at] = language.at_end(reached[winner[kept]])
    # For the backward pass: the state that each arc leads to, and its share in the probability of that state.
    target = np.full(len(begins), -1)
    target[kept] = at
    group = np.repeat(np.arange(len(begins)), _lengths(begins, len(order)))
    stays = target[group] >= 0
    shares = np.exp(total[order] - totals[group])
    return arc[order][stays], target[group][stays], shares[stays]


def _changes(values: Ints) -> Ints:
    """Where a run of equal values begins; `np.diff` takes several times as long for the few values of a place."""
    begins = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    return begins.nonzero()[0]


def _lengths(begins: Ints, end: int) -> Ints:
    """Lengths of runs of which the last one ends before `end`."""
    lengths = np.empty_like(begins)
    np.subtract(begins[1:], begins[:-1], out=lengths[:-1])
    lengths[-1] = end - begins[-1]
    return lengths


def _probabilities(
    nodes: _Nodes, shares: list[tuple[Ints, Ints, Floats]], lengths: Ints, weight: float, arcs: _Arcs
) -> Floats:
    """Backward pass: (edges, readings + 1) posteriors, by the shares of the arcs, from the ends of the rows back."""
    rows = np.arange(len(lengths))
    ends = nodes.total[rows, lengths] + weight * nodes.endings[rows, lengths]
    shape = nodes.best.shape
    by_node = np.zeros(shape)
    by_node[rows, lengths] = np.exp(ends - np.maximum(np.logaddexp.reduce(ends, axis=1, keepdims=True), -1e300))
    of_state = by_node.ravel()
    readings = arcs.scores.shape[1]
    passing, readings_of = [], []
    for arc, target, share in reversed(shares):
        passed = share * of_state[target]
        edge, slot = arc // readings // shape[2], arc // readings % shape[2]
        np.add.at(of_state, (arcs.row[edge] * shape[1] + arcs.source[edge]) * shape[2] + slot, passed)
        passing.append(passed)
        readings_of.append(edge * readings + arc % readings)
    p = np.bincount(np.concatenate(readings_of), np.concatenate(passing), arcs.scores.size)
    return np.minimum(p, 1.0).reshape(arcs.scores.shape)


def _trace(nodes: _Nodes, row: int, place: int, slot: int, arcs: _Arcs) -> Ints:
    """Follow the backpointers of the best path of a row.

    Returns:
        (s, 3) edge, class, and whether a space comes before, for each glyph; empty if there is no path. Marks that are
        left out have no step, but a space before them is kept.
    """
    steps: list[tuple[int, int, bool]] = []
    if nodes.best[row, place, slot] == -np.inf:
        place = 0
    readings = arcs.scores.shape[1]
    while place:
        rest, reading = divmod(int(nodes.back[row, place, slot]), readings)
        edge, slot = divmod(rest, BEAM_STATES)
        if reading < readings - 1:
            steps.append((edge, int(arcs.labels[edge, reading]), bool(arcs.spaced[edge])))
        elif arcs.spaced[edge] and steps:
            steps[-1] = (*steps[-1][:2], True)
        place = int(arcs.source[edge])
    return np.array(steps[::-1], np.intp).reshape(-1, 3)
