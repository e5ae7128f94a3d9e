"""The page of `ocr serve` in a real browser: a note is sent, its report shown in place, corrected and saved."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import axe, complaints, violations
from conftest import EXAMPLES, halved
from reports import letters, press, save, text
from running import wait

for extra in ("starlette", "uvicorn", "python_multipart", "httpx"):
    pytest.importorskip(
        extra, reason=f"{extra.upper()} IS MISSING: pip install starlette uvicorn python-multipart httpx"
    )

from serving import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.skipif(sys.platform == "win32", reason="signals")]

TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return halved(EXAMPLES / "shopping_list.jpg", tmp_path_factory.mktemp("photos") / "my note.jpg")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as (client, _):
        yield str(client.base_url).rstrip("/")


@pytest.fixture
def page(started: Any, address: str) -> Iterator[Any]:
    started.get(f"{address}/")
    wait(lambda: "ready" in started.execute_script("return document.documentElement.className"))
    complaints(started)
    yield started
    started.switch_to.default_content()
    started.get("about:blank")


def status(browser: Any) -> str:
    return str(browser.find_element("id", "status").text)


def send(browser: Any, *photos: Path, to: str = "files") -> None:
    browser.find_element("id", to).send_keys("\n".join(map(str, photos)))


def open_frame(browser: Any) -> None:
    """Go into the report."""
    wait(lambda: status(browser).startswith("Read "), "no report")
    browser.switch_to.frame("report")
    wait(lambda: "ready" in (browser.execute_script("return document.documentElement.className") or ""))


def opened(browser: Any) -> bool:
    """Click the first letter; a frame that was not drawn yet takes no click."""
    letters(browser)[0].click()
    return bool(browser.find_elements("css selector", ".choice [role=option]")) and browser.execute_script(
        "return document.activeElement.getAttribute('role') === 'listbox'"
    )


def test_a_note_is_read_shown_corrected_and_saved(page: Any, photo: Path, downloads: Path) -> None:
    from selenium.webdriver import Keys

    send(page, photo)
    open_frame(page)
    assert page.find_element("tag name", "h1").text == "my note.jpg"
    assert text(page)[0] == "SHOPPING"
    assert page.execute_script("return document.querySelector('img').naturalWidth") > 300
    wait(lambda: opened(page), "no alternatives")
    press(page, Keys.ESCAPE, Keys.F2, Keys.END, " too", Keys.ENTER)
    assert save(page, downloads, "my note.gt.txt").splitlines()[:2] == ["SHOPPING too", "MILK AND OATS"]
    page.switch_to.default_content()
    page.find_element("id", "save").click()
    wait((downloads / "report.html").exists)
    assert complaints(page) == []


def test_nothing_but_our_own_scripts_runs(page: Any, photo: Path) -> None:
    send(page, photo, to="camera")
    open_frame(page)
    for where in ("frame", "page"):
        page.execute_script(
            "const script = document.createElement('script'); script.textContent = 'window.harmed = 1';"
            "document.body.append(script);"
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=harmed=1>')"
        )
        assert page.execute_script("return window.harmed") is None, where
        page.switch_to.default_content()
    assert any("Content Security Policy" in line for line in complaints(page))
    page.switch_to.frame("report")
    stranger = "try { return parent.document.title } catch (error) { return error.name }"
    assert page.execute_script(stranger) == "SecurityError"


def test_errors_are_told_in_place(page: Any, tmp_path: Path) -> None:
    (tmp_path / "note.jpg").write_text("no photo")
    send(page, tmp_path / "note.jpg")
    wait(lambda: "not an image" in status(page), "no error")
    assert not page.find_element("id", "report").is_displayed()
    assert page.find_element("id", "camera").get_attribute("capture") == "environment"


def test_several_notes_are_one_report(page: Any, photo: Path) -> None:
    send(page, photo, EXAMPLES / "sticky_note.jpg", EXAMPLES / "README.md")
    wait(lambda: "1 could not be read" in status(page), status(page))
    page.switch_to.frame("report")
    assert page.find_element("tag name", "h1").text == "2 pages"


def test_the_token_is_taken_from_the_address_or_asked_for(started: Any, photo: Path) -> None:
    with serving("--token", TOKEN) as (client, _):
        address = str(client.base_url)
        started.get(address)
        send(started, photo)
        wait(lambda: "token" in status(started), "no question")
        started.find_element("id", "token").send_keys(TOKEN)
        send(started, photo)
        wait(lambda: status(started).startswith("Read "), "not read")
        started.get("about:blank")
        started.get(f"{address}#token={TOKEN}")
        wait(lambda: "token" not in started.current_url)
        send(started, photo)
        wait(lambda: status(started).startswith("Read "), "not read")
        started.get("about:blank")


def test_the_page_is_accessible(page: Any) -> None:
    axe()
    assert violations(page) == []
