"""The report in a real browser: that it opens, quickly told; the other tests with a browser are slow."""

from __future__ import annotations

import pytest
from reports import Open, note, text


def test_it_shows_the_text_and_a_box_for_each_letter(opened: Open) -> None:
    browser = opened(note())
    assert text(browser) == ["MILK", "2 OATS"]
    assert len(browser.find_elements("css selector", "svg rect")) == 9
    box = browser.find_element("css selector", "svg rect:nth-of-type(6)").rect  # the O, at 150, 160 in the photo
    photo = browser.find_element("css selector", "img").rect
    assert (box["x"] - photo["x"]) / photo["width"] == pytest.approx(150 / 600, abs=0.01)
    assert (box["y"] - photo["y"]) / photo["height"] == pytest.approx(160 / 300, abs=0.02)
