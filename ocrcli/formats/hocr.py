"""hOCR 1.2 (http://kba.github.io/hocr-spec/1.2/), with the elements that tesseract writes.

A paragraph is an `ocr_carea` with one `ocr_par`. `x_wconf` and `x_confs` are probabilities in percent.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from ocrcli.core.page import Box, Line, Word
from ocrcli.core.printable import printable
from ocrcli.formats import Document
from ocrcli.formats.markup import DECLARATION, software

DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"'
    ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrx_cinfo"


def to_hocr(documents: Iterable[Document]) -> str:
    """Write all documents as one XHTML file."""
    body = Element("body")
    body.text = body.tail = "\n"
    for number, document in enumerate(documents):
        body.append(_page(document, number))
    root = Element("html", {"xmlns": "http://www.w3.org/1999/xhtml"})
    root.append(_head(len(body)))
    root.append(body)
    return f"{DECLARATION}{DOCTYPE}{tostring(root, encoding='unicode')}\n"


def _head(pages: int) -> Element:
    head = Element("head")
    head.tail = "\n"
    SubElement(head, "title").text = "Text of photographed notes"
    SubElement(head, "meta", {"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"})
    fields = {
        "ocr-system": " ".join(software()),
        "ocr-capabilities": CAPABILITIES,
        "ocr-number-of-pages": str(pages),
    }
    for name, content in fields.items():
        SubElement(head, "meta", {"name": name, "content": content})
    return head


def _page(document: Document, number: int) -> Element:
    page, place = document.page, str(number + 1)
    image = printable(document.name).replace('"', "%22").replace(";", "%3B")  # these end a property
    title = f'image "{image}"; {_bbox(Box(0, 0, page.width, page.height))}; ppageno {number}'
    element = _part("div", "ocr_page", f"page_{place}", title)
    element.text = "\n"
    for block, lines in enumerate(page.paragraphs, 1):
        at, title = f"{place}_{block}", _bbox(Box.around(line.box for line in lines))
        area = _part("div", "ocr_carea", f"block_{at}", title)
        paragraph = _part("p", "ocr_par", f"par_{at}", title)
        paragraph.extend(_line(line, f"{at}_{row}") for row, line in enumerate(lines, 1))
        area.text = paragraph.text = "\n"
        area.append(paragraph)
        element.append(area)
    return element


def _line(line: Line, at: str) -> Element:
    element = _part("span", "ocr_line", f"line_{at}", _bbox(line.box))
    element.extend(_word(word, f"{at}_{place}") for place, word in enumerate(line.words, 1))
    return element


def _word(word: Word, at: str) -> Element:
    element = _part("span", "ocrx_word", f"word_{at}", f"{_bbox(word.box)}; x_wconf {100 * word.confidence:.2f}")
    for place, glyph in enumerate(word.glyphs, 1):
        title = f"x_bboxes {_corners(glyph.box)}; x_confs {100 * glyph.confidence:.2f}"
        letter = _part("span", "ocrx_cinfo", f"char_{at}_{place}", title)
        letter.text, letter.tail = printable(glyph.text), None  # no white space between the letters of a word
        element.append(letter)
    return element


def _part(tag: str, kind: str, key: str, title: str) -> Element:
    element = Element(tag, {"class": kind, "id": key, "title": title})
    element.tail = "\n"
    return element


def _bbox(box: Box) -> str:
    return f"bbox {_corners(box)}"


def _corners(box: Box) -> str:
    return f"{box.left} {box.top} {box.right} {box.bottom}"
