"""Program that decodes a HEIC photo or a page of a PDF, run as a separate process.

Usage: `python decoder.py KIND PAGE LONG_SIDE MEMORY SECONDS`, with the file as a seekable standard input. Page 0 asks
for the number of pages. libheif and PDFium may abort their process on a damaged file, and a file can make them use all
memory or time. In a separate process this harms nothing else: it may use at most `MEMORY` bytes and `SECONDS` seconds
of processor time.

It prints one line, then the pixels: ``MODE WIDTH HEIGHT FULL_WIDTH FULL_HEIGHT``, or ``pages COUNT``, or an error:
``password``, ``no page COUNT``, ``damaged``, ``memory``. It does not import numpy, so that it starts in 0.1 s.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from PIL import Image


def bound(memory: int, seconds: int) -> None:
    """Limit the memory, in bytes, and the processor time of this process, where the system supports it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # RLIMIT_DATA counts memory that is really used, unlike RLIMIT_AS; macOS enforces neither.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def answer(kind: str, page: int, long_side: int, stream: BinaryIO) -> tuple[str, bytes]:
    """Decode one file.

    Args:
        kind: ``HEIC`` or ``PDF``.
        page: Number of the page, from 1; 0 to count the pages.
        long_side: Wanted longer side in pixels.
        stream: The file, seekable.

    Returns:
        The line to print, and the bytes of the pixels.
    """
    try:
        return (_of_pdf if kind == "PDF" else _of_heic)(stream, page, long_side)
    except MemoryError:
        return "memory", b""
    except Exception as error:  # the libraries' errors have no common base class, and all mean a damaged file
        return "password" if "password" in str(error).lower() else "damaged", b""


def _of_heic(stream: BinaryIO, _page: int, long_side: int) -> tuple[str, bytes]:
    from pi_heif import HeifImageFile

    # Use the plugin directly, without Image.open; libheif turns the photo upright while decoding.
    image: Image.Image = HeifImageFile(stream, "")
    image.load()
    return _picture(image, image.size, long_side)


def _of_pdf(stream: BinaryIO, page: int, long_side: int) -> tuple[str, bytes]:
    import pypdfium2

    document = pypdfium2.PdfDocument(stream)
    if page == 0:
        return f"pages {len(document)}", b""
    if page > len(document):
        return f"no page {len(document)}", b""
    sheet = document[page - 1]
    scale = long_side / max(*sheet.get_size(), 1)
    drawn: Any = sheet.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    return _picture(drawn, drawn.size, long_side)


def _picture(image: Image.Image, full: tuple[int, int], long_side: int) -> tuple[str, bytes]:
    from ocrcli.core.shrink import shrunk

    small = shrunk(image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGB"), long_side)
    return f"{small.mode} {small.width} {small.height} {full[0]} {full[1]}", small.tobytes()


def main() -> None:
    """Decode the file on standard input, as the arguments say."""
    kind, page, long_side, memory, seconds = sys.argv[1:]
    bound(int(memory), int(seconds))
    with os.fdopen(0, "rb") as stream, os.fdopen(1, "wb") as out:
        line, pixels = answer(kind, int(page), int(long_side), stream)
        out.write(line.encode() + b"\n" + pixels)
        out.flush()
        os._exit(0)  # skip the cleanup of the libraries: after a damaged file it can crash


if __name__ == "__main__":
    main()
