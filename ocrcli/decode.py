"""A row's scored hypotheses -> the best reading.

The hypotheses of a row form a lattice, whose nodes are the places between marks. The path that
explains the row best is found by dynamic programming (LeCun et al. 1998, "Gradient-based learning
applied to document recognition", section VI), and the probability of each glyph on it by the
forward-backward algorithm over all paths (Rabiner 1989). What a crop cannot tell alone (0 or O, c or
C, an apostrophe or a comma) is told by the glyph's place and by the kind of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli import styles
from ocrcli.proposals import Hypothesis, Proposals
from ocrcli.styles import KINDS, NOT_A_LETTER, START

Floats = NDArray[np.float64]

ALTERNATIVES = 4
"""How many other readings of a glyph are kept."""

PLACE_WEIGHT = 0.8
"""Of the place's log-likelihood against the crop's."""

SKIP = -2.0
"""Log-odds of a mark being left out as no writing, before its crop is seen."""

_SKIPPED = -1


@dataclass(frozen=True)
class ReadGlyph:
    """One decoded glyph.

    Attributes:
        text: The character.
        confidence: Its probability among all readings of the row.
        alternatives: The likeliest other characters of the same marks with their probabilities.
        hypothesis: Which marks it was read from.
        starts_word: Whether a space comes before it.
    """

    text: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    hypothesis: Hypothesis
    starts_word: bool


@dataclass(frozen=True)
class Lattice:
    """All ways to read a row in one style.

    Attributes:
        hypotheses: The m edges, ascending by their first mark.
        scores: (m, classes) log-scores of each edge's readings.
        best: (m, KINDS) log-score of the best reading of each kind; -inf where there is none.
        total: (m, KINDS) log of the summed scores of the readings of each kind.
        skip: (m,) log-score of leaving the marks out.
        starts: (n,) bool, which marks begin a word.
        tables: (n, KINDS, KINDS) transitions into the glyph that begins at each of the n marks.
    """

    hypotheses: tuple[Hypothesis, ...]
    scores: Floats
    best: Floats
    total: Floats
    skip: Floats
    starts: NDArray[np.bool_]
    tables: Floats


def build(
    row: Proposals, log_p: NDArray[np.float32], starts: NDArray[np.bool_], labels: tuple[str, ...], style: str
) -> Lattice:
    """Put a row's scores together.

    Args:
        row: Hypotheses of the row.
        log_p: (m, classes) log-probabilities of the classifier.
        starts: (n,) bool, which marks begin a word.
        labels: The classes.
        style: One of `ocrcli.styles.STYLES`.
    """
    first = np.array([h.first for h in row.hypotheses])
    last = np.array([h.last for h in row.hypotheses])
    # Geometry: the bonds within a hypothesis hold, the one before it is broken.
    held = np.concatenate([[0.0], np.cumsum(-np.logaddexp(0.0, -row.bonds))])
    broken = np.concatenate([[0.0], -np.logaddexp(0.0, row.bonds)])
    geometry = held[last] - held[first] + broken[first]
    words = np.cumsum(starts)
    geometry[words[first] != words[last]] = -np.inf  # no glyph reaches over a space

    crop_scores = log_p.astype(float)
    if style == "capitals":
        crop_scores = styles.fold_small_capitals(crop_scores, labels)
    letter_scores = crop_scores + PLACE_WEIGHT * styles.place_scores(row.places, labels, style)
    scores = letter_scores + geometry[:, None]
    best, total = np.full((len(first), KINDS), -np.inf), np.full((len(first), KINDS), -np.inf)
    for kind, members in enumerate(_members(labels)):
        if len(members):
            best[:, kind] = scores[:, members].max(axis=1)
            total[:, kind] = np.logaddexp.reduce(scores[:, members], axis=1)
    skip = np.full(len(first), -np.inf)
    if NOT_A_LETTER in labels:
        column = labels.index(NOT_A_LETTER)
        alone = first == last
        skip[alone] = SKIP + crop_scores[alone, column] + geometry[alone]
    tables = np.stack([styles.transitions(style, bool(space)) for space in starts])
    return Lattice(row.hypotheses, scores, best, total, skip, starts, tables)


def _members(labels: tuple[str, ...]) -> list[NDArray[np.intp]]:
    """The classes of each kind; *not a letter* is none of them."""
    kinds = np.array([styles.kind_of(label) if label != NOT_A_LETTER else START for label in labels])
    return [np.flatnonzero(kinds == kind) for kind in range(START)]


def _begin(lattice: Lattice) -> Floats:
    """(n + 1, KINDS) log-scores of the states at each node, before any edge was followed."""
    nodes = np.full((len(lattice.tables) + 1, KINDS), -np.inf)
    nodes[0, START] = 0.0
    return nodes


def best_path(lattice: Lattice) -> tuple[float, list[tuple[int, int]]]:
    """The reading with the highest score (Viterbi).

    Returns:
        Its score, and its (edge, kind) pairs from left to right; skipped marks are left out.
    """
    nodes = _begin(lattice)
    came_by = np.full((*nodes.shape, 3), _SKIPPED)  # edge, its kind, the kind before
    entered = -1
    for edge, hypothesis in enumerate(lattice.hypotheses):
        start, end = hypothesis.first, hypothesis.last + 1
        if start != entered:  # edges of one start stand together
            entered = start
            ways = nodes[start][:, None] + lattice.tables[start]
            into, before = ways.max(axis=0), ways.argmax(axis=0)
        scores = into + lattice.best[edge]
        for kind in np.flatnonzero(scores > nodes[end]).tolist():
            nodes[end, kind] = scores[kind]
            came_by[end, kind] = edge, kind, before[kind]
        skipped = nodes[start] + lattice.skip[edge]
        for kind in np.flatnonzero(skipped > nodes[end]).tolist():
            nodes[end, kind] = skipped[kind]
            came_by[end, kind] = edge, _SKIPPED, kind
    node, kind = len(nodes) - 1, int(nodes[-1].argmax())
    score, path = float(nodes[-1].max()), []
    while node > 0:
        edge, own, kind = came_by[node, kind].tolist()
        if own != _SKIPPED:
            path.append((edge, own))
        node = lattice.hypotheses[edge].first
    return score, path[::-1]


def outside_scores(lattice: Lattice) -> Floats:
    """What all readings of the rest of the row say of each edge and kind (forward-backward).

    Returns:
        (m, KINDS): adding a reading's own score gives the log of its probability in the row.
    """
    forward = _begin(lattice)
    into = np.full_like(lattice.best, -np.inf)
    for edge, hypothesis in enumerate(lattice.hypotheses):
        start, end = hypothesis.first, hypothesis.last + 1
        into[edge] = np.logaddexp.reduce(forward[start][:, None] + lattice.tables[start], axis=0)
        reached = np.logaddexp(into[edge] + lattice.total[edge], forward[start] + lattice.skip[edge])
        forward[end] = np.logaddexp(forward[end], reached)
    backward = np.full_like(forward, -np.inf)
    backward[-1] = 0.0
    out_of = np.full_like(lattice.best, -np.inf)
    for edge in range(len(lattice.hypotheses) - 1, -1, -1):
        hypothesis = lattice.hypotheses[edge]
        start, end = hypothesis.first, hypothesis.last + 1
        out_of[edge] = backward[end]
        onward = np.logaddexp.reduce(lattice.tables[start] + (lattice.total[edge] + backward[end])[None, :], axis=1)
        backward[start] = np.logaddexp(backward[start], np.logaddexp(onward, backward[end] + lattice.skip[edge]))
    return np.asarray(into + out_of - np.logaddexp.reduce(forward[-1]))


def read_path(lattice: Lattice, path: list[tuple[int, int]], labels: tuple[str, ...]) -> list[ReadGlyph]:
    """The glyphs of a path, each with its probability among all readings of the row.

    Args:
        lattice: The row.
        path: What `best_path` found.
        labels: The classes.
    """
    outside = outside_scores(lattice)
    members = _members(labels)
    found = []
    for edge, kind in path:
        hypothesis = lattice.hypotheses[edge]
        p = np.zeros(len(labels))
        for other, columns in enumerate(members):
            p[columns] = np.exp(np.minimum(lattice.scores[edge, columns] + outside[edge, other], 0.0))
        label = int(members[kind][lattice.scores[edge, members[kind]].argmax()])
        order = [i for i in np.argsort(-p)[: ALTERNATIVES + 1].tolist() if i != label][:ALTERNATIVES]
        others = tuple((labels[i], float(p[i])) for i in order)
        spaced = bool(lattice.starts[hypothesis.first])
        found.append(ReadGlyph(labels[label], float(p[label]), others, hypothesis, spaced))
    return found


def decode(
    rows: list[Proposals],
    log_ps: list[NDArray[np.float32]],
    starts: list[NDArray[np.bool_]],
    labels: tuple[str, ...],
) -> list[list[ReadGlyph]]:
    """Read all rows of a page.

    A page is in one style: the one under which its rows score best.

    Args:
        rows: Hypotheses of each row.
        log_ps: For each row (m, classes) log-probabilities of the classifier.
        starts: For each row (n,) bool, which marks begin a word.
        labels: The classes.

    Returns:
        The glyphs of each row, left to right.
    """
    parts = list(zip(rows, log_ps, starts, strict=True))
    lattices = {style: [build(*part, labels, style) for part in parts] for style in styles.STYLES}
    paths = {style: [best_path(lattice) for lattice in lattices[style]] for style in styles.STYLES}
    style = max(styles.STYLES, key=lambda name: sum(score for score, _ in paths[name]))
    return [read_path(lattice, path, labels) for lattice, (_, path) in zip(lattices[style], paths[style], strict=True)]
