"""The engine for OCRmyPDF, by OCRmyPDF itself; skipped where that is not installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES
from PIL import Image

from ocrcli import Reader
from ocrcli.core.page import Box, Page

pytest.importorskip("ocrmypdf", reason="OCRMYPDF IS MISSING: pip install ocrmypdf")

NOTE = EXAMPLES / "shopping_list.jpg"
DPI = 150


def converted(scan: Path, *flags: str) -> tuple[str, list[tuple[str, list[float]]]]:
    """What is printed of a PDF, and its words with their boxes in pixels of the scan."""
    out = scan.with_suffix(".out.pdf")
    call = [sys.executable, "-m", "ocrmypdf", "--plugin", "ocrcli.ocrmypdf", *flags, scan, out]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = subprocess.run(["pdftotext", "-bbox", out, "-"], capture_output=True, text=True, check=True).stdout
    found = re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', listed)
    return done.stderr, [(word, [float(side) * DPI / 72 for side in sides]) for *sides, word in found]


@pytest.fixture(scope="module")
def page(reader: Reader) -> Page:
    return reader.read(NOTE)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="PDFTOTEXT IS MISSING")
@pytest.mark.parametrize("turned", [0, 90])
def test_words_are_found_where_they_are_written(page: Page, tmp_path: Path, turned: int) -> None:
    scan = tmp_path / "scan.pdf"
    Image.open(NOTE).rotate(-turned, expand=True).save(scan, resolution=DPI)
    _, words = converted(scan, "--rotate-pages")
    assert [word for word, _ in words] == [word.text for word in page.words]
    for (_, (left, top, right, bottom)), word in zip(words, page.words, strict=True):
        assert abs(left - word.box.left) < 12
        assert abs(right - word.box.right) < 12
        assert top < (word.box.top + word.box.bottom) / 2 < bottom


def test_an_empty_page_stays_empty(tmp_path: Path) -> None:
    scan, text = tmp_path / "scan.pdf", tmp_path / "text.txt"
    Image.new("L", (600, 800), 250).save(scan, resolution=DPI)
    converted(scan, "--sidecar", str(text))
    assert not text.read_text().strip()


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_boxes_are_those_of_the_picture(page: Page, turned: int) -> None:
    from dataclasses import replace

    from ocrcli.ocrmypdf import unturned

    picture = Image.new("L", (page.width, page.height))
    box = page.words[0].box
    picture.paste(255, (box.left, box.top, box.right, box.bottom))
    back = unturned(replace(page, turned=turned))
    seen = picture.rotate(turned, expand=True)  # as it was before it was turned clockwise
    assert (back.width, back.height) == seen.size
    assert back.words[0].box == Box(*seen.getbbox())  # type: ignore[misc]
