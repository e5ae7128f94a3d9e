"""Charts as elements."""

from __future__ import annotations

import pytest

from ocrcli.evaluation.calibration import Bin
from ocrcli.evaluation.charts import CHART_MARGIN, LEFT, SIDE, bar, heat_table, reliability_chart


@pytest.mark.parametrize(("share", "width"), [(0, "0.00"), (0.5, "50.00"), (1, "100.00"), (7, "100.00")])
def test_a_bar_is_as_long_as_its_share(share: float, width: str) -> None:
    (_, filled) = bar(share)
    assert filled.get("width") == width


def test_a_heat_table_is_darker_where_there_is_more() -> None:
    table = heat_table(["a", "<b>"], ["x", "y"], [[100, 1], [0, 25]], ("written", "read"))
    assert [cell.get("scope") for cell in table.iter("th")] == ["col"] * 3 + ["row"] * 2
    assert "<b>" in [cell.text for cell in table.iter("th")]
    cells = [(cell.text, cell.get("class")) for cell in table.iter("td")]
    assert cells == [("100", "shade-5"), ("1", "shade-1"), (None, None), ("25", "shade-2")]


def test_a_reliability_chart_has_a_circle_for_each_bin_where_it_belongs() -> None:
    chart = reliability_chart([Bin(4, 0.25, 0.5), Bin(16, 1.0, 1.0)])
    first, last = chart.iter("circle")
    assert (first.get("cx"), first.get("cy")) == (f"{LEFT + SIDE / 4:.1f}", f"{CHART_MARGIN + SIDE / 2:.1f}")
    assert (last.get("cx"), last.get("cy")) == (f"{LEFT + SIDE:.1f}", f"{CHART_MARGIN:.1f}")
    assert float(last.get("r", 0)) == 2 * float(first.get("r", 0))
    assert "16 letters 100% sure: 100% right" in chart.get("aria-label", "")
