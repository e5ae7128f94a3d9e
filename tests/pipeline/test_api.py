"""The Python API: what it takes, what it gives, and that it keeps to itself."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, Ocr
from drawn import photo, written
from PIL import Image

import ocrcli
from ocrcli import InputError, Page, Reader

EXAMPLE = EXAMPLES / "shopping_list.jpg"


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return photo(written())


def png(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.slow
def test_everything_that_is_a_picture_is_read_alike(reader: Reader, tmp_path: Path) -> None:
    drawn = photo(written(["LAZY DOG 42"], (110, 330)))
    data = png(drawn)
    path = tmp_path / "note.png"
    path.write_bytes(data)
    (source,) = ocrcli.expand([path])
    expected = ocrcli.read(path)
    assert expected.text.endswith("DOG 42")
    colour = np.dstack([drawn] * 3)
    for picture in (
        str(path), data, io.BytesIO(data), drawn, colour, drawn / 255, Image.fromarray(drawn),
        Image.fromarray(colour), Image.open(path), source,
    ):  # fmt: skip
        assert reader.read(picture) == expected


def test_the_api_agrees_with_the_command(ocr: Ocr) -> None:
    page = ocrcli.read(EXAMPLE)
    document = json.loads(ocr("read", "--format", "json", EXAMPLE).stdout)["pages"][0]
    assert {**document, **page.to_dict()} == document
    assert page.text == document["text"]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ocrcli.read(EXAMPLE).render()
        ocrcli.evaluate(EXAMPLE)
        with pytest.raises(InputError):
            ocrcli.read(b"no image")
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_threads_do_not_disturb_each_other(reader: Reader) -> None:
    """All kinds of input at once, with one reader, give what each gives alone."""
    first, second = (photo(written([row], (110, 330))) for row in ("THE QUICK", "FOX jumps"))
    stream = io.BytesIO()
    Image.fromarray(first).save(stream, "PDF", save_all=True, append_images=[Image.fromarray(second)])
    pages = [ocrcli.Source("pdf", stream.getvalue(), n) for n in (1, 2)]
    kinds = [second, png(first), *pages]
    alone = [reader.read(picture) for picture in kinds]
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(reader.read, kinds * 2)) == alone * 2
        assert list(pool.map(ocrcli.read, kinds[:2])) == alone[:2]
    assert warnings.filters == before


def test_reading_leaves_no_trace_in_libraries(reader: Reader) -> None:
    state = (Image.MAX_IMAGE_PIXELS, list(warnings.filters), np.geterr())
    reader.read(EXAMPLE)
    assert (Image.MAX_IMAGE_PIXELS, list(warnings.filters), np.geterr()) == state


# --- A page shows itself -------------------------------------------------------------------------


def differs(drawing: Image.Image, picture: np.ndarray) -> np.ndarray:
    """Where boxes and letters were drawn."""
    plain = np.asarray(Image.fromarray(picture).convert("RGB").resize(drawing.size)).astype(int)
    return np.abs(np.asarray(drawing) - plain).max(axis=2) > 30


def test_a_page_draws_itself_over_its_photo(reader: Reader, drawn: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    Image.fromarray(drawn).save(path)
    for picture in (path, path.read_bytes(), drawn, Image.fromarray(drawn)):
        page = reader.read(picture)
        drawing = page.render()
        assert (drawing.mode, drawing.size) == ("RGB", (480, 320))
        marked = differs(drawing, drawn)
        edges = [
            marked[glyph.box.top : glyph.box.bottom, max(glyph.box.left - 1, 0) : glyph.box.left + 2].any(axis=1).mean()
            for glyph in page.glyphs
        ]
        assert np.mean(np.array(edges) > 0.3) > 0.8  # a neighbour's label may lie over a letter's edge
    path.unlink()
    assert reader.read(drawn).render(drawn).tobytes() == page.render(drawn).tobytes()


def test_a_drawing_is_as_large_as_asked_for(drawn: np.ndarray) -> None:
    large = np.kron(drawn, np.ones((5, 5), np.uint8))
    page = ocrcli.read(png(large))
    assert page.render(long_side=600).size == (600, 400)
    assert page.render(long_side=9000).size == (2400, 1600)


def test_a_notebook_shows_the_picture(drawn: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "note.png"
    Image.fromarray(drawn).save(path)
    page = ocrcli.read(path)
    shown = page._repr_png_()
    assert shown is not None
    assert Image.open(io.BytesIO(shown)).size == (480, 320)
    path.unlink()  # then it is shown as any other object
    assert page._repr_png_() is None
    assert Page((), 10, 10)._repr_png_() is None


def test_a_page_without_a_photo_says_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"page\.render\(image\)"):
        Page((), 10, 10).render()


def test_a_turned_page_is_drawn_turned(drawn: np.ndarray) -> None:
    page = ocrcli.read(drawn)
    sideways = Page(page.lines, page.width, page.height, turned=90)  # as if it had been turned clockwise to be read
    assert sideways.render(np.rot90(drawn)).tobytes() == page.render(drawn).tobytes()


def test_what_is_done_to_an_array_later_does_not_show(drawn: np.ndarray) -> None:
    picture = drawn.copy()
    page = ocrcli.read(picture)
    before = page.render().tobytes()
    picture[:] = 0
    assert page.render().tobytes() == before


def test_where_a_page_is_from_is_no_part_of_what_was_read(reader: Reader, drawn: np.ndarray) -> None:
    page = reader.read(drawn)
    assert page == reader.read(png(drawn)) == pickle.loads(pickle.dumps(page))
    assert hash(page) == hash(reader.read(png(drawn)))
    assert "source" not in repr(page)
    assert "source" not in page.to_dict()


# --- The package ---------------------------------------------------------------------------------


def test_every_public_name_is_there() -> None:
    for name in ocrcli.__all__:
        assert getattr(ocrcli, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        ocrcli.nonsense  # noqa: B018


def test_the_package_is_typed() -> None:
    assert (files("ocrcli") / "py.typed").is_file()


def test_importing_is_light() -> None:
    program = (
        "import sys, ocrcli\n"
        "heavy = {'numpy', 'PIL', 'onnxruntime', 'skimage', 'rapidfuzz', 'typer', 'rich', 'importlib.metadata'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


@pytest.mark.parametrize(
    "wrong", [{"threshold": "best"}, {"denoise": "best"}, {"recognizer": "best"}, {"orientation": "best"}]
)
def test_a_reader_tells_of_settings_that_name_nothing_before_it_reads(wrong: dict[str, str]) -> None:
    with pytest.raises(ocrcli.OcrError, match="best"):
        Reader(ocrcli.Settings(**wrong))


def test_readers_can_be_made_by_several_threads() -> None:
    """A redirected stdout would stay so if another thread redirected it at the same time."""
    before = sys.stdout
    with ThreadPoolExecutor(4) as pool:
        readers = list(pool.map(lambda _: Reader(), range(8)))
    assert sys.stdout is before
    assert len({reader.device for reader in readers}) == 1


@pytest.mark.parametrize("edge", [232, 238])
def test_half_a_row_below_the_others_is_not_read_but_told(reader: Reader, edge: int) -> None:
    ink = written(["the lazy dog 42", "jumps over the fox", "and runs home again"], (320, 560))
    assert reader.read(photo(ink)).text.count("\n") == 2
    page = reader.read(np.pad(photo(ink[:edge]), ((0, 40), (0, 0)), constant_values=235))
    assert page.text == "the lazy dog 42\njumps over the fox"
    assert len(page.unread) == 1
