"""What reads files from outside, as functions of bytes; small files to start from; and a way to damage them.

Anything but an `OcrError` of one line is a finding, and so is more than 1 GB or 20 seconds.
"""

from __future__ import annotations

import io
import json
import random
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pages as drawn_pages
from drawn import photo as drawn_photo
from drawn import written
from pictures import FORMATS, HEIC, encoded, picture
from PIL import Image

from ocrcli.cli.support import preferences
from ocrcli.core.errors import OcrError
from ocrcli.evaluation.ground_truth import listed_in, read_truth
from ocrcli.evaluation.scoring import confusions, diff_lines, score
from ocrcli.formats.json import from_json, to_json
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import expand, load_colour, load_photo
from ocrcli.sources.decoding import decoder
from ocrcli.sources.selection import parse_pages


def photo(data: bytes) -> None:
    """Bytes of image files: each page is loaded or refused."""
    for page in (1, 2):
        with suppress(OcrError):
            load_photo(data, 60, page=page)
    load_colour(data, 60)


def pages(data: bytes) -> None:
    """Counting the pages of a file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        for source in list(zip(range(5), expand([file.name]), strict=False)):
            with suppress(OcrError):
                source[1].load(60)


def heic(data: bytes) -> None:
    """What the process that decodes HEIC does, in this one: nothing may be raised."""
    decoder.answer("HEIC", 1, 60, io.BytesIO(data))


def pdf(data: bytes) -> None:
    """What the process that draws PDF pages does, in this one."""
    for page in (0, 1, 2):
        decoder.answer("PDF", page, 60, io.BytesIO(data))


def reading(data: bytes) -> None:
    """The whole way of a photo."""
    _reader().read(data)


def truth(data: bytes) -> None:
    """Ground truth, compared with other text."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        path = Path(file.name)
        listed_in(path, path.parent)
        text = read_truth(path)
    other = text[::2] + "abc\n"
    score(text, other)
    confusions(text, other, spaces=len(text) % 2 == 0)
    diff_lines(text[:200], other[:200])


def settings(data: bytes) -> None:
    """An `ocr.toml`."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        preferences.read_file(Path(file.name))


def document(data: bytes) -> None:
    """JSON of read pages."""
    from_json(data)


def selection(data: bytes) -> None:
    """``--pages``."""
    found, _ = parse_pages(data.decode("utf-8", "replace")).of(20)
    assert all(1 <= page <= 20 for page in found)


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (photo, pages, heic, pdf, reading, truth, settings, document, selection)
}


@cache
def _reader() -> Reader:
    return Reader()


@cache
def seeds(target: str) -> list[bytes]:
    """Small intact files for a target, of every format that it takes."""
    if target == "heic":
        return [HEIC.read_bytes()]
    if target == "reading":
        image = Image.fromarray(drawn_photo(written())).reduce(2)
        return [encoded(image, file_format) for file_format in FORMATS]
    if target == "pdf":
        return [encoded(Image.fromarray(picture()), "PDF"), *_paged("PDF")]
    if target in ("photo", "pages"):
        one = [encoded(Image.fromarray(picture()), file_format) for file_format in FORMATS]
        several = [data for file_format in ("TIFF", "GIF", "PNG", "WEBP") for data in _paged(file_format)]
        return [*one, *several, *_compressed(), encoded(Image.fromarray(picture()), "JPEG", progressive=True)]
    if target == "document":
        return [to_json([drawn_pages.document()]).encode()]
    texts = {"truth": "MILK\nTEA\tb.jpg\nb.jpg\tTEA\n", "settings": "threshold = 'li'\n[read]\njobs = 2\n"}
    return [texts.get(target, "1-3,7").encode(), json.dumps([1, 2]).encode()]


def _paged(file_format: str) -> list[bytes]:
    image = Image.fromarray(picture()).convert("P")
    return [encoded(image, file_format, save_all=True, append_images=[image])]


def _compressed() -> list[bytes]:
    found = []
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits", "group4"):
        one = Image.fromarray(picture()).convert("1" if compression == "group4" else "L")
        found.append(encoded(one, "TIFF", compression=compression))
    return found


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Change, repeat, take out or cut off a few bytes; high and low values come more often than by chance."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, size = chance.randrange(len(found) + 1), chance.choice((1, 1, 2, 4, 4, 16))
        kind = chance.randrange(6)
        if kind == 0:
            found[at : at + size] = chance.randbytes(size)
        elif kind == 1:
            found[at : at + size] = chance.choice((b"\xff", b"\0", b"\x7f")) * size
        elif kind == 2:
            found[at:at] = found[at : at + size * 8]
        elif kind == 3:
            del found[at : at + size]
        elif kind == 4 and found:
            found[min(at, len(found) - 1)] ^= 1 << chance.randrange(8)
        elif chance.random() < 0.2:
            del found[at:]
    return bytes(found)
