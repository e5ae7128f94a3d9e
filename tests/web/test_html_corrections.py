"""The report in a real browser: whole words and lines that are corrected at once, and drafts that are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pages
import pytest
from reports import Open, has, letters, note, press, save, text

pytestmark = pytest.mark.slow

WORD = ".one-word input"


def fields(browser: Any, selector: str = WORD) -> list[str]:
    return [field.get_attribute("value") for field in browser.find_elements("css selector", selector)]


def shift_enter(browser: Any) -> None:
    from selenium.webdriver import ActionChains, Keys

    ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()


def by_double_click(browser: Any) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(browser).double_click(letters(browser)[6]).perform()


def by_double_click_on_the_photo(browser: Any) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(browser).double_click(browser.find_elements("css selector", "svg .box")[6]).perform()


def by_keys(browser: Any) -> None:
    browser.execute_script("arguments[0].focus()", letters(browser)[6])
    shift_enter(browser)


def by_the_choice(browser: Any) -> None:
    letters(browser)[6].click()
    browser.find_element("xpath", "//button[.='Whole word']").click()


WAYS = (by_double_click, by_double_click_on_the_photo, by_keys, by_the_choice)


@pytest.mark.parametrize("open_word", WAYS)
def test_a_whole_word_is_corrected_at_once(opened: Open, downloads: Path, open_word: Callable[[Any], None]) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    open_word(browser)
    assert fields(browser) == ["OATS"]
    assert not browser.find_element("css selector", ".choice").is_displayed()
    press(browser, "BOATS", Keys.ENTER)
    assert text(browser) == ["MILK", "2 BOATS"]
    assert [has(letter, "checked") for letter in letters(browser)] == [False] * 5 + [True] * 5
    boxes = browser.find_elements("css selector", "svg .box")
    assert [has(box, "checked") for box in boxes] == [False] * 5 + [True] * 4  # the letters kept their places
    assert browser.find_element("css selector", "[role=status]").get_attribute("textContent") == (
        "OATS corrected to BOATS"
    )
    assert browser.switch_to.active_element.text == "B"
    assert save(browser, downloads, "my note.gt.txt") == "MILK\n2 BOATS\n"


def test_enter_keeps_a_word_as_it_is_and_escape_leaves_it(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    by_keys(browser)
    press(browser, "nonsense", Keys.ESCAPE)
    assert (fields(browser), text(browser)) == ([], ["MILK", "2 OATS"])
    assert browser.switch_to.active_element.text == "A"
    assert not any(has(letter, "checked") for letter in letters(browser))
    shift_enter(browser)
    press(browser, Keys.ENTER)
    assert text(browser) == ["MILK", "2 OATS"]
    assert [has(letter, "checked") for letter in letters(browser)] == [False] * 5 + [True] * 4
    shift_enter(browser)
    press(browser, Keys.DELETE, Keys.ENTER)
    assert text(browser) == ["MILK", "2"]


def test_a_word_that_is_being_typed_is_not_lost(opened: Open, downloads: Path) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    by_keys(browser)
    press(browser, "OAKS")
    letters(browser)[4].click()  # another one of that line
    press(browser, "3")
    assert text(browser) == ["MILK", "3 OAKS"]
    by_keys(browser)
    press(browser, "oats")
    browser.execute_script("arguments[0].click()", browser.find_elements("css selector", ".edit")[1])
    assert fields(browser, ".editing input") == ["3 oats"]
    press(browser, Keys.ESCAPE)
    by_keys(browser)
    press(browser, "ducks")
    assert save(browser, downloads, "my note.gt.txt") == "MILK\n3 ducks\n"
    by_keys(browser)  # an open word that nobody changed is not checked
    letters(browser)[0].click()
    assert not has(letters(browser)[0], "checked")


def dark(browser: Any, canvas: Any) -> bool:
    """Whether there is ink in a crop; it is drawn when the photo has been decoded."""
    return browser.execute_async_script(
        "const [canvas, done] = arguments; setTimeout(() => { const { data } = canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height); done(data.some((v, at) => at % 4 < 3 && v < 60)); }, 200)",
        canvas,
    )


def test_what_is_edited_is_seen_above_its_field(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    browser.execute_script("arguments[0].focus()", letters(browser)[5])
    press(browser, Keys.F2)
    for form in (".editing", ".one-word"):
        crop = browser.find_element("css selector", f"{form} canvas")
        field = browser.find_element("css selector", f"{form} input")
        assert crop.is_displayed()
        assert crop.rect["y"] + crop.rect["height"] <= field.rect["y"]
        assert "on the photo" in crop.get_attribute("aria-label")
        assert dark(browser, crop)
        shape = browser.execute_script("return arguments[0].width / arguments[0].height", crop)
        assert shape > (2.5 if form == ".editing" else 1.9)
        press(browser, Keys.ESCAPE)
        browser.execute_script("arguments[0].focus()", letters(browser)[5])
        shift_enter(browser)
    press(browser, Keys.ESCAPE, Keys.F2)
    browser.find_element("xpath", "//button[.='Add line below']").click()
    assert not browser.find_elements("css selector", ".editing canvas")  # a line that is nowhere on the photo


def drafts(browser: Any) -> list[str]:
    return browser.execute_script("return Object.keys(localStorage)")


def test_drafts_are_kept_until_they_are_saved(opened: Open, downloads: Path) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    assert drafts(browser) == []
    letters(browser)[1].click()
    press(browser, "1")
    press(browser, Keys.END, Keys.F2, Keys.END, " too", Keys.ENTER)
    assert len(drafts(browser)) == 1
    assert "my note.gt.txt" in drafts(browser)[0]
    browser.refresh()  # nothing is asked: it is kept
    assert text(browser) == ["M1LK too", "2 OATS"]
    assert [has(letter, "checked") for letter in letters(browser)[:5]] == [False, True, False, False, True]
    assert has(browser.find_elements("css selector", "svg .box")[1], "checked")
    assert "here again" in browser.find_element("css selector", ".draft").text
    assert save(browser, downloads, "my note.gt.txt") == "M1LK too\n2 OATS\n"
    assert drafts(browser) == []
    assert not browser.find_element("css selector", ".draft").is_displayed()
    browser.refresh()
    assert text(browser) == ["MILK", "2 OATS"]


def test_a_restored_draft_can_be_undone(opened: Open) -> None:
    browser = opened(note())
    letters(browser)[0].click()
    press(browser, "N")
    browser.refresh()
    assert text(browser)[0] == "NILK"
    browser.find_element("css selector", ".undo").click()
    assert text(browser)[0] == "MILK"
    assert drafts(browser) == []


def test_what_is_being_typed_when_the_window_closes_is_kept(opened: Open) -> None:
    from selenium.webdriver import Keys

    browser = opened(note())
    by_keys(browser)
    press(browser, "BOATS")
    browser.refresh()
    assert text(browser) == ["MILK", "2 BOATS"]
    browser.execute_script("arguments[0].focus()", letters(browser)[0])
    press(browser, Keys.F2, "bread")
    browser.refresh()
    assert text(browser) == ["bread", "2 BOATS"]


def test_a_draft_belongs_to_one_reading(opened: Open) -> None:
    browser = opened(note())
    letters(browser)[0].click()
    press(browser, "N")
    opened(pages.document(name="in/my note.jpg"))
    assert text(browser)[0] == "SHOPPING LIST"
    opened(note())
    assert text(browser)[0] == "NILK"


@pytest.mark.parametrize("left", ["{", "[[0, [[7, 0, 0]]]]", '[[0, [["<img src=x>", 99, 0]]]]', '"text"', "[3]"])
def test_what_is_no_draft_is_passed_over(opened: Open, left: str) -> None:
    browser = opened(note())
    letters(browser)[0].click()
    press(browser, "N")
    browser.execute_script("localStorage.setItem(Object.keys(localStorage)[0], arguments[0])", left)
    browser.refresh()
    assert text(browser) == ["MILK", "2 OATS"]


def test_a_draft_only_becomes_text(opened: Open) -> None:
    browser = opened(note())
    letters(browser)[0].click()
    press(browser, "N")
    evil = '[[0, [["<img src=x onerror=window.hacked=1>", 0, 1]]]]'
    browser.execute_script("localStorage.setItem(Object.keys(localStorage)[0], arguments[0])", evil)
    browser.refresh()
    assert text(browser) == ["<img src=x onerror=window.hacked=1>"]
    assert browser.execute_script("return window.hacked") is None


def test_it_works_where_nothing_may_be_stored(opened: Open, started: Any, downloads: Path) -> None:
    throws = "get() { throw new DOMException('no', 'SecurityError') }"
    denied = f"Object.defineProperty(window, 'localStorage', {{ {throws} }})"
    added = started.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": denied})
    try:
        browser = opened(note())
        letters(browser)[1].click()
        press(browser, "1")
        assert text(browser) == ["M1LK", "2 OATS"]
        asked = "const e = new Event('beforeunload', { cancelable: true }); return !window.dispatchEvent(e)"
        assert browser.execute_script(asked)  # it would be lost, so the browser asks
        assert save(browser, downloads, "my note.gt.txt") == "M1LK\n2 OATS\n"
        assert not browser.execute_script(asked)
    finally:
        started.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
        started.execute_script("views.forEach((view) => { view.saved = view.lines; })")
        started.get("about:blank")
        opened(note())
