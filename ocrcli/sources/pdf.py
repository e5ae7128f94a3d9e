"""PDF pages as pictures, through pypdfium2 (the extra `pdf`)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from PIL import Image

from ocrcli.errors import InputError
from ocrcli.extras import import_extra

_LOCK = threading.Lock()
"""PDFium must not be called from two threads at once."""


def count_pages(stream: BinaryIO, name: str) -> int:
    """How many pages a PDF has.

    Args:
        stream: The file; must be able to seek.
        name: What to call it in messages.

    Raises:
        InputError: If it is damaged, or protected by a password.
        MissingExtraError: If pypdfium2 is not installed.
    """
    with _document(stream, name) as document:
        return len(document)


def render_page(stream: BinaryIO, page: int, long_side: int, name: str) -> Image.Image:
    """Draw a page on white, `long_side` pixels along its longer side, whatever its size on paper.

    Args:
        stream: The file; must be able to seek.
        page: Number of the page, from 1.
        long_side: In pixels.
        name: What to call it in messages.

    Returns:
        An RGB image.

    Raises:
        InputError: As in `count_pages`, or if there is no such page.
        MissingExtraError: If pypdfium2 is not installed.
    """
    with _document(stream, name) as document:
        if page > len(document):
            raise InputError(f"{name}: there is no page {page}; the last one is {len(document)}")
        sheet = document[page - 1]
        try:
            scale = long_side / max(*sheet.get_size(), 1)
            image: Image.Image = sheet.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
        finally:
            sheet.close()
    return image


@contextmanager
def _document(stream: BinaryIO, name: str) -> Iterator[Any]:
    pdfium = import_extra("pypdfium2", "pdf", f"{name}: to read PDF pages")
    with _LOCK:
        try:
            document = pdfium.PdfDocument(stream)
            try:
                yield document
            finally:
                document.close()
        except pdfium.PdfiumError as error:
            if "password" in str(error).lower():
                advice = "is protected by a password; save it without one"
            else:
                advice = "the PDF data is incomplete (truncated) or damaged; copy or send it again"
            raise InputError(f"{name}: {advice}") from error
