"""How long the reader and its parts take, in one process whose models are loaded.

    pytest benchmarks --benchmark-autosave     # keeps the figures in benchmarks/results, by the commit
    pytest benchmarks --benchmark-compare      # shows them beside the newest that are kept

Nothing fails for being slow: a clock tells as much of the machine as of the code.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrcli import Reader, Settings
from ocrcli.binarize.background import darken, normalise
from ocrcli.binarize.threshold import METHODS, binarize
from ocrcli.imaging.components import find_marks
from ocrcli.language.model import load_language
from ocrcli.lines.decoding import search
from ocrcli.lines.line_model import load_line_model
from ocrcli.sources import source_of

EXAMPLES = Path(__file__).parent.parent / "examples"
SHORT, LONG = EXAMPLES / "shopping_list.jpg", EXAMPLES / "lecture_note.jpg"

Benchmark = Callable[..., Any]


@pytest.fixture(scope="session")
def reader() -> Reader:
    """What reads, with its models loaded."""
    return Reader()


@pytest.fixture(scope="session")
def full_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 1,000 letters; its font comes from the npm registry."""
    path = tmp_path_factory.mktemp("page") / "full.jpg"
    done = subprocess.run(
        [sys.executable, EXAMPLES / "full_page.py", path], check=False, capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"the page cannot be drawn: {done.stderr.strip().splitlines()[-1]}")
    return path


@pytest.fixture(scope="session")
def flat() -> NDArray[np.uint8]:
    """(h, w) uint8, an example with dark ink on evenly white paper."""
    return normalise(darken(source_of(SHORT).load(Settings().long_side).grey))


@pytest.mark.parametrize("name", [SHORT.name, LONG.name])
def test_read(benchmark: Benchmark, reader: Reader, name: str) -> None:
    assert benchmark(reader.read, EXAMPLES / name).text


def test_read_a_page_of_1000_letters(benchmark: Benchmark, reader: Reader, full_page: Path) -> None:
    assert benchmark(reader.read, full_page).text


@pytest.mark.parametrize("method", METHODS)
def test_threshold(benchmark: Benchmark, flat: NDArray[np.uint8], method: str) -> None:
    assert benchmark(binarize, flat, method).any()


def test_components(benchmark: Benchmark, flat: NDArray[np.uint8]) -> None:
    assert len(benchmark(find_marks, binarize(flat)))


def test_beam_search(benchmark: Benchmark) -> None:
    told: dict[str, Any] = {}
    Reader(Settings(recognizer="lines")).read(LONG, on_stage=told.__setitem__)
    model = load_line_model()
    log_ps, characters = model.log_probabilities(told["strips"]), model.characters
    known = characters, load_language("en")
    assert benchmark(search, log_ps, *known)
