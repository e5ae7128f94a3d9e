"""The report in a real browser: that it is legible, on the photo as in the text, and open to everyone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pages
import pytest
from browser import axe, violations, window
from PIL import Image
from reports import Open, letters, note, press, text

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.formats import Document

pytestmark = pytest.mark.slow

ORDINARY = "When in the course of human events it becomes necessary"
"""A line as long as people write by hand."""
SURE = (0.3, 0.6, 0.8, 0.95, 0.99)
"""A confidence of each level."""


def styles(browser: Any, selector: str, *names: str) -> list[tuple[str, ...]]:
    """What the browser makes of some properties of all elements of a kind."""
    return [tuple(e.value_of_css_property(n) for n in names) for e in browser.find_elements("css selector", selector)]


def levels(side: int = 40) -> Document:
    """A word whose letters are of every level, so many pixels high, on a photo 1,200 wide."""
    glyphs = (
        Glyph("abcde"[n], p, Box(50 + n * side, 90, 50 + n * side + side - 4, 90 + side)) for n, p in enumerate(SURE)
    )
    return Document("a.jpg", Page((Line((Word(tuple(glyphs)),)),), 1200, 900), Image.new("RGB", (1200, 900), "white"))


def test_lines_of_ordinary_length_stay_one_line(opened: Open) -> None:
    browser = opened(pages.document(pages.page(f"{ORDINARY}\nOATS")))
    with window(browser, 1280):
        long, short = (row.rect["height"] for row in browser.find_elements("css selector", ".letters"))
    assert long == short


def test_letters_of_a_word_stay_together(opened: Open) -> None:
    browser = opened(note())
    first, second = (letter.rect for letter in letters(browser)[:2])
    typed = browser.execute_script(
        "const pen = document.createElement('canvas').getContext('2d'); pen.font = getComputedStyle(arguments[0]).font;"
        "return pen.measureText('M').width",
        letters(browser)[0],
    )
    assert second["x"] - first["x"] == pytest.approx(typed, rel=0.03)
    assert second["x"] == pytest.approx(first["x"] + first["width"], abs=0.6)


@pytest.mark.parametrize("side", [8, 16, 40, 120])
def test_strokes_on_the_photo_leave_small_writing_legible(opened: Open, side: int) -> None:
    browser = opened(levels(side))
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    boxes = browser.find_elements("css selector", "svg .box")
    assert all(float(opacity) == 0 for (opacity,) in styles(browser, "svg .box", "fill-opacity"))
    outlined = [float(v) for (v,) in styles(browser, "svg .box", "stroke-opacity")]
    assert outlined[0] > 0
    assert outlined[1:] == [0, 0, 0, 0]
    high = boxes[0].rect["height"]
    frame = float(styles(browser, "svg .box", "stroke-width")[0][0].removesuffix("px"))
    assert frame <= max(0.4, high / 8)
    bottom = boxes[0].rect["y"] + high
    for line in browser.find_elements("css selector", "svg .under"):
        assert line.rect["y"] >= bottom - 0.5  # below the letter, not through it
    widths = [float(v.removesuffix("px")) for (v,) in styles(browser, "svg .under", "stroke-width")]
    assert max(widths) <= max(1.4, high / 4)


def test_confidence_is_told_by_more_than_colour(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(levels())
    letters(browser)[4].click()
    press(browser, Keys.ENTER)  # checked
    assert len(letters(browser)) == 5
    under = styles(browser, "svg .under", "stroke-width", "stroke-dasharray")
    below = styles(browser, ".letter", "border-bottom-width", "border-bottom-style")
    assert len(set(under)) == len(set(below)) == 5
    legend = styles(browser, ".legend i", "border-bottom-width", "border-bottom-style")
    assert legend[:4] == below[:4]
    assert legend[5] == below[4]


def test_what_is_lit_or_below_the_minimum_is_filled(opened: Open) -> None:
    browser = opened(levels())
    browser.execute_script("slider.value = 70; slider.dispatchEvent(new Event('input'))")
    browser.execute_script("views[0].light(views[0].glyphs[4])")
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    assert [float(v) > 0 for (v,) in styles(browser, "svg .box", "fill-opacity")] == [True, True, False, False, True]


def test_the_least_sure_letters_are_the_first_stop_after_the_controls(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    browser.execute_script("mask.focus()")
    press(browser, Keys.TAB)
    assert browser.execute_script("return document.activeElement.matches('.queue button')")
    assert browser.switch_to.active_element.find_element("css selector", ".said").text == "2"
    queue, lines = (browser.find_element("css selector", name).rect for name in (".queue", ".lines"))
    assert queue["y"] + queue["height"] <= lines["y"]  # they are seen in the order of the keys


def test_names_contain_what_is_seen(opened: Open) -> None:
    browser = opened(pages.document(pages.page("a.-I")))
    browser.execute_script("slider.value = 100; mask.checked = true; slider.dispatchEvent(new Event('input'))")
    for element in browser.find_elements("css selector", ".letter, .queue button"):
        seen, name = (" ".join(v.split()) for v in (element.text, element.get_attribute("aria-label")))
        assert seen in name
    assert text(browser) == ["????"]


def test_what_is_saved_is_for_ocr_eval(opened: Open) -> None:
    browser = opened(note())
    bar, note_below = (browser.find_element("css selector", f".text > {name}") for name in (".bar", ".note"))
    assert "my note.gt.txt" in note_below.text
    assert "ocr eval" in note_below.text
    assert 0 <= note_below.rect["y"] - (bar.rect["y"] + bar.rect["height"]) < 20


def test_a_phone_shows_it_without_sideways_scrolling(opened: Open) -> None:
    browser = opened(pages.document(pages.page(ORDINARY)))
    with window(browser, 390):
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390


STATES = {
    "as it opens": "",
    "with a minimum": "slider.value = 90; slider.dispatchEvent(new Event('input'))",
    "masked": "slider.value = 90; mask.checked = true; slider.dispatchEvent(new Event('input'))",
    "choosing": "views[0].letters.values().next().value.click()",
    "editing a line": "editLine(views[0], views[0].lines[0])",
    "editing a word": "editWord(views[0], views[0].lines[0].cells[0])",
    "corrected": "correct(views[0], views[0].lines[0], views[0].lines[0].cells[0], 'x')",
    "removed": "correct(views[0], views[0].lines[0], views[0].lines[0].cells[1], '')",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_against_it(opened: Open, scheme: str) -> None:
    axe()
    page = replace(note().page, unread=(Box(40, 250, 500, 290),))
    found = {}
    for state, script in STATES.items():
        browser = opened(replace(note(), page=page), levels(), pages.document())
        feature = {"name": "prefers-color-scheme", "value": scheme}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature, still]})
        browser.execute_script(script)
        found[state] = violations(browser)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_script("views.forEach((view) => { view.saved = view.lines; }); localStorage.clear()")
    assert not {state: said for state, said in found.items() if said}
