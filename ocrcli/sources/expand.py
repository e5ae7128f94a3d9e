"""Expansion of input arguments to pages."""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ocrcli.core.errors import InputError, OcrError, UsageError
from ocrcli.core.printable import printable
from ocrcli.sources import folders
from ocrcli.sources.decoding.limits import MAX_PAGES
from ocrcli.sources.selection import ALL, Selection, parse_pages
from ocrcli.sources.source import Source

STDIN = "-"

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://")


def expand(
    arguments: Iterable[str | Path], *, recursive: bool = False, pages: str | Selection = ALL
) -> Iterator[Source]:
    """Expand arguments to pages, in their order.

    An argument is a file; a folder, whose photos are sorted by name; a pattern such as ``notes/*.jpg`` that the shell
    did not expand; an ``http://`` or ``https://`` address; ``clipboard:``; or ``-``, standard input. Each page of a PDF
    or TIFF is one source, named ``scan.pdf#1``, ``scan.pdf#2`` and so on. Of an animation the first frame is read.

    Nothing is decoded here. A file is opened only to count its pages, when the iterator reaches it. Addresses, the
    clipboard and standard input are read at that time, and their `Source` holds the bytes.

    Args:
        arguments: What to read. A `Path` is always a file or folder. A leading ``~`` is not expanded.
        recursive: Whether to search subfolders, too.
        pages: Pages of PDF and TIFF files, as ``1-3,7`` or a `Selection`; other formats are read in any case.

    Yields:
        One `Source` for each page. An argument or page with an error gives a `Source` with that `error`, which is
        raised when it is loaded; so the others can still be read.

    Raises:
        UsageError: At once, if `pages` is not valid or standard input is named twice.

    Examples:
        >>> [source.name for source in expand(["notes/", "scan.pdf"], pages="1-2")]  # doctest: +SKIP
        ['notes/a.jpg', 'notes/b.jpg', 'scan.pdf#1', 'scan.pdf#2']
    """
    named = list(arguments)
    if sum(argument == STDIN for argument in named) > 1:
        raise UsageError("stdin (-) can be read only once")
    selection = parse_pages(pages) if isinstance(pages, str) else pages
    return _expand(named, recursive, selection)


def _expand(arguments: list[str | Path], recursive: bool, selection: Selection) -> Iterator[Source]:
    for argument in arguments:
        try:
            if isinstance(argument, str) and (special := _special(argument)):
                yield from special(selection)
            else:
                yield from _from_path(argument, recursive, selection)
        except OcrError as error:
            yield Source(str(argument), b"", error=error)


def _special(argument: str) -> Callable[[Selection], Iterator[Source]] | None:
    """The function that reads an argument that is not a path; None for a path."""
    from ocrcli.sources import clipboard

    if argument == STDIN:
        return lambda selection: pages_of("stdin", _standard_input(), selection)
    if argument == clipboard.NAME:
        return _from_clipboard
    if match := _ADDRESS.match(argument):
        return lambda selection: _from_address(argument, match["scheme"].lower(), selection)
    return None


def _standard_input() -> bytes:
    from ocrcli.sources.decoding.kinds import read_all

    return read_all(sys.stdin.buffer, "stdin")


def _from_address(url: str, scheme: str, selection: Selection) -> Iterator[Source]:
    from ocrcli.sources import web

    if scheme not in web.SCHEMES:
        raise InputError(f"{printable(url)}: only http:// and https:// addresses are read; give the path of a file")
    yield from pages_of(url, web.fetch(url), selection)


def _from_clipboard(selection: Selection) -> Iterator[Source]:
    from ocrcli.sources import clipboard

    held = clipboard.paste()
    if isinstance(held, bytes):
        yield from pages_of("clipboard", held, selection)
        return
    yield from _expand(list(held), False, selection)


def _from_path(argument: str | Path, recursive: bool, selection: Selection) -> Iterator[Source]:
    text, path = str(argument), Path(argument)
    if not text:  # an empty shell variable gives this; as a path it would mean the current folder
        raise InputError("the name is empty; name a photo, or . for the current folder")
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        if folders.has_wildcards(text):
            yield from _from_pattern(text, recursive, selection)
            return
        mode = stat.S_IFREG  # opening it reports what is wrong
    if stat.S_ISDIR(mode):
        yield from _from_folder(path, recursive, selection)
    elif stat.S_ISREG(mode):
        yield from pages_of(text, text, selection)
    else:  # a pipe can be read only once
        from ocrcli.sources.decoding.kinds import read_all

        yield from pages_of(text, read_all(path, text), selection)


def _from_pattern(pattern: str, recursive: bool, selection: Selection) -> Iterator[Source]:
    found = folders.matching(pattern)
    if not found:
        raise InputError(f"{printable(pattern)}: no file matches; check the pattern")
    yield from _expand(list(found), recursive, selection)


def _from_folder(folder: Path, recursive: bool, selection: Selection) -> Iterator[Source]:
    unlisted: list[OSError] = []
    empty = True
    for path in folders.photos_in(folder, recursive, unlisted.append):
        empty = False
        yield from _expand([path], False, selection)
    for error in unlisted:
        name = str(error.filename)
        reason = InputError(f"{printable(name)}: cannot list the folder ({error.strerror}); make it readable for you")
        yield Source(name, b"", error=reason)
    if empty and not unlisted:
        advice = "name the photos" if recursive else "--recursive looks into the folders in it"
        raise InputError(f"{printable(str(folder))}: no photo in this folder; {advice}")


def pages_of(name: str, origin: str | bytes, selection: Selection = ALL) -> Iterator[Source]:
    """The pages of one file.

    Args:
        name: Name of the file for messages and results.
        origin: Its path, or its bytes.
        selection: Which pages of a PDF or TIFF.

    Yields:
        One `Source` for each selected page, and one with an error for each page that does not exist.

    Raises:
        InputError: If the file does not exist, is not a readable image, or has too many pages.
        MissingExtraError: If its format needs a package that is not installed.
    """
    from ocrcli.sources.decoding.decode import count_pages
    from ocrcli.sources.decoding.kinds import PAGED, open_readable

    kind, stream = open_readable(origin, name)
    with stream:
        count, animated = count_pages(kind, stream, printable(name))
    numbers, missing = selection.of(count) if kind in PAGED else ([1], [])
    if len(numbers) > MAX_PAGES:
        advice = f"{count} pages; read them in parts, as with --pages 1-{MAX_PAGES}"
        raise InputError(f"{printable(name)}: {advice}")
    note = "an animation; only its first frame is read" if animated else ""
    for number in numbers:
        if count == 1:
            yield Source(name, origin, note=note)
        else:
            yield Source(f"{name}#{number}", origin, number)
    for number in missing:
        last = "has one page" if count == 1 else f"has {count} pages"
        error = InputError(f"{printable(name)}: {last}, no page {number}; check --pages")
        yield Source(f"{name}#{number}", b"", number, error=error)
