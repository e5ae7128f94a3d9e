"""Feeds mutated bytes to what reads files from outside; run by hand, with ``pip install atheris``.

python tests/fuzz.py photo -max_total_time=300 CORPUS

The targets are the keys of `TARGETS`. CORPUS, a folder, is filled with small files of every format if it is empty,
and keeps what atheris finds. Anything but an `OcrError` of one line is a finding: it belongs among the tests.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ocrcli", "PIL", "pypdfium2", "pi_heif"]):
    for plugin in ("Bmp", "Gif", "Jpeg", "Pdf", "Png", "Ppm", "Tiff", "WebP"):  # else imported later, and not seen
        importlib.import_module(f"PIL.{plugin}ImagePlugin")
    import pi_heif  # noqa: F401
    import pypdfium2  # noqa: F401
    from pictures import FORMATS, encoded, picture
    from PIL import Image

    from ocrcli.errors import OcrError
    from ocrcli.evaluation import read_truth
    from ocrcli.scoring import confusions, diff_lines, score
    from ocrcli.sources import expand, load_colour, load_photo
    from ocrcli.sources.selection import parse_pages


def photo(data: bytes) -> None:
    """Bytes of image files: each page is loaded or refused."""
    for page in (1, 2):
        load_photo(data, 60, page=page)
    load_colour(data, 60)


def pages(data: bytes) -> None:
    """Counting the pages of a file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        for source in list(zip(range(5), expand([file.name]), strict=False)):
            with contextlib.suppress(OcrError):
                source[1].load(60)


def truth(data: bytes) -> None:
    """Ground truth, compared with other text."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        text = read_truth(Path(file.name))
    other = text[::2] + "abc\n"
    score(text, other)
    confusions(text, other, spaces=len(text) % 2 == 0)
    diff_lines(text[:200], other[:200])


def selection(data: bytes) -> None:
    """``--pages``."""
    found, _ = parse_pages(data.decode("utf-8", "replace")).of(20)
    assert all(1 <= page <= 20 for page in found)


TARGETS: dict[str, Callable[[bytes], None]] = {"photo": photo, "pages": pages, "truth": truth, "selection": selection}


def fill(folder: Path) -> None:
    """Small files of every format, to start from."""
    heic = Path(__file__).parent / "data" / "note.heic"
    image = Image.fromarray(picture()).convert("P")
    for file_format in (*FORMATS, "PDF"):
        (folder / file_format).write_bytes(encoded(Image.fromarray(picture()), file_format))
    for file_format in ("TIFF", "GIF", "PDF", "PNG", "WEBP"):
        (folder / f"{file_format}.pages").write_bytes(encoded(image, file_format, save_all=True, append_images=[image]))
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits", "group4"):
        one = Image.fromarray(picture()).convert("1" if compression == "group4" else "L")
        (folder / compression).write_bytes(encoded(one, "TIFF", compression=compression))
    (folder / "HEIC").write_bytes(heic.read_bytes())


def main() -> None:
    """Run the target that is named first; the other arguments are atheris'."""
    run = TARGETS[sys.argv.pop(1)]
    corpus = Path(sys.argv[-1])
    if run in (photo, pages) and corpus.is_dir() and not any(corpus.iterdir()):
        fill(corpus)

    def once(data: bytes) -> None:
        try:
            run(data)
        except OcrError as error:
            assert str(error).isprintable()

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
