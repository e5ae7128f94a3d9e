"""Small back-off models, spelt out run by run.

What `ocrcli.language.ngrams` is measured against, and what searches are tried with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ocrcli.language.ngrams import Ngrams, from_tables, to_tables

Run = tuple[int, ...]


def closed(runs: Iterable[Run]) -> list[Run]:
    """Runs and all parts of them, in the order of a trie."""
    parts = {run[i:j] for run in runs for i in range(len(run)) for j in range(i + 1, len(run) + 1)}
    return sorted(parts, key=lambda run: (len(run), run))


def histories_of(runs: Iterable[Run]) -> list[Run]:
    """What begins a longer run, in the order of a trie."""
    return sorted({run[:-1] for run in runs}, key=lambda run: (len(run), run))


def trie(log_p: Mapping[Run, float], price: Mapping[Run, float] | None = None) -> Ngrams:
    """A model, by way of a file's tables.

    Args:
        log_p: Log-probability of the last symbol of each run; parts of runs are runs.
        price: Of histories, 0 where none is given.
    """
    runs = closed(log_p)
    histories = histories_of(runs)
    follows = [sum(1 << run[-1] for run in runs if run[:-1] == history) for history in histories]
    tables = to_tables(
        np.array(follows, np.uint64),
        np.array([history[-1] if history else 0 for history in histories]),
        np.array([run in set(histories) for run in runs]),
        np.array([log_p[run] for run in runs]),
        np.array([(price or {}).get(history, 0.0) for history in histories]),
    )
    return from_tables(tables)
