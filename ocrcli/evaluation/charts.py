"""Charts for HTML reports, as inline SVG and tables; the colours come from the style sheet of the page."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ocrcli.web import node

if TYPE_CHECKING:
    from ocrcli.evaluation.calibration import Bin

SIDE = 300
"""Side of the square of the reliability diagram, in SVG units."""
LEFT, AXIS_ROOM, CHART_MARGIN = 48, 44, 20
LARGEST_RADIUS = 16
"""Radius of the largest circle."""
SHADES = 5
"""Number of shades in a heat table."""


def bar(share: float) -> Element:
    """A horizontal bar that fills a share, 0 to 1, of its width; it is hidden from screen readers."""
    width = f"{100 * min(max(share, 0), 1):.2f}"
    filled = node("rect", width=width, height="10", class_="filled")
    track = node("rect", width="100", height="10", class_="track")
    return node("svg", track, filled, viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")


def heat_table(
    rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]], axes: tuple[str, str]
) -> Element:
    """A table of counts with darker cells for higher counts; zeros are left blank.

    Args:
        rows: Names of the rows.
        columns: Names of the columns.
        counts: One list for each row.
        axes: Titles of the rows and of the columns.
    """
    most = max(map(max, counts))
    head = node(
        "tr",
        node("th", f"{axes[0]} \u2193 {axes[1]} \u2192", scope="col", class_="corner"),
        *(node("th", name, scope="col") for name in columns),
    )
    body = (
        node("tr", node("th", name, scope="row"), *(_cell(count, most) for count in row))
        for name, row in zip(rows, counts, strict=True)
    )
    return node("table", node("thead", head), node("tbody", *body), class_="heat")


def _cell(count: int, most: int) -> Element:
    if not count:
        return node("td")
    return node("td", str(count), class_=f"shade-{max(1, round(SHADES * sqrt(count / most)))}")


def reliability_chart(gathered: Sequence[Bin]) -> Element:
    """Reliability diagram: accuracy over confidence.

    Each bin is a circle with its 95 % interval; the area of the circle shows its count. The diagonal is perfect
    calibration.
    """
    most = max(b.count for b in gathered)
    parts = []
    for step in range(0, 11, 2):
        x, y, label = _place(step / 10, step / 10, f"{step * 10}")
        parts += [
            node("line", x1=x, x2=x, y1=str(CHART_MARGIN), y2=str(CHART_MARGIN + SIDE), class_="grid"),
            node("line", x1=str(LEFT), x2=str(LEFT + SIDE), y1=y, y2=y, class_="grid"),
            node("text", label, x=x, y=str(CHART_MARGIN + SIDE + 18), text_anchor="middle"),
            node("text", label, x=str(LEFT - 8), y=y, dy="4", text_anchor="end"),
        ]
    ends = {"x1": str(LEFT), "y1": str(CHART_MARGIN + SIDE), "x2": str(LEFT + SIDE), "y2": str(CHART_MARGIN)}
    parts.append(node("line", **ends, class_="ideal"))
    places = [_place(b.confidence, b.accuracy, "") for b in gathered]
    parts.append(node("polyline", points=" ".join(f"{x},{y}" for x, y, _ in places), class_="course"))
    for b, (x, y, _) in zip(gathered, places, strict=True):
        label = f"{b.count} letters: {b.confidence:.1%} sure, {b.accuracy:.1%} right"
        radius = f"{max(3.0, LARGEST_RADIUS * sqrt(b.count / most)):.1f}"
        low, high = (_place(0, share, "")[1] for share in b.interval)
        parts.append(node("line", x1=x, x2=x, y1=low, y2=high, class_="whisker"))
        parts.append(node("circle", node("title", label), cx=x, cy=y, r=radius, class_="dot"))
    height = CHART_MARGIN + SIDE + AXIS_ROOM
    parts += [
        node("text", "confidence, %", x=str(LEFT + SIDE // 2), y=str(height - 6), text_anchor="middle"),
        node(
            "text", "right, %", x=str(-CHART_MARGIN - SIDE // 2), y="12", transform="rotate(-90)", text_anchor="middle"
        ),
    ]
    name = "; ".join(f"{b.count} letters {b.confidence:.0%} sure: {b.accuracy:.0%} right" for b in gathered)
    size = f"0 0 {LEFT + SIDE + CHART_MARGIN + 4} {height}"
    return node("svg", *parts, viewBox=size, role="img", aria_label=f"Reliability. {name}", class_="reliability")


def _place(confidence: float, accuracy: float, label: str) -> tuple[str, str, str]:
    return f"{LEFT + SIDE * confidence:.1f}", f"{CHART_MARGIN + SIDE * (1 - accuracy):.1f}", label
