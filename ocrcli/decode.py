"""A row's scored hypotheses -> the best reading.

The path through a row that explains it best is found by dynamic programming over the positions
between marks (LeCun et al. 1998, "Gradient-based learning applied to document recognition",
section VI). What a crop cannot tell alone (0 or O, c or C, an apostrophe or a comma) is told by the
glyph's place against the baseline and by the kind of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.proposals import Hypothesis, Proposals

Floats = NDArray[np.float64]

KINDS = ("upper", "lower", "digit", "other")

ALTERNATIVES = 4
"""How many other readings of a glyph are kept."""

PLACE_WEIGHT = 0.8
KIND_WEIGHT = 1.0
PLACE_SPREAD = 0.17
"""Capital heights; how far the ends of a letter usually are from where its class has them."""


@dataclass(frozen=True)
class ReadGlyph:
    """One decoded glyph.

    Attributes:
        text: The character.
        confidence: Its probability among all classes, given the crop, its place and its neighbours.
        alternatives: The likeliest other characters with their probabilities.
        hypothesis: Which marks it was read from.
        starts_word: Whether a space comes before it.
    """

    text: str
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    hypothesis: Hypothesis
    starts_word: bool


def kind_of(label: str) -> int:
    """Index into `KINDS` of a character."""
    return 0 if label.isupper() else 1 if label.islower() else 2 if label.isdigit() else 3


# Bottom and top of each class, in capital heights above the baseline, as print hands write them.
_PLACES = {
    "acemnorsuvwxz": (0.0, 0.62), "bdfhkl": (0.0, 1.0), "t": (0.0, 0.9), "i": (0.0, 0.9),
    "gpqy": (-0.35, 0.62), "j": (-0.35, 0.9), ".": (0.0, 0.14), ",": (-0.2, 0.15), "'`": (0.65, 1.0),
    '"': (0.65, 1.0), "^": (0.6, 1.0), "*": (0.4, 0.95), "-": (0.36, 0.48), "~": (0.35, 0.55),
    "_": (-0.15, -0.05), "=": (0.25, 0.6), ":": (0.05, 0.55), ";": (-0.2, 0.55), "+<>": (0.12, 0.72),
    "()[]{}|/\\": (-0.1, 1.05), "Q": (-0.1, 1.0), "$": (-0.1, 1.1),
}  # fmt: skip
PLACES = {char: place for chars, place in _PLACES.items() for char in chars}
"""Characters that do not stand on the baseline at capital height."""

# Probability of the next glyph's kind; rows: kind before, columns: kind after, as in `KINDS`.
_WITHIN = {
    "mixed": (
        (0.45, 0.47, 0.03, 0.05),
        (0.01, 0.92, 0.01, 0.06),
        (0.04, 0.03, 0.80, 0.13),
        (0.15, 0.45, 0.20, 0.20),
    ),
    "capitals": (
        (0.93, 0.01, 0.02, 0.04),
        (0.50, 0.25, 0.10, 0.15),
        (0.05, 0.01, 0.82, 0.12),
        (0.45, 0.01, 0.29, 0.25),
    ),
}
_BETWEEN = {
    "mixed": (
        (0.40, 0.45, 0.08, 0.07),
        (0.15, 0.70, 0.07, 0.08),
        (0.18, 0.32, 0.42, 0.08),
        (0.25, 0.45, 0.20, 0.10),
    ),
    "capitals": (
        (0.85, 0.01, 0.09, 0.05),
        (0.60, 0.15, 0.15, 0.10),
        (0.45, 0.01, 0.46, 0.08),
        (0.60, 0.01, 0.25, 0.14),
    ),
}
_START = {"mixed": (0.42, 0.35, 0.13, 0.10), "capitals": (0.72, 0.01, 0.17, 0.10)}

STYLES = tuple(_START)


def place_scores(places: Floats, labels: tuple[str, ...]) -> Floats:
    """Log-likelihood of each hypothesis' place for each class, up to a constant.

    Args:
        places: (m, 4) as in `Proposals.places`.
        labels: The classes.

    Returns:
        (m, classes), each at most 0; far-off places all count the same, since a badly fitted
        baseline must not outvote the crop.
    """
    expected = np.array([PLACES.get(label, (0.0, 1.0)) for label in labels])
    off_bottom = (places[:, 3][:, None] - expected[None, :, 0]) / PLACE_SPREAD
    off_top = (places[:, 1][:, None] - expected[None, :, 1]) / PLACE_SPREAD
    return np.asarray(-0.5 * (np.minimum(off_bottom**2, 9.0) + np.minimum(off_top**2, 9.0)))


@dataclass(frozen=True)
class _Step:
    score: float
    hypothesis: int
    label: int
    before: tuple[int, int] | None


class RowDecoder:
    """Finds the best path of one row for a style of writing.

    Args:
        proposals: Hypotheses of the row.
        log_p: (m, classes) log-probabilities of the classifier.
        starts: (n,) bool, which marks begin a word.
        labels: The classes.
    """

    def __init__(
        self, proposals: Proposals, log_p: NDArray[np.float32], starts: NDArray[np.bool_], labels: tuple[str, ...]
    ) -> None:
        self.proposals = proposals
        self.starts = starts
        self.labels = labels
        self.kinds = np.array([kind_of(label) for label in labels])
        self.scores = log_p + PLACE_WEIGHT * place_scores(proposals.places, labels)
        bonds = proposals.bonds
        joined = -np.logaddexp(0.0, -bonds)
        parted = -np.logaddexp(0.0, bonds)
        self.joined_before = np.concatenate([[0.0], np.cumsum(joined)])
        self.parted = np.concatenate([[0.0], parted])

    def best(self, style: str) -> tuple[float, list[tuple[int, int]]]:
        """The best path.

        Returns:
            Its score, and its (hypothesis, label) pairs from left to right.
        """
        count = len(self.proposals.ids)
        ending: list[dict[int, _Step]] = [{} for _ in range(count + 1)]
        within, between = (KIND_WEIGHT * np.log(np.array(t[style])) for t in (_WITHIN, _BETWEEN))
        start = KIND_WEIGHT * np.log(np.array(_START[style]))
        best_label = [
            [int(members[self.scores[m, members].argmax()]) for members in self._members]
            for m in range(len(self.proposals.hypotheses))
        ]
        for number, hypothesis in enumerate(self.proposals.hypotheses):
            if hypothesis.last > hypothesis.first and self.starts[hypothesis.first + 1 : hypothesis.last + 1].any():
                continue
            own = self.joined_before[hypothesis.last] - self.joined_before[hypothesis.first]
            own += self.parted[hypothesis.first]
            here = ending[hypothesis.last + 1]
            table = between if self.starts[hypothesis.first] else within
            for kind, label in enumerate(best_label[number]):
                if hypothesis.first == 0:
                    score, before = float(start[kind]), None
                else:
                    options = ending[hypothesis.first]
                    if not options:
                        continue
                    k = max(options, key=lambda k: options[k].score + table[k, kind])
                    score, before = options[k].score + float(table[k, kind]), (hypothesis.first, k)
                score += own + float(self.scores[number, label])
                if kind not in here or here[kind].score < score:
                    here[kind] = _Step(score, number, label, before)
        last = max(ending[count].values(), key=lambda s: s.score)
        path = []
        step: _Step | None = last
        while step is not None:
            path.append((step.hypothesis, step.label))
            step = ending[step.before[0]][step.before[1]] if step.before else None
        return last.score, path[::-1]

    @property
    def _members(self) -> list[NDArray[np.intp]]:
        return [np.flatnonzero(self.kinds == kind) for kind in range(len(KINDS))]

    def glyphs(self, path: list[tuple[int, int]], style: str) -> list[ReadGlyph]:
        """The path's glyphs, each with its probability given its neighbours on the path."""
        within, between = (KIND_WEIGHT * np.log(np.array(t[style])) for t in (_WITHIN, _BETWEEN))
        found = []
        for position, (number, label) in enumerate(path):
            hypothesis = self.proposals.hypotheses[number]
            scores = self.scores[number].astype(float)
            if position:
                before = self.kinds[path[position - 1][1]]
                table = between if self.starts[hypothesis.first] else within
                scores = scores + table[before][self.kinds]
            else:
                scores = scores + KIND_WEIGHT * np.log(np.array(_START[style]))[self.kinds]
            if position + 1 < len(path):
                after, after_label = path[position + 1]
                table = between if self.starts[self.proposals.hypotheses[after].first] else within
                scores = scores + table[:, self.kinds[after_label]][self.kinds]
            p = np.exp(scores - np.logaddexp.reduce(scores))
            order = np.argsort(-p)[: ALTERNATIVES + 1]
            others = tuple((self.labels[i], float(p[i])) for i in order if i != label)[:ALTERNATIVES]
            starts_word = bool(self.starts[hypothesis.first])
            found.append(ReadGlyph(self.labels[label], float(p[label]), others, hypothesis, starts_word))
        return found


def decode(
    rows: list[Proposals],
    log_ps: list[NDArray[np.float32]],
    starts: list[NDArray[np.bool_]],
    labels: tuple[str, ...],
) -> list[list[ReadGlyph]]:
    """Read all rows of a page.

    A page is in one style: the one, block capitals or mixed case, under which its rows score best.

    Args:
        rows: Hypotheses of each row.
        log_ps: For each row (m, classes) log-probabilities of the classifier.
        starts: For each row (n,) bool, which marks begin a word.
        labels: The classes.

    Returns:
        The glyphs of each row, left to right.
    """
    decoders = [RowDecoder(row, p, s, labels) for row, p, s in zip(rows, log_ps, starts, strict=True)]
    paths = {style: [decoder.best(style) for decoder in decoders] for style in STYLES}
    style = max(STYLES, key=lambda name: sum(score for score, _ in paths[name]))
    return [d.glyphs(path, style) for d, (_, path) in zip(decoders, paths[style], strict=True)]
