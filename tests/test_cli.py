"""The command through its real entry point: what goes where, and the exit codes."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, Ocr
from PIL import Image

from ocrcli import Page, Settings, read
from ocrcli.classifier import DEVICES
from ocrcli.clean import DENOISERS
from ocrcli.errors import NothingWrittenError
from ocrcli.scoring import score
from ocrcli.threshold import METHODS

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.jpg"))


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


def truth(name: str) -> str:
    return (EXAMPLES / f"{name}.gt.txt").read_text(encoding="utf-8")


@pytest.fixture
def note(tmp_path: Path, example: Path) -> Path:
    return Path(shutil.copy(example, tmp_path / "note.jpg"))


def test_console_script_and_module_are_the_same_command(ocr: Ocr) -> None:
    script = Path(sys.executable).with_name("ocr")
    if not script.exists():
        pytest.skip("the package is not installed here, so there is no console script")
    by_script = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    assert by_script.stdout == ocr("--help").stdout


def test_help_names_every_command(ocr: Ocr) -> None:
    done = ocr("--help")
    assert done.returncode == 0
    assert {"read", "eval", "thresholds"} <= set(done.stdout.split())


def test_version(ocr: Ocr) -> None:
    assert ocr("--version").stdout.startswith("ocr ")


LETTERS_TOUCH = ("letter", "lecture_note")


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_read(name: str) -> None:
    page = read(EXAMPLES / f"{name}.jpg")
    assert score(truth(name), page.text).letter_accuracy >= (0.5 if name in LETTERS_TOUCH else 0.88)


def test_read_prints_text_to_stdout_and_the_confidence_to_stderr(ocr: Ocr, example: Path) -> None:
    done = ocr("read", example)
    assert done.returncode == 0
    assert done.stdout == read(example).text + "\n"
    assert "confidence" in done.stderr
    assert "cpu" in done.stderr


def test_a_doubtful_page_comes_with_advice(ocr: Ocr, example: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.png"
    with Image.open(example) as image:
        image.convert("L").rotate(90, expand=True).save(turned)
    assert "upright" in ocr("read", turned).stderr
    assert "upright" not in ocr("read", example).stderr


def test_read_takes_stdin(ocr: Ocr, example: Path) -> None:
    assert ocr("read", "-", stdin=example.read_bytes()).stdout == ocr("read", example).stdout


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


def test_one_bad_image_does_not_stop_the_others(ocr: Ocr, note: Path, tmp_path: Path) -> None:
    done = ocr("read", tmp_path / "missing.jpg", note)
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
    assert names == ["crops.png", "flat.png", "grey.png", "marks.png", "mask.png", "pieces.png", "rows.png"]


@pytest.fixture(scope="session")
def small_note() -> np.ndarray:
    with Image.open(EXAMPLES / "shopping_list.jpg") as image:
        return np.asarray(image.convert("L").resize((image.width // 2, image.height // 2)))


@pytest.mark.parametrize("method", METHODS)
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


@pytest.mark.parametrize("method", DENOISERS)
def test_every_denoiser_reads_the_example(small_note: np.ndarray, method: str) -> None:
    page = read(small_note, Settings(denoise=method))
    assert score(truth("shopping_list"), page.text).letter_accuracy > 0.9


def test_threshold_and_denoiser_are_options(ocr: Ocr, example: Path) -> None:
    done = ocr("read", "--threshold", "yen", "--denoise", "none", example)
    assert score(truth(example.stem), done.stdout).letter_accuracy > 0.9


def test_thresholds_draws_a_chart_and_lists_every_method(ocr: Ocr, note: Path) -> None:
    done = ocr("thresholds", note)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(METHODS)
    assert note.with_name("note.ocr-thresholds.png").exists()


def bad_inputs(folder: Path) -> dict[str, Path]:
    files = {name: folder / name for name in ("text.jpg", "empty.jpg", "cut.jpg", "tiny.png", "blank.png", "black.png")}
    files["text.jpg"].write_text("milk, bread, tea\n")
    files["empty.jpg"].touch()
    whole = (EXAMPLES / "shopping_list.jpg").read_bytes()
    files["cut.jpg"].write_bytes(whole[: len(whole) // 2])
    Image.new("L", (1, 1)).save(files["tiny.png"])
    Image.new("L", (600, 400), 240).save(files["blank.png"])
    Image.new("L", (600, 400), 0).save(files["black.png"])
    rng = np.random.default_rng(1)
    files["noise.png"] = folder / "noise.png"
    Image.fromarray(rng.normal(200, 4, (400, 600)).astype(np.uint8)).save(files["noise.png"])
    files["folder"] = folder
    files["missing"] = folder / "missing.jpg"
    files["new\nline\x1b[31m"] = folder / "new\nline\x1b[31m.jpg"
    return files


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


def test_thresholds_of_a_blank_page_says_that_none_can_decide(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("thresholds", bad_inputs(tmp_path)["blank.png"])
    assert done.returncode == 0
    assert done.stdout.count("cannot tell") == len(METHODS)


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


def test_eval_of_a_folder(ocr: Ocr) -> None:
    done = ocr("eval", "--json", EXAMPLES)
    document = json.loads(done.stdout)
    assert [Path(f["image"]).stem for f in document["files"]] == NAMES
    assert 0.8 < document["pooled"]["letter_accuracy"] <= 1


def test_eval_of_one_image_agrees_with_scoring(ocr: Ocr, example: Path) -> None:
    done = ocr("eval", "--json", example, "--ground-truth", example.with_suffix(".gt.txt"))
    (measured,) = json.loads(done.stdout)["files"]
    assert measured["cer"] == pytest.approx(score(truth(example.stem), read(example).text).cer)


def test_eval_bound_exits_6_after_printing(ocr: Ocr, note: Path) -> None:
    note.with_suffix(".gt.txt").write_text("SOMETHING ELSE\n")
    done = ocr("eval", "--max-cer", "0.01", note)
    assert done.returncode == 6
    assert "note.jpg" in done.stdout


def test_eval_without_ground_truth_says_what_to_do(ocr: Ocr, note: Path) -> None:
    done = ocr("eval", note)
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert ".gt.txt" in done.stderr


def test_python_api_takes_arrays(example: Path) -> None:
    with Image.open(example) as image:
        page = read(np.asarray(image.convert("RGB")))
    assert isinstance(page, Page)
    assert score(truth(example.stem), page.text).letter_accuracy > 0.8


def test_a_closed_pipe_is_no_traceback(example: Path) -> None:
    reader = subprocess.Popen(
        [sys.executable, "-m", "ocrcli", "read", str(example)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reader.stdout is not None
    assert reader.stderr is not None
    reader.stdout.close()
    assert b"Traceback" not in reader.stderr.read()
    reader.wait()
