"""ALTO 4 (https://www.loc.gov/standards/alto/), down to glyphs with their alternatives.

A paragraph is a `TextBlock`. `PC`, `WC`, `GC` and `VC` are probabilities, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from ocrcli.core.page import Box, Line, Word
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.markup import four_decimals, root, serialize, single_document, software, turned

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def to_alto(documents: Iterable[Document]) -> str:
    """Write one document as an ALTO file.

    Raises:
        UsageError: If there is not exactly one document, because the format names only one image.
    """
    document = single_document(documents, "ALTO")
    page = document.page
    alto = root("alto", NAMESPACE, SCHEMA, SCHEMAVERSION="4.4")
    alto.append(_description(document))
    whole = Box(0, 0, page.width, page.height)
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    sheet = SubElement(
        SubElement(alto, "Layout"),
        "Page",
        {"ID": "page", "PHYSICAL_IMG_NR": "1", **size, "PC": four_decimals(page.confidence)},
    )
    space = SubElement(sheet, "PrintSpace", _place(whole))
    for number, lines in enumerate(page.paragraphs, 1):
        key = f"b{number}"
        block = SubElement(space, "TextBlock", {"ID": key, **_place(Box.around(line.box for line in lines))})
        block.extend(_line(line, f"{key}l{row}") for row, line in enumerate(lines, 1))
    return serialize(alto)


def _description(document: Document) -> Element:
    description = Element("Description")
    SubElement(description, "MeasurementUnit").text = "pixel"
    source = SubElement(description, "sourceImageInformation")
    SubElement(source, "fileName").text = printable(document.name)
    processing = SubElement(description, "Processing", {"ID": "reading"})
    if step := turned(document.page):
        SubElement(processing, "processingStepDescription").text = step
    program = SubElement(processing, "processingSoftware")
    for tag, text in zip(("softwareName", "softwareVersion"), software(), strict=True):
        SubElement(program, tag).text = text
    return description


def _line(line: Line, key: str) -> Element:
    element = Element("TextLine", {"ID": key, **_place(line.box)})
    for number, word in enumerate(line.words):
        if number:
            element.append(_space(line.words[number - 1].box, word.box))
        element.append(_word(word, f"{key}w{number + 1}"))
    return element


def _space(before: Box, after: Box) -> Element:
    # The boxes of slanted words may overlap; then the space has the width 0.
    places = {"HPOS": before.right, "VPOS": before.top, "WIDTH": max(after.left - before.right, 0)}
    return Element("SP", {name: str(value) for name, value in places.items()})


def _word(word: Word, key: str) -> Element:
    element = Element(
        "String", {"ID": key, "CONTENT": printable(word.text), "WC": four_decimals(word.confidence), **_place(word.box)}
    )
    for number, glyph in enumerate(word.glyphs, 1):
        fields = {
            "ID": f"{key}g{number}",
            "CONTENT": _single_character(glyph.text),
            "GC": four_decimals(glyph.confidence),
        }
        letter = SubElement(element, "Glyph", {**fields, **_place(glyph.box)})
        for text, confidence in glyph.alternatives:
            SubElement(letter, "Variant", {"CONTENT": _single_character(text), "VC": four_decimals(confidence)})
    return element


def _single_character(text: str) -> str:
    """The text of a glyph as one character, which the schema requires; otherwise U+FFFD, the replacement character."""
    held = printable(text)
    return held if len(held) == 1 else "\ufffd"


def _place(box: Box) -> dict[str, str]:
    places = {"HPOS": box.left, "VPOS": box.top, "WIDTH": box.width, "HEIGHT": box.height}
    return {name: str(value) for name, value in places.items()}
