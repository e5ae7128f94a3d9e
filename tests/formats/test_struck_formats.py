"""Words that were struck out: left out of texts, told by the formats that can."""

from __future__ import annotations

import json

import pages
import pytest
from lxml import etree
from markdown_it import MarkdownIt

from ocrcli.formats import FORMATS, Document
from ocrcli.formats.json import from_json

NOTE = pages.struck(pages.page("two eggs milk\nbread\n\nless salt"), "eggs", "bread", "less")


def test_texts_leave_them_out() -> None:
    assert NOTE.text == "two milk\n\nsalt"
    assert [line.standing for line in NOTE.lines] == ["two milk", "", "salt"]
    assert [word.text for word in NOTE.words] == ["two", "eggs", "milk", "bread", "less", "salt"]
    assert pages.NOTE.standing is pages.NOTE


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if not kind.tells_struck and name != "csv"])
def test_a_format_that_cannot_tell_them_leaves_them_out(name: str) -> None:
    kind = FORMATS[name]
    one, other = (Document("a.jpg", page, pages.blank(page)) for page in (NOTE, NOTE.standing))
    assert kind.write([one]) == kind.write([other])
    if kind.streams:
        assert kind.part(one, 2) == kind.part(other, 2)


def test_json_tells_them_and_reads_them_again() -> None:
    written = str(FORMATS["json"].write([Document("a.jpg", NOTE)]))
    (page,) = json.loads(written)["pages"]
    assert [word["text"] for line in page["lines"] for word in line["words"] if word["struck"]] == [
        "eggs",
        "bread",
        "less",
    ]
    assert page["text"] == NOTE.text
    assert from_json(written)[0].page == NOTE
    assert (
        from_json(written.replace(' "struck": true,', ""))[0].page.text
        == pages.page("two eggs milk\nbread\n\nless salt").text
    )  # as earlier versions wrote it


def test_markdown_strikes_them_through() -> None:
    written = str(FORMATS["markdown"].write([Document("a.jpg", NOTE)]))
    assert written == "two ~~eggs~~ milk\\\n~~bread~~\n\n~~less~~ salt\n"
    assert MarkdownIt("commonmark").enable("strikethrough").render(written).count("<s>") == 3
    several = pages.struck(pages.page("- no such ~thing\n1. a"), "no", "such", "~thing", "1.", "a")
    assert FORMATS["markdown"].write([Document("a.jpg", several)]) == "- ~~no such \\~thing~~\n\n~~1. a~~\n"


def test_page_xml_strikes_them_through() -> None:
    root = etree.fromstring(str(FORMATS["page"].write([Document("a.jpg", NOTE)])).encode())
    name = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"
    text = f"{name}TextEquiv/{name}Unicode"
    crossed = {word.findtext(text) for word in root.iter(f"{name}Word") if word.find(f"{name}TextStyle") is not None}
    assert crossed == {"eggs", "bread", "less"}
    assert [line.findtext(text) or "" for line in root.iter(f"{name}TextLine")] == ["two milk", "", "salt"]


def test_a_table_leaves_them_out() -> None:
    page = pages.with_table(pages.struck(pages.page("a b\nc d"), "b", "c"), 2, 2)
    assert page.table_rows(page.tables[0]) == [["a", ""], ["", "d"]]
    assert page.standing.table_rows(page.standing.tables[0]) == [["a", ""], ["", "d"]]
    assert FORMATS["csv"].write([Document("a.jpg", page)]) == "a,\r\n,d\r\n"
