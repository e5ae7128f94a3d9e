"""PAGE XML 2019-07-15 (https://github.com/PRImA-Research-Lab/PAGE-XML), down to glyphs.

A paragraph is a `TextRegion`. The `TextEquiv` of a glyph with index 0 is its text, the others are its alternatives.
`conf` is a probability, 0 to 1. The corners are those of our boxes, with right and bottom exclusive.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.markup import four_decimals, root, serialize, single_document, software, source_date, turned

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def to_page(documents: Iterable[Document]) -> str:
    """Write one document as a PAGE file.

    Raises:
        UsageError: If there is not exactly one document.
    """
    document = single_document(documents, "PAGE")
    page = document.page
    held = root("PcGts", NAMESPACE, f"{NAMESPACE}/pagecontent.xsd")
    held.append(_metadata(page))
    size = {"imageWidth": str(page.width), "imageHeight": str(page.height), "conf": four_decimals(page.confidence)}
    sheet = SubElement(held, "Page", {"imageFilename": printable(document.name), **size})
    regions = [_region(lines, f"r{number}") for number, lines in enumerate(page.paragraphs, 1)]
    if regions:
        order = SubElement(SubElement(sheet, "ReadingOrder"), "OrderedGroup", {"id": "order"})
        for index, region in enumerate(regions):
            SubElement(order, "RegionRefIndexed", {"index": str(index), "regionRef": region.attrib["id"]})
    sheet.extend(regions)
    return serialize(held)


def _metadata(page: Page) -> Element:
    metadata, now = Element("Metadata"), (source_date() or datetime.now(UTC)).isoformat(timespec="seconds")
    SubElement(metadata, "Creator").text = " ".join(software())
    SubElement(metadata, "Created").text = SubElement(metadata, "LastChange").text = now
    if step := turned(page):
        SubElement(metadata, "Comments").text = step
    return metadata


def _region(lines: tuple[Line, ...], key: str) -> Element:
    region = _part("TextRegion", key, Box.around(line.box for line in lines))
    region.set("type", "paragraph")
    region.extend(_line(line, f"{key}l{row}") for row, line in enumerate(lines, 1))
    region.append(_text("\n".join(printable(line.text) for line in lines)))
    return region


def _line(line: Line, key: str) -> Element:
    element = _part("TextLine", key, line.box)
    element.extend(_word(word, f"{key}w{place}") for place, word in enumerate(line.words, 1))
    element.append(_text(printable(line.text), line.confidence))
    return element


def _word(word: Word, key: str) -> Element:
    element = _part("Word", key, word.box)
    element.extend(_glyph(glyph, f"{key}g{place}") for place, glyph in enumerate(word.glyphs, 1))
    element.append(_text(printable(word.text), word.confidence))
    return element


def _glyph(glyph: Glyph, key: str) -> Element:
    element = _part("Glyph", key, glyph.box)
    for index, (text, confidence) in enumerate(((glyph.text, glyph.confidence), *glyph.alternatives)):
        element.append(_text(printable(text), confidence, index))
    return element


def _part(tag: str, key: str, box: Box) -> Element:
    element = Element(tag, {"id": key})
    corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    SubElement(element, "Coords", {"points": " ".join(f"{x},{y}" for x, y in corners)})
    return element


def _text(text: str, confidence: float | None = None, index: int | None = None) -> Element:
    equivalent = Element("TextEquiv")
    if index is not None:
        equivalent.set("index", str(index))
    if confidence is not None:
        equivalent.set("conf", four_decimals(confidence))
    SubElement(equivalent, "Unicode").text = text
    return equivalent
