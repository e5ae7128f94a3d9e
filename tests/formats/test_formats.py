"""The registry of formats, plain text, and that nothing from outside does harm in any of them."""

from __future__ import annotations

import html.parser
import json
import re
import subprocess
import sys
from importlib.util import find_spec

import pages
import pypdfium2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.formats import FORMATS, Document
from ocrcli.formats.text import to_text

NAMES = ("text", "json", "jsonl", "tsv", "csv", "hocr", "alto", "page", "markdown", "html", "pdf")
PRESENT = [
    pytest.param(
        name, marks=pytest.mark.skipif(not find_spec(f"ocrcli.formats.{name}"), reason=f"{name}.py IS MISSING")
    )
    for name in NAMES
]


def test_the_formats() -> None:
    assert tuple(FORMATS) == NAMES
    assert all(name == format.name for name, format in FORMATS.items())
    assert len({format.suffix for format in FORMATS.values()}) == len(FORMATS)
    assert all(re.fullmatch(r"(\.[a-z]+)+", format.suffix) for format in FORMATS.values())


@pytest.mark.parametrize("name", PRESENT)
def test_what_a_format_says_of_itself_is_so(name: str) -> None:
    format = FORMATS[name]
    document = pages.document(pages.with_table(pages.NOTE, 2, 3))
    written = format.write([document])
    assert isinstance(written, bytes if format.binary else str)
    assert isinstance(written, bytes) or written.endswith("\n")
    if not format.needs_picture:
        assert re.sub("Cre.*|Last.*", "", str(format.write([Document("a note.jpg", document.page)]))) == re.sub(
            "Cre.*|Last.*", "", str(written)
        )  # but for the time that PAGE tells
    if not format.one_page:
        assert len(format.write(iter([document] * 2))) > len(written)


def test_a_format_is_loaded_when_it_is_written_with() -> None:
    code = "import sys, ocrcli.formats as f; f.FORMATS['tsv'].write([]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "ocrcli.formats.tsv" in loaded
    assert not loaded & {
        "ocrcli.formats.hocr",
        "ocrcli.formats.pdf",
        "json",
        "xml.etree.ElementTree",
        "PIL.Image",
        "fpdf",
    }


def test_text_has_an_empty_line_between_paragraphs() -> None:
    assert to_text([Document("a", pages.page("one\ntwo\n\nthree"))]) == "one\ntwo\n\nthree\n"


def test_text_of_several_documents_is_under_their_names() -> None:
    page = pages.page("one")
    assert to_text([Document("a", page), Document("b\n", page)]) == "==> a <==\none\n\n==> b\\n <==\none\n"


def test_text_of_nothing() -> None:
    assert to_text([]) == to_text([Document("a", Page((), 9, 9))]) == ""


class _Tags(html.parser.HTMLParser):
    """Counts elements and attributes as a browser's parser would find them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag, *(name for name, _ in attrs)]


def tags(text: str) -> list[str]:
    parser = _Tags()
    parser.feed(text)
    return parser.found


def evil_page(text: str) -> Page:
    """A page of one word, which is a table, too, whose letter, and whose letter's alternative, are a text."""
    page = Page((Line((Word((Glyph(text, 0.5, Box(5, 5, 50, 50), ((text, 0.4),)),)),)),), 60, 60)
    return pages.with_table(page, 1, 1)


@pytest.mark.parametrize("name", PRESENT)
@given(st.text(st.characters(), min_size=1, max_size=6) | st.sampled_from(pages.EVIL), pages.ANY)
@example("\x1b]0;x\x07\n", "\x9b31m")
@example("<script>alert(1)</script>", "</script><script>alert(1)</script>")
@example("\udcff\ud800", "\x00\x7f\ufffe")
@example('" onclick="x', "' onclick='x")
@example("œ–", "’")
@example("--><!--", "]]>")
def test_names_and_texts_do_no_harm(name: str, image: str, text: str) -> None:
    format = FORMATS[name]
    written = format.write([pages.document(evil_page(text), image)])
    if isinstance(written, bytes):
        (page,) = pypdfium2.PdfDocument(written)
        assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f]", page.get_textpage().get_text_range())
        return
    written.encode()  # raises if there are surrogates
    shown = written.replace("\r\n", "\n") if name == "csv" else written
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)  # nothing that controls a terminal
    if name in ("hocr", "alto", "page"):
        same = format.write([pages.document(evil_page("x"), "y")])
        assert [e.tag for e in etree.fromstring(written.encode()).iter()] == [
            e.tag for e in etree.fromstring(str(same).encode()).iter()
        ]
    elif name == "html":
        assert tags(written) == tags(str(format.write([pages.document(evil_page("x"), "y")])))
    elif name == "markdown":
        kinds = {token.type for token in MarkdownIt("commonmark", {"html": True}).parse(written)}
        assert not kinds & {"html_block", "fence", "code_block"}
    elif name.startswith("json"):
        assert written.isascii()
        assert json.loads(written)
    elif name == "tsv":
        assert [row.count("\t") for row in written.split("\n")[:-1]] == [11] * 6
    else:
        assert written.count("\n") == 1
