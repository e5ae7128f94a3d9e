"""hOCR: checked by hocr-spec and read again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pages
import pytest
from hypothesis import given
from lxml import etree

from ocrcli.core.page import Box, Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.hocr import to_hocr

XHTML = "{http://www.w3.org/1999/xhtml}"


def parsed(text: str) -> Any:
    """The tree, as a strict parser of XML has it; identifiers are found to be unique."""
    root = etree.fromstring(text.encode())
    assert root.tag == f"{XHTML}html"
    keys = root.xpath("//@id")
    assert len(keys) == len(set(keys))
    return root


def parts(root: Any, kind: str) -> list[Any]:
    return list(root.iterfind(f".//*[@class='{kind}']"))


def box(element: Any, name: str = "bbox") -> Box:
    found = re.search(rf"(?:^|; ){name} (\d+) (\d+) (\d+) (\d+)(?:;|$)", element.get("title"))
    assert found
    return Box(*map(int, found.groups()))


def number(element: Any, name: str) -> float:
    found = re.search(rf"; {name} ([\d.]+)(?:;|$)", element.get("title"))
    assert found
    return float(found[1])


def test_hocr_spec_finds_nothing_wrong(tmp_path: Path) -> None:
    hocr_spec = pytest.importorskip("hocr_spec", reason="hocr-spec is missing: pip install -e '.[dev]'")
    path = tmp_path / "note.hocr"
    path.write_text(to_hocr([pages.document(), pages.document(Page((), 10, 20))]), encoding="utf-8")
    report = hocr_spec.HocrValidator("standard").validate(str(path))
    assert report.is_valid(), report.format("text")


def test_hocr_spec_can_fail(tmp_path: Path) -> None:
    hocr_spec = pytest.importorskip("hocr_spec", reason="hocr-spec is missing: pip install -e '.[dev]'")
    path = tmp_path / "note.hocr"
    path.write_text(re.sub(r' title="bbox[^"]*"', "", to_hocr([pages.document()])), encoding="utf-8")
    assert not hocr_spec.HocrValidator("standard").validate(str(path)).is_valid()


def test_a_paragraph_is_an_area_of_its_own() -> None:
    root = parsed(to_hocr([pages.document()]))
    assert [len(parts(area, "ocr_line")) for area in parts(root, "ocr_carea")] == [1, 2, 1]
    assert all(len(parts(area, "ocr_par")) == 1 for area in parts(root, "ocr_carea"))
    (page,) = parts(root, "ocr_page")
    assert page.get("title") == 'image "a note.jpg"; bbox 0 0 1200 900; ppageno 0'


@pytest.mark.parametrize("name", ['a"; ppageno 9; bbox 1 1 2 2.jpg', *pages.EVIL])
def test_a_name_cannot_add_properties(name: str) -> None:
    (page,) = parts(parsed(to_hocr([Document(name, Page((), 10, 20))])), "ocr_page")
    image, bbox, number = page.get("title").split("; ")
    assert re.fullmatch(r'image "[^"]*"', image)
    assert (bbox, number) == ("bbox 0 0 10 20", "ppageno 0")


@given(pages.NAMES, pages.pages(pages.ANY), pages.pages(pages.LABELS))
def test_pages_come_back(name: str, first: Page, second: Page) -> None:
    root = parsed(to_hocr([Document(name, first), Document(name, second)]))
    for element, page in zip(parts(root, "ocr_page"), (first, second), strict=True):
        words, letters = parts(element, "ocrx_word"), parts(element, "ocrx_cinfo")
        assert ["".join(word.itertext()) for word in words] == [printable(word.text) for word in page.words]
        assert [box(word) for word in words] == [word.box for word in page.words]
        assert [number(w, "x_wconf") for w in words] == pytest.approx(
            [100 * w.confidence for w in page.words], abs=0.01
        )
        assert [letter.text for letter in letters] == [printable(glyph.text) for glyph in page.glyphs]
        assert [box(letter, "x_bboxes") for letter in letters] == [glyph.box for glyph in page.glyphs]
        lines = [" ".join("".join(line.itertext()).split("\n")).strip(" ") for line in parts(element, "ocr_line")]
        assert lines == [printable(line.text).strip(" ") for line in page.lines]
        assert [box(line) for line in parts(element, "ocr_line")] == [line.box for line in page.lines]
