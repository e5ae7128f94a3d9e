"""CTC prefix beam search: turns the character probabilities along rows into text, with a language model.

The search (Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs") runs over all rows of a page at once, step by step; a row that has ended costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.hands.ctc import BLANK
from ocrcli.language.model import DIGITS, EDGE, WORD_START, Language

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BEAM_PREFIXES = 32
"""Beam width: number of prefixes that are kept for each row. This and the next two were measured together on lines and
words of writers that the model had not seen (models/history/lines.md)."""

CHOICES = 6
"""Number of characters that are tried at each step, those with the highest probabilities."""

HOPELESS_PREFIX = 8.0
"""Nats; an extended prefix that is this much worse than the best one of its row is pruned, before the language model is
asked."""

SURE_BLANK = -0.01
"""Log-probability; a step whose blank has more than this is skipped if the step before has too."""

_HASH = np.int64(1_000_003)
NEVER = np.float32(-1e30)
"""Used in place of log 0, which is -inf: sums with it stay finite."""


@dataclass(frozen=True)
class Candidate:
    """One reading of a row.

    Attributes:
        outputs: (n,) output indices of its characters.
        score: Log-probability, including the language model.
        prior: What of it is from the language model and from pairs.
    """

    outputs: Ints
    score: float
    prior: float = 0.0


@dataclass
class _Beam:
    """The beam: all prefixes of all rows, as arrays (rows, BEAM_PREFIXES)."""

    hashes: Ints
    last: Ints
    states: Ints
    blank: Floats
    """Log-probability of the prefix with a blank at its end; `other` is that without one."""
    other: Floats
    bonus: Floats
    """Log-probability to add from the language model and from `pairs`."""

    def first(self, rows: int) -> _Beam:
        """The beam of the first rows only."""
        return _Beam(*(getattr(self, name)[:rows] for name in self.__annotations__))

    def put(self, new: _Beam) -> None:
        """Replace the first rows."""
        for name in self.__annotations__:
            getattr(self, name)[: len(new.hashes)] = getattr(new, name)


def greedy(log_p: Floats) -> list[int]:
    """Outputs of a rough reading without beam search: the likeliest of each step, runs of equal ones taken as one.

    Args:
        log_p: (steps, outputs) log-probabilities of a row.
    """
    outputs = log_p.argmax(axis=1)
    said: list[int] = outputs[(np.diff(outputs, prepend=BLANK) != 0) & (outputs != BLANK)].tolist()
    return said


def spelled_out(outputs: Sequence[int], characters: Sequence[str]) -> str:
    """The text of outputs, of which the first character's is 1."""
    return "".join(characters[output - 1] for output in outputs)


def search(
    log_ps: Sequence[Floats],
    symbols: NDArray[np.intp],
    language: Language | None,
    weight: float,
    pairs: Floats | None = None,
) -> list[list[Candidate]]:
    """Find the best readings of each row.

    Args:
        log_ps: For each row, (steps, outputs) log-probabilities.
        symbols: (outputs,) language model symbol of each output.
        language: The language model, or None.
        weight: Weight of the language model; the line recognizer has weight 1.
        pairs: (outputs, outputs) log-probability to add if the second output follows the first; None for none.

    Returns:
        For each row, its readings, the best first; at least one.
    """
    if not log_ps:
        return []
    telling = [_telling(log_p) for log_p in log_ps]
    order = sorted(range(len(telling)), key=lambda row: -len(telling[row]))  # longest first: unfinished ones lead
    lengths = np.array([len(telling[row]) for row in order])
    frames = _stacked([telling[row] for row in order])
    rows, steps, _ = frames.shape
    count = min(CHOICES, frames.shape[2] - 1)
    choices = 1 + np.argpartition(-frames[:, :, 1:], count - 1, axis=2)[:, :, :count]
    beam, known = _beginning(rows), _Known(symbols, language, weight, pairs)
    parents, added = np.empty((steps, rows, BEAM_PREFIXES), np.int64), np.zeros((steps, rows, BEAM_PREFIXES), np.int64)
    parents[:] = np.arange(BEAM_PREFIXES)
    for step in range(steps):
        going = int(np.count_nonzero(lengths > step))
        here = frames[:going, step], choices[:going, step]
        new, parent, gained = _advance(beam.first(going), *here, known)
        beam.put(new)
        parents[step, :going], added[step, :going] = parent, gained
    priors = beam.bonus
    if language is not None:
        priors = priors + np.float32(weight) * language.at_end(beam.states)
    scores = np.logaddexp(beam.blank, beam.other) + priors
    found = dict(zip(order, _traced(parents, added, scores, priors), strict=True))
    return [found[row] for row in range(rows)]


def _beginning(rows: int) -> _Beam:
    start = np.full((rows, BEAM_PREFIXES), NEVER, np.float32)
    start[:, 0] = 0
    zeros = np.zeros((rows, BEAM_PREFIXES), np.int64)
    # Empty slots have unique hashes, so that no prefix is merged with them.
    hashes = zeros + np.where(np.arange(BEAM_PREFIXES) == 0, 1, -1 - np.arange(BEAM_PREFIXES))
    return _Beam(hashes, zeros.copy(), zeros + WORD_START, start, np.full_like(start, NEVER), np.zeros_like(start))


def _telling(log_p: Floats) -> Floats:
    """Remove the steps that only repeat a blank."""
    blank = log_p[:, BLANK] > SURE_BLANK
    repeated = blank & np.concatenate([[False], blank[:-1]])
    return log_p[~repeated]


def _stacked(log_ps: list[Floats]) -> Floats:
    """Stack rows into (rows, steps, outputs), padded at the end; the padding is not used."""
    out = np.full((len(log_ps), max(len(p) for p in log_ps), log_ps[0].shape[1]), NEVER, np.float32)
    for row, log_p in zip(out, log_ps, strict=True):
        row[: len(log_p)] = log_p
    return out


@dataclass(frozen=True)
class _Known:
    """Prior knowledge about texts: the language model and the pairs, as in the arguments of `search`."""

    symbols: NDArray[np.intp]
    language: Language | None
    weight: float
    pairs: Floats | None


@dataclass(frozen=True)
class _Step:
    """Log-probabilities of all prefixes after one step, without the language model.

    Attributes:
        stay_blank: (rows, BEAM_PREFIXES) of the unchanged prefix, with a blank at its end.
        stay_other: (rows, BEAM_PREFIXES) of the unchanged prefix, without a blank at its end.
        grown: (rows, BEAM_PREFIXES * choices) of the prefix extended by a character; NEVER if the result is already a
            prefix in the beam.
        hashes: (rows, BEAM_PREFIXES * choices) hashes of the extended prefixes.
    """

    stay_blank: Floats
    stay_other: Floats
    grown: Floats
    hashes: Ints


def _step(beam: _Beam, frame: Floats, choices: Ints) -> _Step:
    """Compute the log-probabilities after one step; arguments as in `_advance`."""
    rows = len(choices)
    every = np.arange(rows)[:, None]
    total = np.logaddexp(beam.blank, beam.other)
    stay_blank = total + frame[:, :1]
    stay_other = beam.other + frame[every, beam.last]
    stay_other[beam.last == BLANK] = NEVER
    p = frame[every, choices]
    # Between two equal characters there must be a blank.
    repeats = choices[:, None, :] == beam.last[:, :, None]
    grown = np.where(repeats, beam.blank[:, :, None], total[:, :, None]) + p[:, None, :]
    flat = grown.reshape(rows, -1)
    hashes = (beam.hashes[:, :, None] * _HASH + choices[:, None, :] + 1).reshape(rows, -1)
    # If an extended prefix is already in the beam, the two are merged.
    row, place, into = np.nonzero(hashes[:, :, None] == beam.hashes[:, None, :])
    stay_other[row, into] = np.logaddexp(stay_other[row, into], flat[row, place])
    flat[row, place] = NEVER
    return _Step(stay_blank, stay_other, flat, hashes)


def _followed(
    beam: _Beam, stay: Floats, step: _Step, choices: Ints, known: _Known
) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Prune the extended prefixes, and score the others with the language model.

    Returns:
        (rows, BEAM_PREFIXES * choices) log-probabilities to add, and row and column of each prefix that is kept.
    """
    rows, count = choices.shape
    bonus = np.repeat(beam.bonus, count, axis=1)
    if known.pairs is not None:
        bonus = bonus + known.pairs[beam.last[:, :, None], choices[:, None, :]].reshape(rows, -1)
    ahead = step.grown + bonus
    best = np.maximum(stay.max(axis=1), ahead.max(axis=1))
    row, place = np.nonzero(ahead > best[:, None] - HOPELESS_PREFIX)
    if known.language is not None:
        following = known.symbols[choices[row, place % count]]
        before = beam.states[row, place // count]
        ends = (following == EDGE) | (following >= DIGITS)
        at_end = np.zeros(len(row), np.float32)
        at_end[ends] = known.language.at_end(before[ends])
        bonus[row, place] += np.float32(known.weight) * known.language.each_after(before, following, at_end)
    return bonus, row, place


def _advance(beam: _Beam, frame: Floats, choices: Ints, known: _Known) -> tuple[_Beam, Ints, Ints]:
    """Do one step: each prefix stays unchanged or is extended by a character.

    Args:
        beam: The beam.
        frame: (rows, outputs) log-probabilities of this step.
        choices: (rows, choices) outputs that are tried.
        known: The language model and the pairs.

    Returns:
        The new beam, and (rows, BEAM_PREFIXES) for each prefix its parent in the old beam and the output that was added
        (0 for none).
    """
    rows, count = choices.shape
    every = np.arange(rows)[:, None]
    step = _step(beam, frame, choices)
    stay = np.logaddexp(step.stay_blank, step.stay_other) + beam.bonus
    bonus, row, place = _followed(beam, stay, step, choices, known)
    # Pruned prefixes get the lowest score, so that they are not kept.
    scores = np.full((rows, BEAM_PREFIXES * (1 + count)), 2 * NEVER, np.float32)
    scores[:, :BEAM_PREFIXES] = stay
    scores[row, BEAM_PREFIXES + place] = step.grown[row, place] + bonus[row, place]
    kept = np.argpartition(-scores, BEAM_PREFIXES - 1, axis=1)[:, :BEAM_PREFIXES]
    stays, grown_at = kept < BEAM_PREFIXES, np.maximum(kept - BEAM_PREFIXES, 0)
    parent = np.where(stays, kept, grown_at // count)
    gained = np.where(stays, 0, choices[every, grown_at % count])
    states = beam.states[every, parent]
    if known.language is not None:
        new = gained != 0
        states[new] = known.language.extended(states[new], known.symbols[gained[new]])

    def of(staying: NDArray[Any], growing: NDArray[Any]) -> NDArray[Any]:
        return np.where(stays, staying[every, parent], growing[every, grown_at])

    last = np.where(stays, beam.last[every, parent], gained)
    blank = np.where(stays, step.stay_blank[every, parent], NEVER)
    other, added = of(step.stay_other, step.grown), of(beam.bonus, bonus)
    return _Beam(of(beam.hashes, step.hashes), last, states, blank, other, added), parent, gained


def _traced(parents: Ints, added: Ints, scores: Floats, priors: Floats) -> list[list[Candidate]]:
    """Trace the prefixes of each row back to readings, the best first.

    Args:
        parents: (steps, rows, BEAM_PREFIXES) parent of each prefix.
        added: (steps, rows, BEAM_PREFIXES) output that was added, 0 for none.
        scores: (rows, BEAM_PREFIXES) log-probabilities at the end.
        priors: (rows, BEAM_PREFIXES) what of them is from the language model and from pairs.
    """
    at = np.argsort(-scores, axis=1, kind="stable")
    scores, priors = (np.take_along_axis(each, at, axis=1) for each in (scores, priors))
    outputs = np.empty_like(added)
    for step in range(len(parents) - 1, -1, -1):
        outputs[step] = np.take_along_axis(added[step], at, axis=1)
        at = np.take_along_axis(parents[step], at, axis=1)
    found = []
    for row, (of_row, known) in enumerate(zip(scores.tolist(), priors.tolist(), strict=True)):
        there = max(1, sum(score > NEVER / 2 for score in of_row))
        readings = zip(outputs[:, row].T[:there], of_row[:there], known[:there], strict=True)
        found.append([Candidate(reading[reading > 0], score, prior) for reading, score, prior in readings])
    return found
