"""Turns what the line recognizer sees in rows, at one size or several, into text.

A beam search finds readings of each row at each size. Where there are several sizes, the readings compete: each has its
likelihood at every size, and that of all sizes together counts. Letters are found without their case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrcli.language.model import Language, symbol_of
from ocrcli.lines import alignment, beam_search, letter_case
from ocrcli.lines.beam_search import Candidate
from ocrcli.lines.likelihood import likelihoods_of

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

LANGUAGE_WEIGHT = 0.6
"""Weight of the language model; the line recognizer, which has learnt some language itself, has weight 1. Of 0.35, 0.5,
0.6 and 0.7, chosen on the development pages."""

SMOOTHING, SMOOTHING_ALONE = 4.0, 1.0
"""With a language, and without: a reading counts by the mean of its likelihoods at all sizes, each to the power of one
over this; 0 would be the largest of them, infinity the geometric mean. Of 0, 1, 2, 4 and infinity, on lines and words
of writers that the model had not seen (models/history/lines.md)."""

RIVAL, MOST_RIVALS = 8.0, 10
"""Nats by which a reading may be worse than the best one at any size to compete; how many of a row do, at most."""

UNWRITABLE = -300.0
"""Log-likelihood in nats of a text that a size has too few steps for."""

CLOSING, OPENING = ",.;:!?)]}", "([{"
"""Punctuation without a space before it, and without a space after it."""

ASTRAY = -2.0
"""Log-probability; penalty for a space before `CLOSING` or after `OPENING`, where writers leave gaps that are not
spaces. Chosen on the development pages."""


@dataclass(frozen=True)
class Decoded:
    """The text of a row.

    Attributes:
        size: Index of the size at which the text is likeliest.
        outputs: (n,) output indices of its characters.
        edges: (n + 1,) edges of the characters in steps of that size.
        readings: The readings that competed, the best first, and how much worse each is, in nats. Only the best one has
            capitals.
    """

    size: int
    outputs: NDArray[np.int64]
    edges: Doubles
    readings: tuple[tuple[str, float], ...]


def decode(rows: Sequence[Sequence[Floats]], characters: Sequence[str], language: Language | None) -> list[Decoded]:
    """Find the best reading of each row.

    Args:
        rows: For each row and each size, the usual one first, (steps, 1 + characters) log-probabilities.
        characters: The characters of outputs 1, 2, ...
        language: The language model; None for none.
    """
    caseless = [[letter_case.left_out(log_p, characters) for log_p in row] for row in rows]
    found = iter(_searched([log_p for row in caseless for log_p in row], characters, language))
    rivals = [_rivals([next(found) for _ in row]) for row in rows]
    asked = [
        (log_p, [text.outputs.tolist() for text in texts])
        for row, texts in zip(caseless, rivals, strict=True)
        if len(row) > 1
        for log_p in row
    ]
    seen = iter(likelihoods_of([log_p for log_p, _ in asked], [texts for _, texts in asked]))
    told = []
    for row, letters, texts in zip(rows, caseless, rivals, strict=True):
        alone = [np.array([text.score - text.prior for text in texts])]  # at one size, the search has told it
        likelihood = np.array([np.maximum(next(seen), UNWRITABLE) for _ in row] if len(row) > 1 else alone)
        ranked = _ranked(texts, likelihood, SMOOTHING_ALONE if language is None else SMOOTHING)
        told.append(_decoded(ranked, row, letters, characters))
    return told


def search(log_ps: Sequence[Floats], characters: Sequence[str], language: Language | None) -> list[list[Candidate]]:
    """Find readings of each row at one size, without capitals.

    Args:
        log_ps: For each row, (steps, 1 + characters) log-probabilities.
        characters: The characters of outputs 1, 2, ...
        language: The language model; None for none.
    """
    return _searched([letter_case.left_out(log_p, characters) for log_p in log_ps], characters, language)


def _searched(
    caseless: Sequence[Floats], characters: Sequence[str], language: Language | None
) -> list[list[Candidate]]:
    """`beam_search.search` with what is known of texts, for rows whose letter case is left out."""
    return beam_search.search(caseless, symbols(characters), language, LANGUAGE_WEIGHT, spacing(characters))


def symbols(characters: Sequence[str]) -> NDArray[np.intp]:
    """(1 + characters,) language model symbol of each output of the line recognizer."""
    return np.array([0, *(symbol_of(c) for c in characters)], np.intp)


def spacing(characters: Sequence[str]) -> Floats:
    """(1 + characters, 1 + characters) log-probability to add if the second output follows the first.

    It makes a space before a comma or after an opening bracket less likely.
    """
    pairs = np.zeros((1 + len(characters), 1 + len(characters)), np.float32)
    space = [i for i, c in enumerate(characters, 1) if c == " "]
    for near, after in ((CLOSING, False), (OPENING, True)):
        signs = [i for i, c in enumerate(characters, 1) if c in near]
        pairs[np.ix_(signs, space) if after else np.ix_(space, signs)] = ASTRAY
    return pairs


def _rivals(found: Sequence[Sequence[Candidate]]) -> list[Candidate]:
    """The readings of a row at one size; of those at several, different ones that are about as good as the best."""
    if len(found) == 1:
        return list(found[0])
    best: dict[bytes, Candidate] = {}
    for reading in sorted((reading for of_size in found for reading in of_size), key=lambda r: -r.score):
        best.setdefault(reading.outputs.tobytes(), reading)
    ranked = list(best.values())[:MOST_RIVALS]
    return [reading for reading in ranked if reading.score > ranked[0].score - RIVAL]


def _ranked(rivals: Sequence[Candidate], seen: Doubles, smoothing: float) -> list[tuple[float, int, Candidate]]:
    """Score and best size of some readings, and they themselves, the best first.

    Args:
        rivals: The readings.
        seen: (sizes, readings) log-likelihood of each at each size.
        smoothing: How much the sizes make up for each other, as `SMOOTHING` says.
    """
    scores = _mean(seen, smoothing) + np.array([reading.prior for reading in rivals])
    found = zip(scores.tolist(), seen.argmax(axis=0).tolist(), rivals, strict=True)
    return sorted(found, key=lambda rival: -rival[0])


def _decoded(
    ranked: Sequence[tuple[float, int, Candidate]],
    row: Sequence[Floats],
    caseless: Sequence[Floats],
    characters: Sequence[str],
) -> Decoded:
    """The best of some readings, aligned at its size, with its capitals.

    Where a reading has several words, the usual size tells its capitals: the size tells an o from an O. Of a word alone
    it is known too little.

    Args:
        ranked: The readings, by `_ranked`.
        row: Log-probabilities of the row at each size.
        caseless: The same without letter case.
        characters: The characters of outputs 1, 2, ...
    """
    best, size, reading = ranked[0]
    texts = [beam_search.spelled_out(other.outputs.tolist(), characters) for _, _, other in ranked]
    edges = alignment.edges(caseless[size], reading.outputs)
    telling = 0 if " " in texts[0] else size
    mass = alignment.mass(row[telling], edges * len(row[telling]) / len(row[size]))
    outputs = letter_case.told(reading.outputs, mass, characters)
    texts[0] = beam_search.spelled_out(outputs.tolist(), characters)
    readings = tuple((text, best - score) for text, (score, _, _) in zip(texts, ranked, strict=True))
    return Decoded(size, outputs, edges, readings)


def _mean(seen: Doubles, smoothing: float) -> Doubles:
    """(readings,) mean over (sizes, readings) log-likelihoods, as `SMOOTHING` says."""
    best = seen.max(axis=0)
    return np.asarray(best + smoothing * np.log(np.exp((seen - best) / smoothing).mean(axis=0)))
