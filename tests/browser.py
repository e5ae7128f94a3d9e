"""For the tests of web pages: what is in one, and a real browser (chromium with its driver, by selenium)."""

from __future__ import annotations

import html.parser
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 30
"""Seconds for any answer of the browser; selenium itself would wait for ever."""
NETWORK = ("http", "ws", "ftp")
"""Beginnings of addresses on a network."""


class Content(html.parser.HTMLParser):
    """A page parsed without a browser: collects the text of each kind of element, and the attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: dict[str, list[str]] = {}
        self.attributes: list[tuple[str, str, str | None]] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self._open = tag
        self.text.setdefault(tag, []).append("")
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Add to the text of the element that is open."""
        if self._open:
            self.text[self._open][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """End an element; what follows belongs to none."""
        self._open = ""


def open_browser(folder: Path) -> Iterator[Any]:
    """A browser that keeps its profile and its downloads in a folder; skips the test where there is none."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("NO BROWSER: web pages are untested; apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="NO SELENIUM: web pages are untested")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}", "--window-size=1280,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = _start(webdriver, options, driver)
    downloads = {"behavior": "allow", "downloadPath": str(folder)}
    opened.execute_cdp_cmd("Browser.setDownloadBehavior", downloads)
    try:
        yield opened
    finally:
        opened.quit()


def _start(webdriver: Any, options: Any, driver: str) -> Any:
    """Start the browser; skips the test where it does not answer, as in a container without what it needs."""
    from selenium.common.exceptions import WebDriverException
    from urllib3.exceptions import HTTPError

    usual = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)  # selenium takes its own from here when it connects
    try:
        opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
        opened.get("about:blank")
    except (WebDriverException, HTTPError) as error:
        pytest.skip(f"NO BROWSER THAT ANSWERS: web pages are untested ({str(error).splitlines()[0]})")
    finally:
        socket.setdefaulttimeout(usual)
    return opened


def complaints(browser: Any) -> list[str]:
    """What the console said since it was last asked."""
    return [entry["message"] for entry in browser.get_log("browser")]


def requests(browser: Any) -> list[str]:
    """Addresses on a network that were asked for since this was last called."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [address for address in asked if address.startswith(NETWORK)]


@contextmanager
def window(browser: Any, width: int, height: int = 900) -> Iterator[None]:
    """A window of another size, in CSS pixels, for a while."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def axe() -> str:
    """The script of axe-core; skips the test where OCRCLI_AXE does not name it. `npm pack axe-core` fetches it."""
    script = os.environ.get("OCRCLI_AXE", "")
    if not Path(script).is_file():
        pytest.skip("NO AXE: accessibility is untested; set OCRCLI_AXE to the axe.min.js of the npm package axe-core")
    return Path(script).read_text(encoding="utf-8")


def violations(browser: Any) -> list[str]:
    """What axe-core has against the page that is open."""
    browser.execute_script(axe())
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run().then((all) => done(all.violations.map((one) =>"
        " `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' ')}`)))"
    )
    return list(found)
