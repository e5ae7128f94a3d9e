"""The report in a real browser: what lights up, what can be corrected, what is saved, and what must not happen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pages
import pytest
from browser import complaints, requests
from PIL import Image
from reports import Open, choices, focused, has, letters, note, press, save, text

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.formats import Document
from ocrcli.formats.text import plain

pytestmark = pytest.mark.slow

HOSTILE = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    '"><img src=x onerror=window.hacked=1>',
    "\x1b]0;x\x07\u2028\u2029",
    "--><!--</noscript><svg onload=window.hacked=1>",
)


def test_it_shows_the_lines_that_could_not_be_read(opened: Open) -> None:
    browser = opened(replace(note(), page=replace(note().page, unread=(Box(40, 250, 500, 290), Box(0, 5, 90, 30)))))
    assert len(browser.find_elements("css selector", "svg rect.unread")) == 2
    assert [box.is_displayed() for box in browser.find_elements("css selector", "ol.unread canvas")] == [True, True]
    assert "2 lines could not be read" in browser.find_element("css selector", ".text").text
    assert text(browser) == ["MILK", "2 OATS"]


def test_pointing_at_one_lights_the_other(opened: Open) -> None:
    from selenium.webdriver import ActionChains

    browser = opened(note())
    boxes = browser.find_elements("css selector", "svg rect")
    for pointed, lit in ((letters(browser)[1], boxes[1]), (boxes[5], letters(browser)[5])):
        ActionChains(browser).move_to_element(pointed).perform()
        assert has(lit, "lit")
        assert len(browser.find_elements("css selector", "rect.lit, .letter.lit")) == 2
    assert "80" in browser.find_element("css selector", ".detail").text
    assert "OATS" in browser.find_element("css selector", ".detail").text


def test_focus_lights_as_well(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    browser.execute_script("arguments[0].focus()", letters(browser)[0])
    press(browser, Keys.ARROW_RIGHT)
    assert has(browser.find_elements("css selector", "svg rect")[1], "lit")


def test_colours_go_by_confidence(opened: Open) -> None:
    browser = opened(note())
    levels = [next(n for n in e.get_attribute("class").split() if "level" in n)[-1] for e in letters(browser)]
    assert levels == list("413402444")
    colours = {letter.value_of_css_property("background-color") for letter in letters(browser)}
    assert len(colours) == 5


def test_a_click_shows_the_alternatives_and_choosing_corrects(opened: Open, downloads: Path) -> None:
    browser = opened(note())
    letters(browser)[1].click()
    assert choices(browser) == ["I", "l", "1"]
    assert "letter by letter" in browser.find_element("css selector", ".choice").text
    browser.find_elements("css selector", ".choice [role=option]")[2].click()
    assert not browser.find_element("css selector", ".choice").is_displayed()
    assert text(browser) == ["M1LK", "2 OATS"]
    assert has(letters(browser)[1], "checked")
    assert has(browser.find_elements("css selector", "svg rect")[1], "checked")
    assert save(browser, downloads, "my note.gt.txt") == "M1LK\n2 OATS\n"


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1280, 500), (390, 700)])
def test_the_choice_is_within_the_window(opened: Open, width: int, height: int) -> None:
    browser = opened(note())
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for letter in (letters(browser)[0], letters(browser)[-1]):
            browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", letter)
            letter.click()
            box = browser.execute_script("return document.querySelector('.choice').getBoundingClientRect().toJSON()")
            assert 0 <= box["left"] < box["right"] <= width
            assert 0 <= box["top"] < box["bottom"] <= height
            press(browser, "\ue00c")  # escape
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_click_on_the_photo_does_the_same(opened: Open) -> None:
    browser = opened(note())
    browser.find_elements("css selector", "svg rect")[4].click()
    assert choices(browser) == ["2", "Z", "7"]
    assert "whole row" in browser.find_element("css selector", ".choice").text


def test_the_keyboard_alone_is_enough(opened: Open, downloads: Path) -> None:
    from selenium.webdriver import ActionChains, Keys

    browser = opened(note())
    for _ in range(20):
        press(browser, Keys.TAB)
        if "letter" in (browser.switch_to.active_element.get_attribute("class") or ""):
            break
    assert focused(browser) == "M"
    press(browser, Keys.ARROW_RIGHT, Keys.ENTER, Keys.ARROW_DOWN, Keys.ENTER)
    assert text(browser) == ["MlLK", "2 OATS"]
    assert focused(browser) == "l"
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    assert browser.find_element("css selector", ".choice").is_displayed()
    press(browser, Keys.ESCAPE)
    assert not browser.find_element("css selector", ".choice").is_displayed()
    below = focused(browser)
    assert below in "2OATS"
    press(browser, Keys.HOME, "Z", Keys.DELETE)
    assert text(browser) == ["MlLK", "Z ATS"]
    press(browser, Keys.END, Keys.F2, Keys.END, " too", Keys.ENTER)
    assert text(browser) == ["MlLK", "Z ATS too"]
    for _ in range(2):
        ActionChains(browser).key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()
    assert text(browser) == ["MlLK", "Z OATS"]
    assert save(browser, downloads, "my note.gt.txt") == "MlLK\nZ OATS\n"


def test_only_one_letter_is_a_stop_of_the_tab_key(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    letters(browser)[3].click()
    press(browser, Keys.ESCAPE, Keys.ARROW_LEFT)
    stops = browser.find_elements("css selector", ".letter[tabindex='0']")
    assert [stop.text for stop in stops] == ["L"]


def test_the_slider_dims_or_masks(opened: Open, downloads: Path) -> None:
    browser = opened(note())
    browser.execute_script("slider.value = 70; slider.dispatchEvent(new Event('input'))")
    assert [has(letter, "below") for letter in letters(browser)] == [False, True, False, False, True] + [False] * 4
    assert text(browser) == ["MILK", "2 OATS"]
    assert "2 below" in browser.find_element("css selector", "output").text
    browser.find_element("css selector", "#mask").click()
    assert text(browser) == ["M?LK", "? OATS"]
    assert save(browser, downloads, "my note.gt.txt") == "MILK\n2 OATS\n"
    letters(browser)[1].click()
    press(browser, "i")
    assert text(browser) == ["MiLK", "? OATS"]


def test_the_least_sure_come_first_and_one_after_the_other(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    listed = [said.text for said in browser.find_elements("css selector", ".queue .said")]
    assert listed[:4] == ["2", "I", "O", "L"]
    browser.find_element("css selector", ".queue button").click()
    press(browser, Keys.ENTER)  # it is a 2
    assert text(browser) == ["MILK", "2 OATS"]
    assert has(browser.find_element("css selector", ".queue button"), "done")
    assert "I" in browser.switch_to.active_element.get_attribute("aria-label")
    press(browser, Keys.ENTER, Keys.END, Keys.ENTER)
    assert text(browser) == ["M1LK", "2 OATS"]
    assert "2 checked" in browser.find_element("css selector", ".count").text


def test_long_lists_grow(opened: Open) -> None:
    browser = opened(pages.document(pages.page("abcdefghij klmnopqrst uvwxyz abcd")))
    assert len(browser.find_elements("css selector", ".queue button")) == 24
    more = browser.find_element("css selector", ".more")
    browser.execute_script("arguments[0].click()", more)
    assert len(browser.find_elements("css selector", ".queue button")) == 30
    assert not more.is_displayed()


def test_lines_can_be_typed_anew_added_and_emptied(opened: Open, downloads: Path) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    letters(browser)[0].click()
    press(browser, Keys.ESCAPE, Keys.F2)
    press(browser, "the MILK!")
    browser.find_element("xpath", "//button[.='Add line below']").click()
    press(browser, "a new line", Keys.ENTER)
    assert text(browser) == ["the MILK!", "a new line", "2 OATS"]
    kept = [letter for letter in letters(browser) if has(letter, "level-1")]
    assert [letter.text for letter in kept] == ["I"]  # it kept its place on the photo
    assert save(browser, downloads, "my note.gt.txt") == "the MILK!\na new line\n2 OATS\n"
    letters(browser)[0].click()
    press(browser, Keys.ESCAPE, Keys.F2, Keys.DELETE)
    assert save(browser, downloads, "my note.gt.txt") == "a new line\n2 OATS\n"  # the open field counts


def test_escape_leaves_a_line_as_it_was(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    letters(browser)[0].click()
    press(browser, Keys.ESCAPE, Keys.F2, "nonsense", Keys.ESCAPE)
    assert text(browser) == ["MILK", "2 OATS"]
    assert focused(browser) == "M"


def test_an_uncorrected_text_is_saved_as_ocr_read_prints_it(opened: Open, downloads: Path) -> None:
    browser = opened(pages.document())
    assert save(browser, downloads, "a note.gt.txt") == plain(pages.NOTE)


def test_several_pages_each_have_their_own_text(opened: Open) -> None:
    browser = opened(note(), pages.document(name="b.jpg"))
    assert [link.text for link in browser.find_elements("css selector", "nav a")] == ["my note.jpg", "b.jpg"]
    assert [button.text for button in browser.find_elements("css selector", ".save")] == [
        "Save my note.gt.txt",
        "Save b.gt.txt",
    ]


def test_a_screen_reader_is_told_what_was_done(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    assert letters(browser)[1].get_attribute("aria-label").replace("\xa0", " ") == "capital I, 60 % sure"
    letters(browser)[1].click()
    assert browser.switch_to.active_element.get_attribute("role") == "listbox"
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    told = browser.find_element("css selector", "[role=status]").get_attribute("textContent")
    assert told == "capital I corrected to l"
    group = browser.find_element("css selector", "[role=group]")
    assert group.get_attribute("aria-label") == "Line 1: MlLK"


@pytest.mark.parametrize("evil", HOSTILE)
def test_nothing_that_comes_from_outside_runs(opened: Open, evil: str) -> None:
    glyph = Glyph(evil, 0.4, Box(5, 5, 50, 50), ((evil + "2", 0.3),))
    browser = opened(pages.document(Page((Line((Word((glyph,), evil),)),), 60, 60), evil + ".jpg"))
    letters(browser)[0].click()
    browser.find_elements("css selector", ".choice [role=option]")[1].click()
    assert browser.execute_script("return window.hacked") is None
    assert len(browser.find_elements("css selector", "img")) == 1
    assert len(browser.find_elements("css selector", "script")) == 2
    assert "\x1b" not in browser.page_source


def test_what_is_slipped_into_the_page_does_not_run(opened: Open) -> None:
    browser = opened(note())
    assert requests(browser) == []
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        "const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i);"
    )
    assert browser.execute_script("return window.hacked") is None
    said = complaints(browser)
    assert any("script-src" in line for line in said)
    assert any("img-src" in line for line in said)
    requests(browser)  # what was blocked is listed as well


def test_without_letters_it_still_opens(opened: Open) -> None:
    browser = opened(Document("blank.jpg", Page((), 60, 60), Image.new("RGB", (60, 60))))
    assert "No letters" in browser.find_element("css selector", ".summary").text
