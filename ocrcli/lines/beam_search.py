"""From character probabilities along rows to text: CTC's prefix beam search, and where each character stands.

The search (Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional
recurrent DNNs") runs over all rows of a page at once, a step at a time; a row that is over costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrcli.language.model import DIGITS, EDGE, WORD_START, Language

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLANK = 0

BEAM_PREFIXES = 24
"""Prefixes kept of each row."""

CHOICES = 8
"""Characters that may follow at each step."""

HOPELESS_PREFIX = 10.0
"""Nats behind the best prefix of its row from which on a prefix that grows is not followed, whatever the language says
of it."""

SURE_BLANK = -0.01
"""Log-probability of the blank above which a step says nothing new."""

_HASH = np.int64(1_000_003)
NEVER = np.float32(-1e30)
"""Stands for log 0: sums of it stay finite."""


@dataclass(frozen=True)
class Candidate:
    """One reading of a row.

    Attributes:
        outputs: (n,) the model's outputs of its characters.
        score: Log-probability, the language's share included.
    """

    outputs: Ints
    score: float


@dataclass
class _Beam:
    """State of the search: arrays (rows, BEAM_PREFIXES)."""

    hashes: Ints
    last: Ints
    states: Ints
    blank: Floats
    """Log-probability of the prefix with a blank at its end, and without one."""
    other: Floats
    bonus: Floats
    """What the language adds."""

    def first(self, rows: int) -> _Beam:
        """That of so many rows, the first ones."""
        return _Beam(*(getattr(self, name)[:rows] for name in self.__annotations__))

    def put(self, new: _Beam) -> None:
        """Take over the state of the first rows."""
        for name in self.__annotations__:
            getattr(self, name)[: len(new.hashes)] = getattr(new, name)


def search(
    log_ps: Sequence[Floats],
    symbols: NDArray[np.intp],
    language: Language | None,
    weight: float,
    pairs: Floats | None = None,
) -> list[list[Candidate]]:
    """Read rows.

    Args:
        log_ps: For each row (steps, outputs) log-probabilities.
        symbols: (outputs,) the language's symbol of each output.
        language: What is known of the language, or None.
        weight: Of the language's scores against the model's.
        pairs: (outputs, outputs) what an output is worth after another one, as a log-probability; None for nothing.

    Returns:
        For each row its readings, the best first; at least one.
    """
    if not log_ps:
        return []
    telling = [_telling(log_p) for log_p in log_ps]
    order = sorted(range(len(telling)), key=lambda row: -len(telling[row]))  # so that those going on come first
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
    scores = np.logaddexp(beam.blank, beam.other) + beam.bonus
    if language is not None:
        scores = scores + np.float32(weight) * language.at_end(beam.states)
    found = dict(zip(order, _traced(parents, added, scores), strict=True))
    return [found[row] for row in range(rows)]


def _beginning(rows: int) -> _Beam:
    start = np.full((rows, BEAM_PREFIXES), NEVER, np.float32)
    start[:, 0] = 0
    zeros = np.zeros((rows, BEAM_PREFIXES), np.int64)
    # Prefixes that do not exist yet have hashes of their own, so that nothing is joined with them.
    hashes = zeros + np.where(np.arange(BEAM_PREFIXES) == 0, 1, -1 - np.arange(BEAM_PREFIXES))
    return _Beam(hashes, zeros.copy(), zeros + WORD_START, start, np.full_like(start, NEVER), np.zeros_like(start))


def _telling(log_p: Floats) -> Floats:
    """The steps without those that only repeat a blank."""
    blank = log_p[:, BLANK] > SURE_BLANK
    repeated = blank & np.concatenate([[False], blank[:-1]])
    return log_p[~repeated]


def _stacked(log_ps: list[Floats]) -> Floats:
    """(rows, steps, outputs); what follows where a row is over is not looked at."""
    out = np.full((len(log_ps), max(len(p) for p in log_ps), log_ps[0].shape[1]), NEVER, np.float32)
    for row, log_p in zip(out, log_ps, strict=True):
        row[: len(log_p)] = log_p
    return out


@dataclass(frozen=True)
class _Known:
    """What is known of texts beforehand: the arguments of `search`."""

    symbols: NDArray[np.intp]
    language: Language | None
    weight: float
    pairs: Floats | None


@dataclass(frozen=True)
class _Step:
    """What one step makes of each prefix, as log-probabilities.

    Attributes:
        stay_blank: (rows, BEAM_PREFIXES) of the prefix as it is, with a blank at its end.
        stay_other: The same without one.
        grown: (rows, BEAM_PREFIXES * choices) of the prefix with a choice behind it; NEVER where that is a prefix of
            the beam by itself.
        hashes: (rows, BEAM_PREFIXES * choices) hashes of these.
    """

    stay_blank: Floats
    stay_other: Floats
    grown: Floats
    hashes: Ints


def _step(beam: _Beam, frame: Floats, choices: Ints) -> _Step:
    """What the model says of one step; arguments as of `_advance`."""
    rows = len(choices)
    every = np.arange(rows)[:, None]
    total = np.logaddexp(beam.blank, beam.other)
    stay_blank = total + frame[:, :1]
    stay_other = beam.other + frame[every, beam.last]
    stay_other[beam.last == BLANK] = NEVER
    p = frame[every, choices]
    # A character after itself needs a blank between.
    repeats = choices[:, None, :] == beam.last[:, :, None]
    grown = np.where(repeats, beam.blank[:, :, None], total[:, :, None]) + p[:, None, :]
    flat = grown.reshape(rows, -1)
    hashes = (beam.hashes[:, :, None] * _HASH + choices[:, None, :] + 1).reshape(rows, -1)
    # A prefix that grows into another one of the beam is that one.
    row, place, into = np.nonzero(hashes[:, :, None] == beam.hashes[:, None, :])
    stay_other[row, into] = np.logaddexp(stay_other[row, into], flat[row, place])
    flat[row, place] = NEVER
    return _Step(stay_blank, stay_other, flat, hashes)


def _followed(
    beam: _Beam, stay: Floats, step: _Step, choices: Ints, known: _Known
) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Which prefixes that grow are worth following, and what is known of texts says of them.

    Returns:
        (rows, BEAM_PREFIXES * choices) log-probabilities to add, and rows and places of those that are followed.
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
    """One step: each prefix stays as it is, or gains a character.

    Args:
        beam: The state.
        frame: (rows, outputs) log-probabilities.
        choices: (rows, choices) outputs that are tried.
        known: What is known of texts.

    Returns:
        The new state, and for each prefix (rows, BEAM_PREFIXES) whose child it is, and the output it gained (0 for
        none).
    """
    rows, count = choices.shape
    every = np.arange(rows)[:, None]
    step = _step(beam, frame, choices)
    stay = np.logaddexp(step.stay_blank, step.stay_other) + beam.bonus
    bonus, row, place = _followed(beam, stay, step, choices, known)
    # Of those that are not followed none is kept.
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


def _traced(parents: Ints, added: Ints, scores: Floats) -> list[list[Candidate]]:
    """The prefixes of each row, the best first.

    Args:
        parents: (steps, rows, BEAM_PREFIXES) whose child each prefix is.
        added: (steps, rows, BEAM_PREFIXES) the output that it gained, 0 for none.
        scores: (rows, BEAM_PREFIXES).
    """
    at = np.argsort(-scores, axis=1, kind="stable")
    scores = np.take_along_axis(scores, at, axis=1)
    outputs = np.empty_like(added)
    for step in range(len(parents) - 1, -1, -1):
        outputs[step] = np.take_along_axis(added[step], at, axis=1)
        at = np.take_along_axis(parents[step], at, axis=1)
    found = []
    for row, of_row in enumerate(scores.tolist()):
        there = max(1, sum(score > NEVER / 2 for score in of_row))
        readings = [outputs[:, row, place] for place in range(there)]
        found.append([Candidate(reading[reading > 0], of_row[place]) for place, reading in enumerate(readings)])
    return found
