"""Make the pictures of web pages again: ``python docs/make_web_pictures.py``.

They are the proof-reading report of an example, and the page of `ocr serve` with one. It takes the extras `serve` and
`dev`, and chromium with its driver (``apt-get install chromium chromium-driver``).
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from make_pictures import DOCS, EXAMPLES, OCR, save
from PIL import Image
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

EXAMPLE = "lecture_note"

WIDE, HIGH = 1280, 860
"""The window in CSS pixels."""

PATIENCE = 30
"""Seconds that anything may take."""


@contextmanager
def browser() -> Iterator[Any]:
    """A browser without a window on the screen."""
    options = webdriver.ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    size = {"width": WIDE, "height": HIGH, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield opened
    finally:
        opened.quit()


def ready(opened: Any) -> None:
    """Wait until the page's own script has run."""
    script = "return (document.documentElement.className || '').includes('ready')"
    WebDriverWait(opened, PATIENCE).until(lambda _: opened.execute_script(script))


def shoot(opened: Any, path: Path, folder: Path) -> None:
    """Save what the window shows."""
    opened.save_screenshot(str(folder / "window.png"))
    with Image.open(folder / "window.png") as picture:
        save(picture, path)


def report(opened: Any, folder: Path) -> None:
    """The report, with the alternatives of its first letter that may well be wrong."""
    made = folder / "report.html"
    subprocess.run(
        [*OCR, "read", "--quiet", "--format", "html", "--output", made, EXAMPLES / f"{EXAMPLE}.jpg"], check=True
    )
    opened.get(made.as_uri())
    ready(opened)
    opened.find_element("css selector", ".letters .level-0, .letters .level-1").click()
    shoot(opened, EXAMPLES / f"{EXAMPLE}.report.webp", folder)


def server(opened: Any, folder: Path) -> None:
    """The server's page with the report in place."""
    command = subprocess.Popen([*OCR, "serve", "--port", "0"], stderr=subprocess.PIPE, text=True)
    try:
        assert command.stderr is not None
        told = next(line for line in command.stderr if line.startswith("serving on "))
        opened.get(told.split()[2].rstrip(";"))
        ready(opened)
        opened.find_element("id", "files").send_keys(str(EXAMPLES / f"{EXAMPLE}.jpg"))
        status = opened.find_element("id", "status")
        WebDriverWait(opened, PATIENCE).until(lambda _: status.text.startswith("Read "))
        opened.switch_to.frame("report")
        ready(opened)
        opened.switch_to.default_content()
        opened.execute_script("scrollTo(0, 0)")
        shoot(opened, DOCS / "serve.webp", folder)
    finally:
        command.terminate()
        command.wait()


def main() -> None:
    """Make both."""
    with tempfile.TemporaryDirectory() as name, browser() as opened:
        report(opened, Path(name))
        server(opened, Path(name))


if __name__ == "__main__":
    main()
