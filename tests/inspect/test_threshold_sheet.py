"""The chart of threshold methods."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import SHAPE, Grey, overlap, photo, written

from ocrcli.binarize.threshold import METHODS
from ocrcli.imaging.components import find_marks
from ocrcli.inspect.threshold_sheet import Comparison, compare, draw

INK = written()


def unread(_method: str) -> None:
    """Reads nothing."""


def captions(results: list[Comparison]) -> list[str]:
    return [result.method for result in results]


def panels_of(chart: Grey, level: int) -> int:
    """How many large rectangles of one grey level the chart shows."""
    marks = find_marks(chart == level)
    return int((marks.areas > 10_000).sum())


def test_every_method_is_applied() -> None:
    results = compare(photo(INK), unread)
    assert [result.method for result in results] == list(METHODS)
    for result in results:
        assert result.mask is not None
        assert overlap(result.mask, INK > 127) > 0.75
        assert result.components == len(find_marks(result.mask))


def test_a_method_that_cannot_decide_has_no_mask() -> None:
    picture = np.full((200, 200), 250, np.uint8)
    picture[:16] = np.linspace(250, 50, 200).astype(np.uint8)
    results = {result.method: result for result in compare(picture, unread)}
    assert (results["minimum"].mask, results["minimum"].components) == (None, 0)
    assert results["otsu"].mask is not None


def test_a_blank_photo_leaves_every_method_undecided() -> None:
    blank = np.full(SHAPE, 255, np.uint8)
    results = compare(blank, unread)
    assert [result.mask for result in results] == [None] * len(METHODS)
    assert draw(blank, results, captions(results)).dtype == np.uint8


@pytest.mark.parametrize("shape", [(90, 120), (120, 90), (1000, 700), (200, 300)])
def test_the_chart_has_a_panel_for_each_method(shape: tuple[int, int]) -> None:
    grey = np.full(shape, 80, np.uint8)
    results = [Comparison(method, np.ones(shape, bool)) for method in METHODS]
    chart = draw(grey, results, captions(results))
    assert chart.ndim == 2
    assert chart.dtype == np.uint8
    assert panels_of(chart, 0) == len(METHODS)
    assert panels_of(chart, 80) == 1


def test_an_undecided_method_has_a_panel_of_its_own_look() -> None:
    grey = np.full((90, 120), 255, np.uint8)
    mask = np.zeros((90, 120), bool)
    results = [Comparison("one", ~mask), Comparison("two"), Comparison("three", ~mask)]
    chart = draw(grey, results, captions(results))
    assert panels_of(chart, 0) == 2
    assert panels_of(chart, 255) == 1
    common = np.flatnonzero(np.bincount(chart.ravel()) > 10_000).tolist()
    other_looks = [level for level in common if level not in {0, 255} and panels_of(chart, level)]
    assert len(other_looks) == 2, "the undecided panel and the ground between the panels"


def test_panels_have_their_captions() -> None:
    grey, result = np.full((90, 120), 255, np.uint8), Comparison("otsu", np.zeros((90, 120), bool))
    charts = [draw(grey, [result], [caption]) for caption in ("otsu, level 5", "best: otsu, level 5")]
    assert (charts[0] != charts[1]).any()


def test_a_panel_shows_the_mask() -> None:
    grey = photo(INK)
    with_ink, without = (
        draw(grey, [Comparison("otsu", mask)], ["otsu"]) for mask in (INK > 127, np.zeros(INK.shape, bool))
    )
    changed = with_ink != without
    assert changed.any()
    assert with_ink[changed].mean() < without[changed].mean()
