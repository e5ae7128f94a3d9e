"""The best path through a row's lattice, and the probability of every glyph on it.

A beam search from left to right (a Viterbi search whose states carry the last three letters, so that a
language can judge the next one), which keeps what it has tried: going back over it gives each glyph's
share of all readings, by the forward-backward algorithm (Rabiner 1989) on the beam.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocrcli.language import Language, extended
from ocrcli.styles import KINDS, START

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

BEAM = 12
"""States kept at each place of a row."""

READINGS = 6
"""Readings of a hypothesis that are followed."""

SKIPPED = -1
"""Stands for a class where marks are left out."""


@dataclass(frozen=True)
class Lattice:
    """All ways to read a row in one style.

    Attributes:
        first: (m,) the first mark of each hypothesis, ascending.
        last: (m,) the last mark.
        scores: (m, classes) log-score of each reading; -inf for what is no reading.
        skip: (m,) log-score of leaving the marks out.
        starts: (n,) bool, which marks begin a word.
        tables: (n, KINDS, KINDS) log-probabilities of the kind that begins at each mark.
        kinds: (classes,) the kind of each class.
        symbols: (classes,) the language's symbol of each class.
    """

    first: Ints
    last: Ints
    scores: Floats
    skip: Floats
    starts: NDArray[np.bool_]
    tables: Floats
    kinds: Ints
    symbols: Ints


@dataclass(frozen=True)
class Step:
    """One hypothesis of the best path.

    Attributes:
        edge: Its index.
        label: The class it is read as.
        p: (classes,) probability of each reading of it, among all readings of the row; the rest of 1
            belongs to other hypotheses.
    """

    edge: int
    label: int
    p: Floats


@dataclass
class _Arcs:
    """All states at one node, followed along one edge."""

    edge: int
    source: int
    labels: Ints
    weights: Floats
    """(states, labels) what the arc adds."""
    histories: Ints
    kinds: Ints
    target: Ints = field(default_factory=lambda: np.empty((0, 0), np.intp))
    """(states, labels) index of the state reached; -1 where the beam has dropped it."""


@dataclass
class _Node:
    best: Floats
    total: Floats
    histories: Ints
    kinds: Ints
    back: Ints
    """(states, 3): which of the arriving arcs, from which state, with which of its labels."""
    arrived: list[_Arcs] = field(default_factory=list)


def search(lattice: Lattice, language: Language | None, weight: float) -> tuple[float, list[Step]]:
    """Find the best path.

    Args:
        lattice: The row.
        language: Letter statistics, or None.
        weight: Of the language's scores against the others.

    Returns:
        The path's log-score, and its steps from left to right; marks that it leaves out have none.
    """
    count = len(lattice.starts)
    arriving: list[list[_Arcs]] = [[] for _ in range(count + 1)]
    nodes: list[_Node] = []
    edges = np.split(np.arange(len(lattice.first)), np.searchsorted(lattice.first, np.arange(1, count)))
    for place in range(count + 1):
        node = _arrive(arriving[place], nodes) if place else _beginning()
        nodes.append(node)
        if place < count:
            for edge in edges[place].tolist():
                arriving[lattice.last[edge] + 1] += _follow(lattice, edge, place, node, language, weight)
    last = nodes[-1].histories
    ending = np.zeros(len(last)) if language is None else (weight * language.at_end(last)).astype(float)
    return _trace(lattice, nodes, ending)


def _beginning() -> _Node:
    zero, none = np.zeros(1), np.zeros(1, np.intp)
    return _Node(zero, zero, none, none + START, np.full((1, 3), -1))


def _follow(
    lattice: Lattice, edge: int, place: int, node: _Node, language: Language | None, weight: float
) -> list[_Arcs]:
    scores = lattice.scores[edge]
    labels = np.argpartition(-scores, READINGS)[:READINGS] if len(scores) > READINGS else np.arange(len(scores))
    labels = labels[np.isfinite(scores[labels])]
    found = []
    if len(labels):
        weights = scores[labels] + lattice.tables[place][node.kinds][:, lattice.kinds[labels]]
        histories = np.repeat(node.histories[:, None], len(labels), axis=1)
        if language is not None:
            before, symbols = node.histories, lattice.symbols[labels]
            if lattice.starts[place]:
                weights = weights + weight * language.at_end(before)[:, None]
                before = np.zeros_like(before)
            weights = weights + weight * language.after(before, symbols)
            histories = extended(before, symbols)
        kinds = np.repeat(lattice.kinds[labels][None], len(node.kinds), axis=0)
        found.append(_Arcs(edge, place, labels, weights, histories, kinds))
    if np.isfinite(lattice.skip[edge]):
        left_out, histories = np.full(len(node.kinds), lattice.skip[edge]), node.histories
        if language is not None and lattice.starts[place]:  # the space stays when what follows it goes
            left_out, histories = left_out + weight * language.at_end(histories), np.zeros_like(histories)
        label = np.array([SKIPPED])
        found.append(_Arcs(edge, place, label, left_out[:, None], histories[:, None], node.kinds[:, None]))
    return found


def _arrive(arrived: list[_Arcs], nodes: list[_Node]) -> _Node:
    """Join what reaches a node: equal states become one, and the best `BEAM` are kept."""
    best = np.concatenate([(nodes[a.source].best[:, None] + a.weights).ravel() for a in arrived])
    total = np.concatenate([(nodes[a.source].total[:, None] + a.weights).ravel() for a in arrived])
    keys = np.concatenate([(a.histories * KINDS + a.kinds).ravel() for a in arrived])
    states, state_of = np.unique(keys, return_inverse=True)
    totals = np.full(len(states), -np.inf)
    np.logaddexp.at(totals, state_of, total)
    ascending = np.argsort(best, kind="stable")
    winner = np.empty(len(states), np.intp)
    winner[state_of[ascending]] = ascending  # the last, and so the best, stays
    kept = np.argsort(-best[winner], kind="stable")[:BEAM]
    place_of = np.full(len(states), -1)
    place_of[kept] = np.arange(len(kept))
    sizes = np.array([a.weights.size for a in arrived])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for arcs, start, size in zip(arrived, starts, sizes, strict=False):
        arcs.target = place_of[state_of[start : start + size]].reshape(arcs.weights.shape)
    which = np.searchsorted(starts, winner[kept], side="right") - 1
    within = winner[kept] - starts[which]
    widths = np.array([a.weights.shape[1] for a in arrived])[which]
    back = np.stack([which, within // widths, within % widths], axis=1)
    return _Node(best[winner[kept]], totals[kept], states[kept] // KINDS, states[kept] % KINDS, back, arrived)


def _trace(lattice: Lattice, nodes: list[_Node], ending: Floats) -> tuple[float, list[Step]]:
    """Follow the best path back, and the probabilities with it."""
    beyond = _beyond(nodes, ending)
    whole = float(np.logaddexp.reduce(nodes[-1].total + ending))
    place, state = len(nodes) - 1, int((nodes[-1].best + ending).argmax())
    score, steps = float((nodes[-1].best + ending)[state]), []
    while place:
        which, source, choice = nodes[place].back[state].tolist()
        arcs = nodes[place].arrived[which]
        label = int(arcs.labels[choice])
        if label != SKIPPED:
            through = nodes[arcs.source].total[:, None] + arcs.weights + _onward(arcs, beyond[place])
            p = np.zeros(len(lattice.kinds))
            p[arcs.labels] = np.exp(np.minimum(np.logaddexp.reduce(through, axis=0) - whole, 0.0))
            steps.append(Step(arcs.edge, label, p))
        place, state = arcs.source, source
    return score, steps[::-1]


def _beyond(nodes: list[_Node], ending: Floats) -> list[Floats]:
    """Log-score of all that follows each state of each node."""
    beyond = [np.full(len(node.best), -np.inf) for node in nodes]
    beyond[-1] = ending
    for place in range(len(nodes) - 1, 0, -1):
        for arcs in nodes[place].arrived:
            onward = np.logaddexp.reduce(arcs.weights + _onward(arcs, beyond[place]), axis=1)
            beyond[arcs.source] = np.logaddexp(beyond[arcs.source], onward)
    return beyond


def _onward(arcs: _Arcs, beyond: Floats) -> Floats:
    return np.where(arcs.target < 0, -np.inf, beyond[arcs.target])
