"""Pages as JSON Lines: each line is one page, as in the JSON format, with the version."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ocrcli.formats import Document
from ocrcli.formats.json import VERSION, document_dict


def to_jsonl(documents: Iterable[Document]) -> str:
    """A line for each page."""
    pages = ({"version": VERSION, **document_dict(document)} for document in documents)
    return "".join(f"{json.dumps(page)}\n" for page in pages)
