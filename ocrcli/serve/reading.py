"""What a worker process does with a request: read its photos, and write the answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from ocrcli.core.errors import NoTableError, OcrError, UsageError
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS, Document, Format, document, encoded, jsonl
from ocrcli.formats.csv import NO_TABLE
from ocrcli.formats.json import plain_name
from ocrcli.formats.masking import FOR_PEOPLE, masked
from ocrcli.pipeline.many import read_one
from ocrcli.pipeline.reading import Reader
from ocrcli.serve.media import media_of
from ocrcli.serve.query import Query
from ocrcli.sources import Source
from ocrcli.sources.expand import pages_of
from ocrcli.sources.selection import ALL, parse_pages

STATUS = {
    "usage": 400,
    "input": 422,
    "nothing-written": 422,
    "no-table": 422,
    "missing-package": 501,
    "no-room": 507,
    "too-slow": 503,
}
"""Kind of an error -> status of the answer; 500 for all others."""

FAILED = "Ocr-Failed"
"""Header with the number of pages that could not be read, where others could."""


@dataclass(frozen=True, slots=True)
class Job:
    """A request for a worker.

    Attributes:
        files: Name and bytes of each file.
        format: Name of the format of the answer.
        query: What else is asked for.
    """

    files: tuple[tuple[str, bytes], ...]
    format: str
    query: Query


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        status: Its status.
        media: Its media type.
        body: Its bytes.
        headers: More headers.
    """

    status: int
    media: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Outcome:
    source: Source
    page: Page | None
    error: OcrError | None


def prepare(settings: Settings) -> Callable[[Job], Reply]:
    """Load the models.

    Raises:
        OcrError: If a model, the device or a setting cannot be used.
    """
    return partial(answer, Reader(settings))


def answer(reader: Reader, job: Job) -> Reply:
    """Read the files of a request; an error becomes the answer."""
    try:
        return _answer(reader, job)
    except OcrError as error:
        return refusal(error)


def refusal(error: OcrError, *others: OcrError) -> Reply:
    """The answer of an error: JSON with its kind and its line, and those of the errors after it."""
    records = [{"kind": one.kind, "message": printable(str(one))} for one in (error, *others)]
    told = {"error": records[0], **({"errors": records} if others else {})}
    return Reply(STATUS.get(error.kind, 500), media_of("json"), f"{json.dumps(told)}\n".encode())


def _answer(reader: Reader, job: Job) -> Reply:
    format = FORMATS[job.format]
    format.check()
    settings = job.query.applied(reader.settings)
    if settings != reader.settings:
        reader = Reader(settings, reader.models)
    outcomes = list(_outcomes(reader, job))
    read = [(outcome.source, outcome.page) for outcome in outcomes if outcome.page]
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if not read:
        return refusal(*errors or [UsageError("no page is asked for; check pages")])
    if format.one_page and len(read) > 1:
        raise UsageError(f"a file of {format.name} holds one page; send one at a time, or ask for one by pages")
    if format.needs_table and not any(page.tables for _, page in read):
        raise NoTableError(f"{read[0][0].name}: {NO_TABLE}")
    body = _written(format, outcomes, job.query)
    return Reply(200, media_of(format.name), body, ((FAILED, str(len(errors))),) if errors else ())


def _outcomes(reader: Reader, job: Job) -> Iterator[_Outcome]:
    selection = parse_pages(job.query.pages) if job.query.pages else ALL
    for name, content in job.files:
        try:
            sources = list(pages_of(name, content, selection))
        except OcrError as error:
            yield _Outcome(Source(name, b""), None, error)
            continue
        for source in sources:
            result = read_one(reader, source)
            for note in getattr(result.error, "__notes__", ()):  # the traceback of a bug
                print(note, file=sys.stderr)  # noqa: T201
            yield _Outcome(source, result.page, result.error)


def _written(format: Format, outcomes: list[_Outcome], query: Query) -> bytes:
    if format.name == "jsonl":
        parts = [
            jsonl.part(Document(outcome.source.name, outcome.page))
            if outcome.page
            else jsonl.failed(outcome.source.name, outcome.error or OcrError("nothing was read"))
            for outcome in outcomes
        ]
        return "".join(parts).encode()
    documents = _documents(format, outcomes, query)
    if format.name == "text" and query.confidence:
        return encoded(_text_with_confidences(documents))
    written = encoded(format.write(documents))
    errors = [(outcome.source.name, outcome.error) for outcome in outcomes if outcome.error]
    if format.name != "json" or not errors:
        return written
    told = [{"image": plain_name(name), "kind": error.kind, "message": str(error)} for name, error in errors]
    return f"{json.dumps({**json.loads(written), 'errors': told}, indent=1)}\n".encode()


def _documents(format: Format, outcomes: list[_Outcome], query: Query) -> Iterator[Document]:
    for outcome in outcomes:
        if outcome.page is None:
            continue
        page = outcome.page
        if format.name in FOR_PEOPLE:
            page = masked(page, query.minimum, query.placeholder)
        yield document(format, outcome.source, page)


def _text_with_confidences(documents: Iterable[Document]) -> str:
    """As `ocr read --confidence`: the confidence of each line, a tab, the line."""
    parts = []
    held = list(documents)
    for number, one in enumerate(held):
        header = f"{chr(10) if number else ''}==> {printable(one.name)} <==\n" if len(held) > 1 else ""
        lines = (f"{line.confidence:.2f}\t{printable(line.text)}\n" for line in one.page.lines)
        parts.append(header + "".join(lines))
    return "".join(parts)
