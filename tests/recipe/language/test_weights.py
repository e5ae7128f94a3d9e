"""Fitting the weights of the decoder: the search for them, and how true confidences are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import EXAMPLES

from models.recipe.language import decoding_weights as recipe
from models.recipe.language.__main__ import main
from ocrcli.language.model import load_language
from ocrcli.letters.decode import WEIGHTS, Weights

TITLES = ("glyphs", "words", "lines")


def bowl(best: Weights) -> Any:
    """An error that grows with the distance from the best weights."""
    return lambda trial: sum(abs(getattr(trial, name) - getattr(best, name)) for name in recipe.STEPS)


def test_the_search_finds_the_best_of_what_is_tried() -> None:
    best = Weights(**{name: values[-1] for name, values in recipe.STEPS.items()})
    assert recipe.descend(bowl(best), WEIGHTS) == replace(best, temperature=WEIGHTS.temperature)


def test_the_search_stays_where_nothing_is_better() -> None:
    assert recipe.descend(lambda _: 1.0, WEIGHTS) == WEIGHTS


def test_the_weights_in_use_are_among_those_that_are_tried() -> None:
    for name, values in recipe.STEPS.items():
        assert getattr(WEIGHTS, name) in values
    assert WEIGHTS.temperature in recipe.TEMPERATURES


@pytest.mark.parametrize(("said", "right", "expected"), [(0.9, 0.9, 0.0), (0.9, 0.5, 0.4), (0.3, 1.0, 0.7)])
def test_calibration_error_is_how_far_confidences_are_off(said: float, right: float, expected: float) -> None:
    found = recipe.Reliability(np.full(10, said), np.full(10, right), np.full(10, 2.0))
    assert found.ece == pytest.approx(expected)
    assert sum(count for *_, count in found.bins()) == 20


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> recipe.Bench:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("sticky_note.jpg", "sticky_note.gt.txt"):
        (folder / name).write_bytes((EXAMPLES / name).read_bytes())
    (folder / "manifest.tsv").write_text("file\ttier\nsticky_note.jpg\t2\n")
    return recipe.Bench(recipe.collect([folder]), load_language("en"))


def test_photos_are_grouped_by_folder_and_tier(bench: recipe.Bench) -> None:
    (sample,) = bench.samples
    assert sample.name == "sticky_note"
    assert sample.group.startswith("photos")
    assert sample.group.endswith("tier 2")
    assert len(sample.rows) > 1


def test_weights_change_the_error(bench: recipe.Bench) -> None:
    assert bench.error(WEIGHTS, [0]) < 0.2
    leaving_all_out = replace(WEIGHTS, skip=1000.0)
    assert bench.error(leaving_all_out, [0]) == 1


def test_reliability_counts_every_glyph(bench: recipe.Bench) -> None:
    read = [recipe.read_rows(sample.rows, bench.language) for sample in bench.samples]
    found = recipe.reliability(bench.samples, read)
    count = sum(len(row.glyphs) for row in read[0])
    assert tuple(found) == TITLES
    for reliability in found.values():
        assert reliability.size.sum() == count
        assert (reliability.right >= 0).all()
        assert (reliability.right <= 1).all()
    assert len(found["lines"].size) == sum(bool(row.glyphs) for row in read[0])
    nothing_right = [replace(sample, truth="~" * count) for sample in bench.samples]
    assert recipe.reliability(nothing_right, read)["glyphs"].right.max() == 0


def test_a_folder_without_photos_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", str(tmp_path)]) == 3
    assert "no photo" in capsys.readouterr().err
