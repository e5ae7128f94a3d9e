"""Pages as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.formats import Document
from ocrcli.formats.json import VERSION, page_dict, to_json
from ocrcli.page import Box, Glyph, Line, Page, Word

PAGE = Page(
    (
        Line(
            (
                Word(
                    (
                        Glyph("H", 0.98765, Box(10, 20, 30, 60), (("N", 0.00712), ("#", 0.004))),
                        Glyph("i", 0.5, Box(32, 18, 38, 61)),
                    )
                ),
                Word((Glyph("!", 1.0, Box(60, 20, 64, 60)),)),
            )
        ),
    ),
    640,
    480,
)

GOLDEN: dict[str, Any] = {
    "version": 1,
    "pages": [
        {
            "image": "note.jpg",
            "width": 640,
            "height": 480,
            "turned": 0,
            "text": "Hi !",
            "confidence": 0.8292,
            "lines": [
                {
                    "text": "Hi !",
                    "confidence": 0.8292,
                    "box": [10, 18, 64, 61],
                    "paragraph": 0,
                    "words": [
                        {
                            "text": "Hi",
                            "confidence": 0.7438,
                            "box": [10, 18, 38, 61],
                            "recognizer": "letters",
                            "glyphs": [
                                {
                                    "text": "H",
                                    "confidence": 0.9877,
                                    "box": [10, 20, 30, 60],
                                    "alternatives": [
                                        {"text": "N", "confidence": 0.0071},
                                        {"text": "#", "confidence": 0.004},
                                    ],
                                },
                                {"text": "i", "confidence": 0.5, "box": [32, 18, 38, 61], "alternatives": []},
                            ],
                        },
                        {
                            "text": "!",
                            "confidence": 1.0,
                            "box": [60, 20, 64, 60],
                            "recognizer": "letters",
                            "glyphs": [{"text": "!", "confidence": 1.0, "box": [60, 20, 64, 60], "alternatives": []}],
                        },
                    ],
                }
            ],
        }
    ],
}


def a_record(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def a_list(items: dict[str, Any], **limits: int) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


TEXT = {"type": "string"}
CONFIDENCE = {"type": "number", "minimum": 0, "maximum": 1}
PIXELS = {"type": "integer", "minimum": 1}
COMMON = {"text": TEXT, "confidence": CONFIDENCE, "box": a_list({"type": "integer"}, minItems=4, maxItems=4)}
GLYPH = a_record(**COMMON, alternatives=a_list(a_record(text=TEXT, confidence=CONFIDENCE)))
WORD = a_record(**COMMON, recognizer={"enum": ["letters", "lines"]}, glyphs=a_list(GLYPH, minItems=1))
COUNT = {"type": "integer", "minimum": 0}
LINE = a_record(**COMMON, paragraph=COUNT, words=a_list(WORD, minItems=1))
TURNS = {"enum": [0, 90, 180, 270]}
PAGE_SCHEMA = a_record(
    image=TEXT, width=PIXELS, height=PIXELS, turned=TURNS, text=TEXT, confidence=CONFIDENCE, lines=a_list(LINE)
)
SCHEMA = a_record(version={"const": 1}, pages=a_list(PAGE_SCHEMA))


def test_a_small_page() -> None:
    assert json.loads(to_json([Document("note.jpg", PAGE)])) == GOLDEN


def test_the_version_only_changes_with_the_golden_document() -> None:
    assert GOLDEN["version"] == VERSION


def test_a_page_as_a_dictionary_is_what_is_written() -> None:
    assert {"image": "note.jpg", **page_dict(PAGE)} == GOLDEN["pages"][0]


def test_keys_are_in_reading_order() -> None:
    document = json.loads(to_json([Document("note.jpg", PAGE)]))
    assert list(document) == ["version", "pages"]
    assert list(document["pages"][0]) == list(GOLDEN["pages"][0])


def test_several_pages_keep_their_order_and_names() -> None:
    empty = Page((), 10, 20)
    documents = (Document(name, page) for name, page in [("b.png", empty), ("a.png", PAGE), ("b.png", empty)])
    pages = json.loads(to_json(documents))["pages"]
    assert [page["image"] for page in pages] == ["b.png", "a.png", "b.png"]
    assert pages[0] == {
        **{"image": "b.png", "width": 10, "height": 20, "turned": 0},
        **{"text": "", "confidence": 0, "lines": []},
    }


def test_no_pages() -> None:
    assert json.loads(to_json([])) == {"version": VERSION, "pages": []}


@pytest.mark.parametrize("text", ["é", "ß", "日", "😀", '"', "\\", "\u2028", "<", "\x1b"])
def test_any_character_survives_any_pipe(text: str) -> None:
    page = Page((Line((Word((Glyph(text, 0.5, Box(0, 0, 1, 1), ((text, 0.1),)),)),)),), 9, 9)
    written = to_json([Document(f"{text}.jpg", page)])
    assert written.isascii()
    assert "\x1b" not in written
    (got,) = json.loads(written)["pages"]
    glyph = got["lines"][0]["words"][0]["glyphs"][0]
    assert got["image"] == f"{text}.jpg"
    assert got["text"] == glyph["text"] == glyph["alternatives"][0]["text"] == text


SIDES = st.integers(0, 4000)
LENGTHS = st.integers(1, 4000)
BOXES = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), SIDES, SIDES, LENGTHS, LENGTHS)
CHARACTERS = st.characters(exclude_categories=["Cs"])
SHARES = st.floats(0, 1)
GLYPHS = st.builds(Glyph, CHARACTERS, SHARES, BOXES, st.lists(st.tuples(CHARACTERS, SHARES), max_size=2).map(tuple))
WORDS = st.builds(Word, st.lists(GLYPHS, min_size=1, max_size=3).map(tuple))
LINES = st.builds(Line, st.lists(WORDS, min_size=1, max_size=2).map(tuple))
PAGES = st.builds(Page, st.lists(LINES, max_size=2).map(tuple), LENGTHS, LENGTHS)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.builds(Document, st.text(max_size=5), PAGES), max_size=2))
def test_every_document_keeps_to_the_schema(documents: list[Document]) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = json.loads(to_json(documents))
    jsonschema.validate(document, SCHEMA)
    for written, got in zip(documents, document["pages"], strict=True):
        glyphs = [g for line in got["lines"] for w in line["words"] for g in w["glyphs"]]
        assert [tuple(g["box"]) for g in glyphs] == [
            (g.box.left, g.box.top, g.box.right, g.box.bottom) for g in written.page.glyphs
        ]
        assert [g["confidence"] for g in glyphs] == pytest.approx([g.confidence for g in written.page.glyphs], abs=1e-4)


def test_the_schema_can_fail() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(GOLDEN, SCHEMA)
    for broken in ({**GOLDEN, "version": 2}, {**GOLDEN, "more": 1}, {"version": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)
