"""`ocr read`: what goes where, and the exit codes."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, Ocr, bad_inputs, few, one_line, truth
from PIL import Image, ImageFilter

from ocrcli import Settings, read
from ocrcli.binarize.denoise import DENOISERS
from ocrcli.binarize.threshold import METHODS
from ocrcli.core.errors import NothingWrittenError
from ocrcli.core.onnx_model import DEVICES
from ocrcli.evaluation.scoring import score

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.jpg"))


LETTERS_TOUCH = ("letter", "lecture_note")


@pytest.mark.parametrize("name", few(NAMES, "shopping_list", "sticky_note", "letter"))
def test_examples_are_read(name: str) -> None:
    page = read(EXAMPLES / f"{name}.jpg")
    assert score(truth(name), page.text).letter_accuracy >= (0.5 if name in LETTERS_TOUCH else 0.88)


def test_read_prints_text_to_stdout_and_the_confidence_to_stderr(ocr_process: Ocr, example: Path) -> None:
    done = ocr_process("read", example)
    assert done.returncode == 0
    assert done.stdout == read(example).text + "\n"
    assert "confidence" in done.stderr
    assert "cpu" in done.stderr


@pytest.mark.slow
def test_a_doubtful_page_comes_with_advice(ocr: Ocr, example: Path, tmp_path: Path) -> None:
    blurred = tmp_path / "blurred.png"
    with Image.open(EXAMPLES / "lecture_note.jpg") as image:
        image.convert("L").filter(ImageFilter.GaussianBlur(8)).save(blurred)
    assert "unsure" in ocr("read", blurred).stderr
    assert "unsure" not in ocr("read", example).stderr


def test_read_takes_stdin(ocr: Ocr, ocr_process: Ocr, example: Path) -> None:
    assert ocr_process("read", "-", stdin=example.read_bytes()).stdout == ocr("read", example).stdout


def test_confidence_of_each_line_comes_before_a_tab(ocr: Ocr, example: Path) -> None:
    for line in ocr("read", "--confidence", example).stdout.splitlines():
        figure, text = line.split("\t")
        assert 0 <= float(figure) <= 1
        assert text


def test_json_goes_from_page_to_glyphs(ocr: Ocr, example: Path) -> None:
    document = json.loads(ocr("read", "--format", "json", example).stdout)
    (page,) = document["pages"]
    with Image.open(example) as image:
        upright = image.size if image.getexif().get(274, 1) < 5 else image.size[::-1]
    assert (page["width"], page["height"]) == upright
    for line in page["lines"]:
        assert line["text"] == " ".join(word["text"] for word in line["words"])
        for word in line["words"]:
            assert word["text"] == "".join(glyph["text"] for glyph in word["glyphs"])
            for glyph in word["glyphs"]:
                left, top, right, bottom = glyph["box"]
                assert 0 <= left < right <= page["width"]
                assert 0 <= top < bottom <= page["height"]
                assert all(glyph["text"] != other["text"] for other in glyph["alternatives"])


def test_several_images_have_headings(ocr: Ocr, example: Path, note: Path) -> None:
    done = ocr("read", example, note)
    assert done.stdout.count("==> ") == 2
    assert f"==> {note} <==" in done.stdout


def test_one_bad_image_does_not_stop_the_others(ocr_process: Ocr, note: Path, tmp_path: Path) -> None:
    done = ocr_process("read", tmp_path / "missing.jpg", note)
    assert done.returncode == 5
    assert f"==> {note} <==" in done.stdout
    assert "missing.jpg" in done.stderr
    assert "Traceback" not in done.stderr


def test_show_boxes_writes_beside_the_photo_and_says_where(ocr: Ocr, note: Path) -> None:
    done = ocr("read", "--show-boxes", note)
    picture = note.with_name("note.ocr-boxes.png")
    assert str(picture) in done.stderr
    with Image.open(picture) as drawn:
        assert drawn.mode == "RGB"
    assert sorted(p.name for p in note.parent.iterdir()) == ["note.jpg", "note.ocr-boxes.png"]


def test_a_picture_with_boxes_keeps_all_of_the_name_of_the_photo(ocr: Ocr, note: Path) -> None:
    names = "scan.1.page_2", "scan.1.page_3"
    photos = [note.with_name(f"{name}.jpg") for name in names]
    for photo in photos:
        photo.write_bytes(note.read_bytes())
    done = ocr("read", "--show-boxes=file", *photos)
    assert done.returncode == 0, done.stderr
    assert all(note.with_name(f"{name}.ocr-boxes.png").exists() for name in names)


def test_pictures_are_not_overwritten_without_being_asked(ocr: Ocr, note: Path) -> None:
    picture = note.with_name("mine.png")
    picture.write_bytes(b"precious")
    done = ocr("read", "--boxes-out", picture, note)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert picture.read_bytes() == b"precious"
    assert ocr("read", "--boxes-out", picture, "--force", note).returncode == 0
    assert picture.read_bytes() != b"precious"


def test_stages_are_written(ocr: Ocr, note: Path, tmp_path: Path) -> None:
    ocr("read", "--stages", tmp_path / "stages", note)
    names = sorted(path.name.split("-")[1] for path in (tmp_path / "stages").iterdir())
    expected = ["crops", "flat", "grey", "lines", "marks", "mask", "paths", "pieces", "proposals", "rows"]
    assert names == [f"{name}.png" for name in expected]


@pytest.fixture(scope="session")
def small_note() -> np.ndarray:
    with Image.open(EXAMPLES / "shopping_list.jpg") as image:
        return np.asarray(image.convert("L").resize((image.width // 2, image.height // 2)))


@pytest.mark.parametrize("method", few(METHODS, "li", "sauvola"))
def test_every_threshold_reads_the_example(small_note: np.ndarray, method: str) -> None:
    try:
        page = read(small_note, Settings(threshold=method))
    except NothingWrittenError as error:
        assert method == "minimum"  # it needs a histogram with two peaks
        assert "--threshold" in str(error)
        return
    # The triangle's level is near to paper, the minimum's near to the darkest ink: neither suits a shaded note.
    if method not in ("triangle", "minimum"):
        assert score(truth("shopping_list"), page.text).letter_accuracy > 0.9


@pytest.mark.parametrize("method", few(DENOISERS, "median"))
def test_every_denoiser_reads_the_example(small_note: np.ndarray, method: str) -> None:
    page = read(small_note, Settings(denoise=method))
    assert score(truth("shopping_list"), page.text).letter_accuracy > 0.9


def test_threshold_and_denoiser_are_options(ocr: Ocr, example: Path) -> None:
    done = ocr("read", "--threshold", "yen", "--denoise", "none", example)
    assert score(truth(example.stem), done.stdout).letter_accuracy > 0.9


@pytest.mark.parametrize(
    "kind",
    [
        "text.jpg", "empty.jpg", "cut.jpg", "tiny.png", "blank.png", "black.png", "noise.png", "folder", "missing",
        "new\nline\x1b[31m",
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_3(ocr: Ocr, tmp_path: Path, kind: str) -> None:
    path = bad_inputs(tmp_path)[kind]
    done = ocr("read", path)
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert "\x1b" not in done.stderr
    assert not done.stdout


def test_unreadable_file_says_so(ocr: Ocr, note: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    note.chmod(stat.S_IWUSR)
    done = ocr("read", note)
    assert done.returncode == 3
    assert one_line(done.stderr)


@pytest.mark.parametrize("option", ["--threshold", "--denoise", "--device", "--format", "--language"])
def test_unknown_choice_is_a_usage_error(ocr: Ocr, example: Path, option: str) -> None:
    done = ocr("read", option, "nonsense", example)
    assert done.returncode == 2
    assert option in done.stderr
    assert not done.stdout


def test_no_image_is_a_usage_error(ocr: Ocr) -> None:
    assert ocr("read").returncode == 2


def test_missing_provider_says_what_to_install(ocr: Ocr, example: Path) -> None:
    import onnxruntime

    absent = [n for n, p in DEVICES.items() if p and p not in onnxruntime.get_available_providers()]
    if not absent:
        pytest.skip("every provider is here")
    done = ocr("read", "--device", absent[0], example)
    assert done.returncode == 4
    assert one_line(done.stderr)
    assert "install" in done.stderr


def test_a_file_that_is_no_model_is_refused(ocr: Ocr, example: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"not a model")
    done = ocr("read", "--model", model, example)
    assert done.returncode == 4
    assert one_line(done.stderr)
