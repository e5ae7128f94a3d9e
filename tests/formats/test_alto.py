"""ALTO: read by alto-tools, held against the standard's rules for the part that we use, and read again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pages
import pytest
from hypothesis import given
from lxml import etree

from ocrcli.core.errors import UsageError
from ocrcli.core.page import Box, Page, Word
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.alto import to_alto

ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
PLACE = ("HPOS", "VPOS", "WIDTH", "HEIGHT")

# The schema of ALTO 4.4 comes with no package; of what it says these are the parts that we use: each element's
# children, as a regular expression over their names; its required attributes, and its others.
RULES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "alto": ("(Description )?Layout ", (), ("SCHEMAVERSION", "schemaLocation")),
    "Description": ("MeasurementUnit (sourceImageInformation )?(Processing )*", (), ()),
    "MeasurementUnit": ("", (), ()),
    "sourceImageInformation": ("(fileName )?", (), ()),
    "fileName": ("", (), ()),
    "Processing": ("(processingStepDescription )*(processingSoftware )?", ("ID",), ()),
    "processingStepDescription": ("", (), ()),
    "processingSoftware": ("(softwareName )?(softwareVersion )?", (), ()),
    "softwareName": ("", (), ()),
    "softwareVersion": ("", (), ()),
    "Layout": ("(Page )+", (), ()),
    "Page": ("(PrintSpace )?", ("ID", "PHYSICAL_IMG_NR"), ("WIDTH", "HEIGHT", "PC")),
    "PrintSpace": ("(TextBlock )*", (), PLACE),
    "TextBlock": ("(TextLine )+", ("ID",), PLACE),
    "TextLine": ("(String (SP )?)+", (), ("ID", *PLACE)),
    "SP": ("", (), PLACE),
    "String": ("(Glyph )*", ("CONTENT",), ("ID", "WC", *PLACE)),
    "Glyph": ("(Variant )*", ("CONTENT",), ("ID", "GC", *PLACE)),
    "Variant": ("", ("CONTENT",), ("VC",)),
}


def check(root: Any) -> None:
    """Raise AssertionError for whatever breaks the rules."""
    for element in root.iter():
        children, required, optional = RULES[element.tag.removeprefix(ALTO)]
        names = "".join(child.tag.removeprefix(ALTO) + " " for child in element)
        assert re.fullmatch(children, names), (element.tag, names)
        own = {etree.QName(name).localname: value for name, value in element.attrib.items()}
        assert set(required) <= set(own) <= {*required, *optional}, (element.tag, own)
        assert all(0 <= float(own[name]) <= 1 for name in ("PC", "WC", "GC", "VC") if name in own)
        assert all(float(own[name]) >= 0 for name in (*PLACE, "PHYSICAL_IMG_NR") if name in own)
    assert all(len(glyph.get("CONTENT")) == 1 for glyph in parts(root, "Glyph"))
    assert all(len(variant.get("CONTENT")) <= 3 for variant in parts(root, "Variant"))
    keys = root.xpath("//@ID")
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", key) for key in keys)
    assert root.findtext(f".//{ALTO}MeasurementUnit") in ("pixel", "mm10", "inch1200")


def parsed(text: str) -> Any:
    root = etree.fromstring(text.encode())
    check(root)
    return root


def parts(root: Any, tag: str) -> list[Any]:
    return list(root.iter(f"{ALTO}{tag}"))


def character(text: str) -> str:
    """What a glyph's text becomes: the schema has room for one character."""
    return printable(text) if len(printable(text)) == 1 else "\ufffd"


def box(element: Any) -> Box:
    left, top, width, height = (int(element.get(name)) for name in PLACE)
    return Box(left, top, left + width, top + height)


def test_alto_tools_read_text_and_confidence(tmp_path: Path) -> None:
    pytest.importorskip("alto_tools.alto_tools", reason="alto-tools are missing: pip install -e '.[dev]'")
    path = tmp_path / "note.xml"
    path.write_text(to_alto([pages.document()]), encoding="utf-8")
    command = [sys.executable, "-m", "alto_tools.alto_tools"]
    text = subprocess.run([*command, "-t", path], capture_output=True, text=True, check=True).stdout
    assert [row.strip() for row in text.splitlines() if row] == [line.text for line in pages.NOTE.lines]
    told = subprocess.run([*command, "-c", path], capture_output=True, text=True, check=True).stdout
    assert told.strip().endswith("Confidence: 90.0")


def test_the_rules_can_be_broken() -> None:
    good = to_alto([pages.document()])
    for old, new in (
        ("<SP ", "<Gap "),
        (' WC="0.9000"', ' WC="90"'),
        ('ID="b1l1w1"', 'ID="b1l1"'),
        (">pixel<", ">px<"),
    ):
        assert old in good
        with pytest.raises((AssertionError, KeyError)):
            parsed(good.replace(old, new, 1))


def test_lines_begin_and_end_with_a_word() -> None:
    for line in parts(parsed(to_alto([pages.document()])), "TextLine"):
        tags = [child.tag.removeprefix(ALTO) for child in line]
        assert tags == ["String", *["SP", "String"] * (len(tags) // 2)]


@pytest.mark.parametrize("count", [0, 2])
def test_only_one_page_goes_into_a_file(count: int) -> None:
    with pytest.raises(UsageError, match="one by one"):
        to_alto([pages.document()] * count)


def test_a_turned_photo_is_told() -> None:
    root = parsed(to_alto([Document("a.jpg", Page((), 10, 20, turned=90))]))
    assert "90 degrees" in root.findtext(f".//{ALTO}processingStepDescription")


@given(pages.NAMES, pages.pages(pages.ANY))
def test_pages_come_back(name: str, page: Page) -> None:
    root = parsed(to_alto([Document(name, page)]))
    assert root.findtext(f".//{ALTO}fileName") == printable(name) or not name
    words, glyphs = parts(root, "String"), parts(root, "Glyph")
    assert [box(line) for line in parts(root, "TextLine")] == [line.box for line in page.lines]
    assert [word.get("CONTENT") for word in words] == [printable(word.text) for word in page.words]
    assert [box(word) for word in words] == [word.box for word in page.words]
    assert [float(w.get("WC")) for w in words] == pytest.approx([w.confidence for w in page.words], abs=1e-4)
    assert [glyph.get("CONTENT") for glyph in glyphs] == [character(glyph.text) for glyph in page.glyphs]
    assert [box(glyph) for glyph in glyphs] == [glyph.box for glyph in page.glyphs]
    for element, glyph in zip(glyphs, page.glyphs, strict=True):
        variants = [(v.get("CONTENT"), float(v.get("VC"))) for v in element]
        assert variants == [(character(text), pages.share(p)) for text, p in glyph.alternatives]


def test_overlapping_words_have_a_space_of_no_width_between_them() -> None:
    first, second = pages.line("ab cd").words
    far = Word((pages.line("x", left=60).glyphs[0],))
    page = Page((pages.Line((first, far, second)),), 400, 400)
    widths = [int(space.get("WIDTH")) for space in parts(parsed(to_alto([Document("a", page)])), "SP")]
    assert widths[0] == 0 < widths[1]
