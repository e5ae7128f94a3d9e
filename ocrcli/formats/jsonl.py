"""JSON Lines: each line is one page as in the JSON format, with the version.

A photo that could not be read has a line in its place, with an `error`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ocrcli.core.errors import OcrError
from ocrcli.formats import Document
from ocrcli.formats.json import FORMAT_VERSION, document_dict, plain_name


def to_jsonl(documents: Iterable[Document]) -> str:
    """Write each document as one line."""
    return "".join(part(document) for document in documents)


def part(document: Document, _number: int = 1) -> str:
    """The line of one document."""
    return f"{json.dumps({'version': FORMAT_VERSION, **document_dict(document)})}\n"


def failed(name: str, error: OcrError) -> str:
    """The line of a photo that could not be read: its `error`, an empty `text` and no `lines`."""
    reason = {"kind": error.kind, "message": str(error)}
    record = {"version": FORMAT_VERSION, "image": plain_name(name), "error": reason, "text": "", "lines": []}
    return f"{json.dumps(record)}\n"
