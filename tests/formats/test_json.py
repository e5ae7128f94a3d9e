"""Pages as JSON."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import pages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrcli.core.errors import InputError
from ocrcli.core.page import Box, Cell, Glyph, Line, Page, Table, Word
from ocrcli.formats import Document
from ocrcli.formats.json import FORMAT_VERSION, from_json, page_dict, to_json
from ocrcli.formats.jsonl import to_jsonl

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
    language="fr",
    unread=(Box(10, 300, 110, 340),),
    tables=(
        Table(
            (
                Cell(0, 0, 1, 1, Box(5, 10, 45, 70), ((0, 0),)),
                Cell(0, 1, 2, 1, Box(45, 10, 70, 130), ((0, 1),)),
                Cell(1, 0, 1, 1, Box(5, 70, 45, 130)),
            ),
            ruled=True,
        ),
    ),
)

GOLDEN: dict[str, Any] = {
    "version": 1,
    "pages": [
        {
            "image": "note.jpg",
            "width": 640,
            "height": 480,
            "turned": 0,
            "language": "fr",
            "text": "Hi !",
            "confidence": 0.1914,
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
            "unread": [[10, 300, 110, 340]],
            "tables": [
                {
                    "rows": 2,
                    "columns": 2,
                    "ruled": True,
                    "box": [5, 10, 70, 130],
                    "cells": [
                        {"row": 0, "column": 0, "row_span": 1, "column_span": 1, "box": [5, 10, 45, 70], "text": "Hi"}
                        | {"words": [[0, 0]]},
                        {"row": 0, "column": 1, "row_span": 2, "column_span": 1, "box": [45, 10, 70, 130], "text": "!"}
                        | {"words": [[0, 1]]},
                        {"row": 1, "column": 0, "row_span": 1, "column_span": 1, "box": [5, 70, 45, 130], "text": ""}
                        | {"words": []},
                    ],
                }
            ],
        }
    ],
}


SCHEMA: dict[str, Any] = json.loads(resources.files("ocrcli.formats").joinpath("page.schema.json").read_text("utf-8"))
RECORD = {"$ref": "#/$defs/record", "$defs": SCHEMA["$defs"]}


def strict(schema: Any) -> Any:
    """The schema, but no object may have members that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    limits = {"additionalProperties": False} if schema.get("type") == "object" else {}
    return {**{key: strict(part) for key, part in schema.items()}, **limits}


def validate(document: Any, schema: Any = SCHEMA) -> None:
    jsonschema.Draft202012Validator(schema).validate(document)


def test_a_small_page() -> None:
    assert json.loads(to_json([Document("note.jpg", PAGE)])) == GOLDEN


def test_the_version_only_changes_with_the_golden_document() -> None:
    assert GOLDEN["version"] == FORMAT_VERSION


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
        "image": "b.png",
        "width": 10,
        "height": 20,
        "turned": 0,
        "language": None,
        "text": "",
        "confidence": 0,
        "lines": [],
        "unread": [],
        "tables": [],
    }


def test_pages_that_do_not_tell_their_language_can_be_read() -> None:
    older = json.loads(to_json([Document("a.png", PAGE)]))
    del older["pages"][0]["language"]
    (document,) = from_json(json.dumps(older))
    assert (document.page.text, document.page.language) == (PAGE.text, None)


def test_pages_that_do_not_tell_of_unread_lines_can_be_read() -> None:
    older = json.loads(to_json([Document("a.png", PAGE)]))
    del older["pages"][0]["unread"]
    (document,) = from_json(json.dumps(older))
    assert (document.page.text, document.page.unread) == (PAGE.text, ())


@pytest.mark.parametrize("unread", [3, [3], [[1, 2, 3]], [[1, 2, 3, "4"]], [[9, 9, 9, 9]]])
def test_unread_lines_are_boxes(unread: Any) -> None:
    document = json.loads(json.dumps(GOLDEN))
    document["pages"][0]["unread"] = unread
    with pytest.raises(InputError):
        from_json(json.dumps(document))


def test_no_pages() -> None:
    assert json.loads(to_json([])) == {"version": FORMAT_VERSION, "pages": []}


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


@given(st.lists(st.builds(Document, pages.NAMES, pages.pages(pages.ANY)), max_size=2))
def test_every_document_keeps_to_the_schema(documents: list[Document]) -> None:
    validate(json.loads(to_json(documents)), strict(SCHEMA))
    for line in to_jsonl(documents).splitlines():
        validate(json.loads(line), RECORD)


def test_the_schema_is_one_and_has_a_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].endswith(f":{FORMAT_VERSION}")
    assert SCHEMA["properties"]["version"]["const"] == FORMAT_VERSION


def test_the_schema_can_fail() -> None:
    validate(GOLDEN, strict(SCHEMA))
    validate({**GOLDEN, "more": 1})
    with pytest.raises(jsonschema.ValidationError):
        validate({**GOLDEN, "more": 1}, strict(SCHEMA))
    for broken in ({**GOLDEN, "version": 2}, {"version": 1}):
        with pytest.raises(jsonschema.ValidationError):
            validate(broken)


@given(st.lists(st.builds(Document, st.text(max_size=5), pages.pages(st.characters(exclude_categories=["Cs"])))))
def test_documents_come_back(documents: list[Document]) -> None:
    text = to_json(documents)
    again = from_json(text)
    assert again == [Document(d.name, pages.rounded(d.page)) for d in documents]
    assert from_json(to_json(again)) == again


def test_a_line_of_json_lines_is_a_page_with_the_version() -> None:
    lines = to_jsonl([Document("a.jpg", PAGE), Document("b.jpg", PAGE)]).splitlines()
    for name, line in zip(("a.jpg", "b.jpg"), lines, strict=True):
        assert json.loads(line) == {"version": FORMAT_VERSION, **GOLDEN["pages"][0], "image": name}


def test_bytes_of_a_name_that_are_no_text_are_escaped() -> None:
    (page,) = json.loads(to_json([Document("caf\udce9.jpg", PAGE)]))["pages"]
    assert page["image"] == "caf\\udce9.jpg"


def changed(**members: Any) -> str:
    """The golden document with some members of its first glyph replaced."""
    document = json.loads(json.dumps(GOLDEN))
    document["pages"][0]["lines"][0]["words"][0]["glyphs"][0].update(members)
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "7", '{"version": 1}', '{"version": 1, "pages": 3}', '{"version": 1, "pages": [null]}',
        "[" * 9999,
        changed(text=3), changed(box=[1, 2, 3]), changed(box=[9, 9, 9, 9]), changed(box=["a", 0, 1, 1]),
        changed(confidence=7), changed(confidence=float("nan")), changed(confidence=True), changed(alternatives=[1]),
        to_json([Document("a", PAGE)]).replace('"glyphs": [', '"glyphs": [], "other": ['), b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_what_is_no_such_document_is_refused_in_one_line(text: str | bytes) -> None:
    with pytest.raises(InputError) as caught:
        from_json(text)
    assert "\n" not in str(caught.value)
    assert "ocr read --format json" in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with each of its keys."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [(node, key) for key in keys] + [place for key in keys for place in places(node[key])]


@settings(max_examples=settings().max_examples * 4)
@given(st.data(), VALUES)
def test_a_document_with_any_value_anywhere_is_read_or_refused(data: st.DataObject, value: Any) -> None:
    document = json.loads(json.dumps(GOLDEN))
    node, key = data.draw(st.sampled_from(places(document)))
    node[key] = value
    try:
        again = from_json(json.dumps(document))
    except InputError:
        return
    validate(json.loads(to_json(again)), strict(SCHEMA))


@given(VALUES.map(json.dumps) | st.binary(max_size=9))
def test_any_other_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InputError):
        from_json(text)


@pytest.mark.parametrize("value", [10**400, 10**9 + 1, -(10**400), 0])
def test_numbers_beyond_any_picture_are_refused(value: int) -> None:
    document = json.loads(json.dumps(GOLDEN))
    document["pages"][0]["width"] = value
    with pytest.raises(InputError):
        from_json(json.dumps(document))
    document = json.loads(json.dumps(GOLDEN))
    document["pages"][0]["lines"][0]["words"][0]["glyphs"][0]["box"][2] = value
    with pytest.raises(InputError):
        from_json(json.dumps(document))


def test_the_message_does_not_repeat_the_whole_text() -> None:
    with pytest.raises(InputError) as caught:
        from_json(b"[" + b"1," * 10_000 + b"\xff]")
    assert len(str(caught.value)) < 300


def test_a_letter_without_a_text_is_refused() -> None:
    document = json.loads(json.dumps(GOLDEN))
    document["pages"][0]["lines"][0]["words"][0]["glyphs"][0]["text"] = ""
    with pytest.raises(InputError, match="a letter without a text"):
        from_json(json.dumps(document))


def test_a_later_version_is_refused() -> None:
    with pytest.raises(InputError, match="version 2"):
        from_json('{"version": 2, "pages": []}')


def test_a_version_of_any_length_is_refused_in_a_short_line() -> None:
    for version in ("9" * 4000, json.dumps("\n" * 4000), "[" + "1," * 4000 + "1]"):
        with pytest.raises(InputError, match="of version") as caught:
            from_json(f'{{"version": {version}, "pages": []}}')
        assert len(str(caught.value)) < 200
        assert str(caught.value).isprintable()
