"""PAGE XML: valid by its schema, and read again."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from typing import Any

import pages
import pytest
from hypothesis import given
from lxml import etree

from ocrcli.core.errors import UsageError
from ocrcli.core.page import Box, Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.page import to_page

PAGE = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"
INSTALL = "PAGE'S SCHEMA IS MISSING: pip install --no-deps ocrd-validators"


@pytest.fixture(scope="module")
def schema() -> Any:
    """The standard's own schema, of the copy that comes with OCR-D."""
    try:
        (path,) = (path for path in files("ocrd-validators") or () if path.name == "page.xsd")
    except PackageNotFoundError:
        pytest.skip(INSTALL)
    return etree.XMLSchema(etree.parse(path.locate()))


def parsed(text: str) -> Any:
    root = etree.fromstring(text.encode())
    keys = root.xpath("//@id")
    assert len(keys) == len(set(keys))
    return root


def parts(root: Any, tag: str) -> list[Any]:
    return list(root.iter(f"{PAGE}{tag}"))


def box(element: Any) -> Box:
    corners = [tuple(map(int, pair.split(","))) for pair in element.find(f"{PAGE}Coords").get("points").split()]
    (left, top), (right, bottom) = corners[0], corners[2]
    assert corners == [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Box(left, top, right, bottom)


def said(element: Any) -> list[tuple[str, float]]:
    """Each reading of an element with its confidence, in the order of their indices."""
    found = sorted(element.findall(f"{PAGE}TextEquiv"), key=lambda equivalent: int(equivalent.get("index", 0)))
    return [(e.findtext(f"{PAGE}Unicode"), float(e.get("conf"))) for e in found]


@given(name=pages.NAMES, page=pages.pages(pages.ANY))
def test_any_page_is_valid(schema: Any, name: str, page: Page) -> None:
    schema.assertValid(parsed(to_page([Document(name, page)])))


def test_the_schema_can_fail(schema: Any) -> None:
    good = to_page([pages.document()])
    schema.assertValid(parsed(good))
    for old, new in (("Creator>", "Maker>"), ('index="0" conf="0.9', 'index="0" conf="9.9'), ("TextLine", "Line")):
        assert old in good
        with pytest.raises(etree.DocumentInvalid):
            schema.assertValid(parsed(good.replace(old, new)))


@given(pages.NAMES, pages.pages(pages.ANY))
def test_pages_come_back(name: str, page: Page) -> None:
    root = parsed(to_page([Document(name, page)]))
    (sheet,) = parts(root, "Page")
    assert sheet.get("imageFilename") == printable(name)
    assert (int(sheet.get("imageWidth")), int(sheet.get("imageHeight"))) == (page.width, page.height)
    for tag, whole in (("TextLine", page.lines), ("Word", page.words)):
        found = parts(root, tag)
        assert [box(element) for element in found] == [part.box for part in whole]
        assert [said(element)[0][0] for element in found] == [printable(part.text) for part in whole]
        assert [said(e)[0][1] for e in found] == pytest.approx([part.confidence for part in whole], abs=1e-4)
    for element, glyph in zip(parts(root, "Glyph"), page.glyphs, strict=True):
        assert box(element) == glyph.box
        readings = ((glyph.text, glyph.confidence), *glyph.alternatives)
        assert said(element) == [(printable(text), pages.share(p)) for text, p in readings]


def test_regions_are_paragraphs_in_reading_order() -> None:
    root = parsed(to_page([pages.document()]))
    regions = parts(root, "TextRegion")
    assert [region.findall(f"{PAGE}TextEquiv")[-1].findtext(f"{PAGE}Unicode") for region in regions] == [
        "SHOPPING LIST", 'milk & "oats"\n<b>6</b> eggs', "2*3 is [red] 6",
    ]  # fmt: skip
    order = [(ref.get("index"), ref.get("regionRef")) for ref in parts(root, "RegionRefIndexed")]
    assert order == [(str(index), region.get("id")) for index, region in enumerate(regions)]


def test_a_turned_photo_is_told() -> None:
    root = parsed(to_page([Document("a.jpg", Page((), 10, 20, turned=270))]))
    assert "270 degrees" in root.findtext(f".//{PAGE}Comments")


@pytest.mark.parametrize("count", [0, 2])
def test_only_one_page_goes_into_a_file(count: int) -> None:
    with pytest.raises(UsageError, match="one by one"):
        to_page([pages.document()] * count)
