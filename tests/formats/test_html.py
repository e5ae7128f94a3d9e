"""The report as a file: what is in it, that it is safe, and that it shows something even where no script runs."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pages
import pytest
from browser import Content
from conftest import Ocr
from hypothesis import given
from PIL import Image

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.formats import Document
from ocrcli.formats.html import PHOTO_SIDE, to_html, truth_name
from ocrcli.web import short_names


def data_of(report: str) -> list[dict[str, Any]]:
    return json.loads(Content(report).text["script"][0])["pages"]


def test_the_data_is_the_reading() -> None:
    page = Page((Line((Word((Glyph("a", 0.87654, Box(1, 2, 4, 6), (("o", 0.1),)),), "lines"),), 3),), 100, 90)
    (data,) = data_of(to_html([pages.document(page, "in/my note.jpg")]))
    assert (data["name"], data["file"], data["width"], data["height"]) == ("my note.jpg", "my note.gt.txt", 100, 90)
    (line,) = data["lines"]
    assert line["paragraph"] == 3
    assert line["words"] == [{"recognizer": "lines", "glyphs": [["a", 0.8765, [1, 2, 3, 4], [["o", 0.1]]]]}]


def test_lines_that_could_not_be_read_are_told() -> None:
    page = Page((Line((Word((Glyph("a", 0.9, Box(1, 2, 4, 6)),)),)),), 100, 90, unread=(Box(5, 50, 80, 70),))
    report = to_html([pages.document(page)])
    assert data_of(report)[0]["unread"] == [[5, 50, 75, 20]]
    assert "1 text line could not be read." in report
    assert "could not be read." not in to_html([pages.document(replace(page, unread=()))])


def test_ocr_read_writes_it(ocr: Ocr, note: Path) -> None:
    done = ocr("read", "--format", "html", "--output", note.with_suffix(""), note)
    assert done.returncode == 0
    (data,) = data_of(note.with_suffix(".html").read_text(encoding="ascii"))
    assert (data["name"], data["file"]) == ("note.jpg", "note.gt.txt")
    read = ["".join(glyph[0] for word in line["words"] for glyph in word["glyphs"]) for line in data["lines"]]
    assert read[0] == "SHOPPING"


def test_a_large_photo_is_scaled_down_and_a_small_one_is_not() -> None:
    for size, expected in (((4000, 3000), (PHOTO_SIDE, PHOTO_SIDE * 3 // 4)), ((300, 200), (300, 200))):
        report = to_html([Document("a", Page((), *size), Image.new("RGB", size, "white"))])
        (uri,) = re.findall(r'src="data:image/webp;base64,([^"]+)"', report)
        with Image.open(io.BytesIO(base64.b64decode(uri))) as photo:
            assert photo.size == expected


def test_a_photo_is_needed() -> None:
    with pytest.raises(ValueError, match="picture"):
        to_html([Document("a", pages.NOTE)])


def test_several_pages_and_none() -> None:
    report = to_html([pages.document(name="x/a.jpg"), pages.document(name="y/a.jpg")])
    assert [page["name"] for page in data_of(report)] == ["x/a.jpg", "y/a.jpg"]
    assert Content(report).text["h1"] == ["2 pages"]
    assert data_of(to_html([])) == []


def test_only_what_comes_with_ocrcli_may_run() -> None:
    content = Content(to_html([pages.document()]))
    (policy,) = (v for tag, name, v in content.attributes if tag == "meta" and v and "default-src" in v)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    for kind, tag in (("script-src", "script"), ("style-src", "style")):
        digest = hashlib.sha256(content.text[tag][-1].encode()).digest()
        assert rules[kind] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert "unsafe" not in policy
    names = {name for _, name, _ in content.attributes}
    assert not {name for name in names if name.startswith("on")} | (names & {"style"})
    assert all(v.startswith("data:") for _, name, v in content.attributes if name in ("src", "href") and v)


def test_without_scripts_the_text_is_there() -> None:
    assert Content(to_html([pages.document(pages.page("a <b>\n\nc & d"))])).text["pre"] == ["a <b>\n\nc & d\n"]


@given(pages.NAMES, pages.pages(pages.ANY))
def test_nothing_that_comes_from_outside_leaves_the_data(name: str, page: Page) -> None:
    report = to_html([pages.document(page, name)])
    assert report.isascii()
    content = Content(report)
    raw = content.text["script"][0]
    assert not set(raw) & set("<>&")
    assert len(data_of(report)[0]["lines"]) == len(page.lines)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("note.jpg", "note.gt.txt"),
        ("in/a.b.jpg", "a.b.gt.txt"),
        ("C:\\photos\\note.jpg", "note.gt.txt"),
        ("scan.pdf#2", "scan-2.gt.txt"),
        ("https://x.org/note.png", "note.gt.txt"),
        ("<stdin>", "stdin.gt.txt"),
        ("note", "note.gt.txt"),
        ("a\nb.jpg", "a_nb.gt.txt"),
        ("..", "page.gt.txt"),
        ("", "page.gt.txt"),
    ],
)
def test_the_saved_file_is_the_one_that_eval_looks_for(name: str, file: str) -> None:
    assert truth_name(name) == file


@given(pages.NAMES)
def test_the_saved_file_is_a_name_that_every_system_takes(name: str) -> None:
    assert re.fullmatch(r"[^\x00-\x1f<>:\"/\\|?*]+\.gt\.txt", truth_name(name))


def test_names_keep_their_folders_only_if_they_must() -> None:
    assert short_names(["/home/me/a.jpg", "b\\c.jpg"]) == ["a.jpg", "c.jpg"]
    assert short_names(["x/a.jpg", "y/a.jpg"]) == ["x/a.jpg", "y/a.jpg"]


def test_the_static_files_are_ascii() -> None:
    for file in files("ocrcli.web").iterdir():
        if file.name.endswith((".css", ".js")):
            assert file.read_text(encoding="utf-8").isascii(), file.name


def test_tables_can_be_opened() -> None:
    report = to_html([pages.document(pages.with_table(pages.page("A <b>\nC 3"), 2, 2))])
    assert "<summary>Table, 2 rows, 2 columns, as read</summary>" in report
    assert "<tr><td>A</td><td>&lt;b&gt;</td></tr><tr><td>C</td><td>3</td></tr>" in report
    assert "<table" not in to_html([pages.document()])
