"""Decodes a HEIC photo or a page of a PDF in a process of its own.

`python decoder.py KIND PAGE LONG_SIDE MEMORY SECONDS`; the file is standard input, which can seek. Page 0 asks how many
pages there are. libheif and PDFium give up by ending their process, and follow a file that asks for all memory or all
time. Here that ends nobody else: this process may take no more than `MEMORY` bytes and `SECONDS` of the processor.

To standard output goes one line, then the pixels: ``MODE WIDTH HEIGHT FULL_WIDTH FULL_HEIGHT``, or ``pages COUNT``, or
what is wrong: ``password``, ``no page COUNT``, ``damaged``, ``memory``. It imports no numpy: it starts in 0.1 s.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from PIL import Image


def bound(memory: int, seconds: int) -> None:
    """Let this process have no more bytes of data and seconds of the processor, where the system can see to that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # RLIMIT_DATA counts what is written to; macOS minds neither, but the other one by name alone.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def answer(kind: str, page: int, long_side: int, stream: BinaryIO) -> tuple[str, bytes]:
    """The line and the pixels for one file.

    Args:
        kind: ``HEIC`` or ``PDF``.
        page: Number of the page, from 1; 0 to count them.
        long_side: The wanted length of the longer side in pixels.
        stream: The file; must be able to seek.
    """
    try:
        return (_of_pdf if kind == "PDF" else _of_heic)(stream, page, long_side)
    except MemoryError:
        return "memory", b""
    except Exception as error:  # the libraries' errors share no base class; all of them mean the same
        return "password" if "password" in str(error).lower() else "damaged", b""


def _of_heic(stream: BinaryIO, _page: int, long_side: int) -> tuple[str, bytes]:
    from pi_heif import HeifImageFile

    # Its plugin is asked directly; libheif turns the photo upright as it decodes.
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
    """Decode what the arguments name."""
    kind, page, long_side, memory, seconds = sys.argv[1:]
    bound(int(memory), int(seconds))
    with os.fdopen(0, "rb") as stream, os.fdopen(1, "wb") as out:
        line, pixels = answer(kind, int(page), int(long_side), stream)
        out.write(line.encode() + b"\n" + pixels)
        out.flush()
        os._exit(0)  # what a damaged file left behind is not taken apart: that, too, can fail


if __name__ == "__main__":
    main()
