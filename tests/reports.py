"""For the tests of the proof-reading report in a browser: one to open, and what people do in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.formats import Document

Open = Callable[..., Any]
"""Opens a report of documents in the browser, and gives the browser."""


def note() -> Document:
    """MILK / 2 OATS, whose letters differ in confidence and have alternatives."""
    rows = ((("MILK", (0.99, 0.6, 0.95, 0.98)),), (("2", (0.45,)), ("OATS", (0.8, 0.99, 0.99, 0.97))))
    others = {"I": (("l", 0.3), ("1", 0.1)), "2": (("Z", 0.4), ("7", 0.15)), "O": (("0", 0.2),)}
    picture = Image.new("RGB", (600, 300), "white")
    lines = []
    for number, row in enumerate(rows):
        x, words = 40, []
        for text, shares in row:
            glyphs = []
            for letter, share in zip(text, shares, strict=True):
                box = Box(x, 40 + 120 * number, x + 50, 120 + 120 * number)
                ImageDraw.Draw(picture).text((x + 10, box.top + 10), letter, "black", font_size=60)
                glyphs.append(Glyph(letter, share, box, others.get(letter, ())))
                x += 60
            words.append(Word(tuple(glyphs), "lines" if text == "2" else "letters"))
            x += 50
        lines.append(Line(tuple(words)))
    return Document("in/my note.jpg", Page(tuple(lines), 600, 300), picture)


def letters(browser: Any) -> list[Any]:
    """The elements of the letters, in reading order."""
    return list(browser.find_elements("css selector", ".letter"))


def text(browser: Any) -> list[str]:
    """The lines that are shown."""
    return [row.text for row in browser.find_elements("css selector", ".letters")]


def has(element: Any, name: str) -> bool:
    """Whether an element has a class."""
    return name in element.get_attribute("class").split()


def press(browser: Any, *keys: str) -> None:
    """Press keys one after the other."""
    from selenium.webdriver import ActionChains

    chain = ActionChains(browser)
    for key in keys:
        chain.send_keys(key)
    chain.perform()


def focused(browser: Any) -> str:
    """The text of what has the focus."""
    return str(browser.switch_to.active_element.text)


def choices(browser: Any) -> list[str]:
    """What can be chosen in place of a letter."""
    shown = browser.find_elements("css selector", ".choice [role=option] .said")
    return [said.text for said in shown]


def save(browser: Any, downloads: Path, name: str) -> str:
    """What is in the file once it is there."""
    browser.find_element("css selector", ".save").click()
    file = downloads / name
    for _ in range(400):
        if file.exists():
            break
        time.sleep(0.05)
    content = file.read_text(encoding="utf-8")
    file.unlink()
    return content
