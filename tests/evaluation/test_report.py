"""The report of an evaluation: what it shows, that it is safe, and that a browser has nothing to say against it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pages
import pytest
from browser import Content, axe, complaints, open_browser, requests, violations, window
from conftest import Ocr
from PIL import Image

from ocrcli.core.page import Page
from ocrcli.evaluation.measure import Measured
from ocrcli.evaluation.report import common_characters, evaluation_report, worst_lines
from ocrcli.evaluation.scoring import confusions, diff_lines, score


def measured(name: str, page: Page | None, truth: str) -> Measured:
    text = page.text if page else ""
    return Measured(name, text, truth, score(truth, text), confusions(truth, text), diff_lines(truth, text), None, page)


def photo(of: Measured) -> Image.Image | None:
    return pages.blank(of.page) if of.page else None


GOOD = measured("in/good.jpg", pages.page("ONE\nTWO"), "ONE\nTWO")
BAD = measured("in/bad.jpg", pages.page("MlLX\nTEA"), "MILK\nTEA\nEGGS")
NOTHING = measured("in/none.jpg", None, "WORDS")


def test_the_worst_lines_come_first_with_their_places() -> None:
    lines = worst_lines([GOOD, BAD, NOTHING], 9)
    assert [(line.file, line.edits, line.diff.reference) for line in lines] == [
        (2, 5, "WORDS"),
        (1, 4, "EGGS"),
        (1, 2, "MILK"),
    ]
    assert BAD.page is not None
    assert [line.box for line in lines] == [None, None, BAD.page.lines[0].box]
    assert worst_lines([BAD], 1) == worst_lines([BAD], 9)[:1]


def test_each_image_has_a_bar_and_its_figures_the_worst_first() -> None:
    content = Content(evaluation_report([GOOD, BAD], photo))
    text = "|".join(content.text["td"])
    assert [name for name in content.text["th"] if name.endswith(".jpg")] == ["bad.jpg", "good.jpg"]
    assert f"{BAD.cer:.4f}" in text
    widths = [float(v or 0) for tag, name, v in content.attributes if tag == "rect" and name == "width"]
    assert widths[::2] == [100, 100]  # tracks
    assert widths[1::2] == [100, 0]


def test_lines_are_shown_with_what_they_were_read_from() -> None:
    content = Content(evaluation_report([GOOD, BAD, NOTHING], photo))
    assert sum(tag == "img" and name == "src" for tag, name, _ in content.attributes) == 1
    assert content.text["p"].count("No line was found here.") == 2
    assert set("IlKX") <= set("".join(content.text["mark"]))


def test_a_photo_that_is_gone_is_told() -> None:
    assert "not there any more" in evaluation_report([BAD], lambda _: None)


def test_a_perfect_reading_has_nothing_to_show() -> None:
    text = evaluation_report([GOOD], photo)
    assert "Every line was read" in text
    assert "How well good.jpg was read" in text


def test_failures_are_named() -> None:
    assert "Not measured: a.jpg, &lt;b&gt;.jpg" in evaluation_report([GOOD], photo, ["a.jpg", "<b>.jpg"])


def test_common_characters_are_those_of_the_most_frequent_confusions() -> None:
    counts = Counter({("a", "b"): 9, ("c", "d"): 5, ("a", "d"): 4, ("e", "f"): 1})
    assert common_characters(counts, 2) == (["a", "c"], ["b", "d"])
    assert common_characters(counts, 9) == (["a", "c", "e"], ["b", "d", "f"])
    assert common_characters(Counter(), 2) == ([], [])


@pytest.mark.parametrize("evil", pages.EVIL)
def test_names_and_texts_are_only_shown(evil: str) -> None:
    def tags(name: str, character: str) -> list[str]:
        report = evaluation_report([measured(name, pages.page("x"), f"y{character}")], photo, [name])
        assert report.isascii()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", report)
        return [tag for tag, _, _ in Content(report).attributes]

    assert tags(evil, evil.strip() or "z")  # it is parsed, whatever it holds
    assert tags(evil, "<") == tags("name", "z")
    assert not {"script", "b", "iframe"} & set(tags(evil, evil))


def test_eval_writes_it(ocr: Ocr, example: Path, tmp_path: Path) -> None:
    report = tmp_path / "new" / "eval.html"
    truth = tmp_path / "truth.txt"
    truth.write_text("SHOPPING\nSOMETHING ELSE\n", encoding="utf-8")
    done = ocr("eval", "--ground-truth", truth, "--report", report, example)
    assert done.returncode == 0
    assert f"written: {report}" in done.stderr
    assert "data:image/webp" in report.read_text(encoding="ascii")
    before = report.read_bytes()
    again = ocr("eval", "--ground-truth", truth, "--report", report, example)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert report.read_bytes() == before


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    yield from open_browser(tmp_path_factory.mktemp("browser"))


@pytest.mark.slow
def test_a_browser_shows_it_and_nothing_runs(browser: Any, tmp_path: Path) -> None:
    evil = '"><img src=x onerror=window.hacked=1></script><script>window.hacked=1</script>.jpg'
    noisy = Image.fromarray(np.full((90, 120, 3), 200, np.uint8))
    file = tmp_path / "eval.html"
    wrong = measured(evil, pages.page("MlLX"), "<script>window.hacked=1</script>")
    file.write_text(evaluation_report([wrong, BAD], lambda _: noisy, [evil]), encoding="ascii")
    browser.get(file.as_uri())
    assert browser.execute_script("return window.hacked") is None
    assert complaints(browser) == []
    assert requests(browser) == []
    loaded = browser.execute_script("return [...document.images].map((image) => image.naturalWidth)")
    assert len(loaded) == 2
    assert all(loaded)
    first, last = browser.find_elements("css selector", ".filled")
    assert first.rect["width"] > last.rect["width"] > 0
    assert browser.find_element("css selector", "circle").is_displayed()


def shown(browser: Any, folder: Path) -> None:
    """Opens a report that is as wide as one can be: long names, long lines, many confusions."""
    letters = "abcdefghijklmnopqrst"
    row = "the quick brown fox jumps over the lazy dog and comes back again"
    name = "in/" + "a_long_name_" * 6 + ".jpg"
    wide = measured(name, pages.page(f"{letters}\n{row}"), f"{letters.upper()}\n{row} !?")
    file = folder / "eval.html"
    file.write_text(evaluation_report([wide, BAD, NOTHING, GOOD], photo, ["missing.jpg"]), encoding="ascii")
    browser.get(file.as_uri())


@pytest.mark.slow
def test_a_phone_shows_all_of_it_without_sideways_scrolling(browser: Any, tmp_path: Path) -> None:
    with window(browser, 390):
        shown(browser, tmp_path)
        wide = "return [...document.querySelectorAll('html, .scrolling')].map((e) => e.scrollWidth - e.clientWidth)"
        assert set(browser.execute_script(wide)) == {0}
        sizes = "return [...document.querySelectorAll('td, th, p, mark')].map((e) => getComputedStyle(e).fontSize)"
        assert min(float(size.removesuffix("px")) for size in browser.execute_script(sizes)) >= 10
        heads = browser.find_elements("css selector", ".files thead th")
        assert [head.text for head in heads] == ["Image", "CER", "Letter accuracy", "WER", "Characters"]


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_against_it(browser: Any, tmp_path: Path, scheme: str, width: int) -> None:
    axe()
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        with window(browser, width):
            shown(browser, tmp_path)
            assert violations(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
