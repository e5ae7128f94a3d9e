"""What people type without having read anything does the sensible thing, or says in one line what would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import EXAMPLES, Ocr, one_line

import ocrcli
from ocrcli.cli import usage
from ocrcli.cli.app import COMMANDS, load
from ocrcli.core.errors import UsageError
from ocrcli.evaluation.ground_truth import Pair, find_pairs, listed_in

NOTE = EXAMPLES / "shopping_list.jpg"


def test_a_piped_photo_is_read_without_a_dash(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("read", "--threshold", "yen", "--show-boxes", stdin=NOTE.read_bytes(), cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("SHOPPING")
    assert (tmp_path / "stdin.ocr-boxes.png").exists()


def test_a_value_may_stand_behind_show_boxes(ocr: Ocr, tmp_path: Path) -> None:
    (tmp_path / "note.png").write_bytes(NOTE.read_bytes())
    assert ocr("read", "--show-boxes", "none", "note.png", cwd=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["note.png"]
    assert ocr("read", "--show-boxes", "file", "note.png", cwd=tmp_path).returncode == 0
    (tmp_path / "file").write_bytes(NOTE.read_bytes())
    both = ocr("read", "note.png", "--show-boxes", "file", "--force", cwd=tmp_path)
    assert "==> file <==" in both.stdout


@pytest.mark.parametrize("arguments", [("read",), ("read", "--threshold", "yen", "--show-boxes")])
def test_no_photo_at_all_is_one_line_with_an_example(ocr: Ocr, arguments: tuple[str, ...]) -> None:
    done = ocr(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("ocr: name a photo, as in: ocr read note.jpg; or pipe one in: cat note.jpg | ocr read\n")


@pytest.mark.parametrize("word", ["note.jpg", "-", "https://example.org/a", "scan.PDF"])
def test_a_photo_in_place_of_a_command(ocr: Ocr, word: str, tmp_path: Path) -> None:
    done = ocr(word, cwd=tmp_path)
    assert done.returncode == 2
    assert one_line(done.stderr)
    if word != "-":
        assert done.stderr == f"ocr: no such command '{word}'; did you mean: ocr read {word}?\n"


def test_our_own_pictures_are_ours_to_replace(ocr: Ocr, note: Path) -> None:
    for method in ("yen", "li"):
        assert ocr("read", "--threshold", method, "--show-boxes", note).returncode == 0
    boxes = note.with_name("note.ocr-boxes.png")
    assert ocr("read", "--show-boxes", "--boxes-out", boxes, note).returncode == 2
    assert ocr("read", "--show-boxes", note, boxes).returncode != 0  # unless it is read itself


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("read", "--threshold", "yn", NOTE), "there is no 'yn'; did you mean 'yen'?"),
        (("read", "--format", "jsno", NOTE), "there is no 'jsno'; did you mean 'json'?"),
        (("read", "--treshold", "yen", NOTE), "no such option: --treshold; did you mean --threshold?"),
        (("read", "--boxes", NOTE), "did you mean --boxes-out?"),
        (("read", "--xyzzy", NOTE), "no such option: --xyzzy; see: ocr read --help"),
        (("read", "--min-confidence", "60", NOTE), "60 is not a probability; did you mean 0.6?"),
        (("read", "--min-confidence", "-1", NOTE), "-1 is not a probability; give one from 0 to 1, as 0.6"),
        (("read", "--min-confidence", "nan", NOTE), "nan is not a probability"),
        (("read", "--jobs", "1" * 5000, NOTE), "see: ocr read --help"),
        (("explain", NOTE), "--line"),
        (("raed", NOTE), "'read'?"),
        (("eval",), "name photos or folders, as in: ocr eval note.jpg --ground-truth note.gt.txt"),
    ],
    ids=lambda value: " ".join(map(str, value))[:40] if isinstance(value, tuple) else "",
)
def test_usage_errors_are_one_line_that_helps(ocr: Ocr, arguments: tuple[str, ...], says: str) -> None:
    done = ocr(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert done.stderr.startswith("ocr: ")
    assert says in done.stderr
    assert len(done.stderr) < 700


def test_variables_that_are_no_settings_are_named(ocr: Ocr) -> None:
    done = ocr("read", "-q", NOTE, env={"OCR_TRESHOLD": "yen", "OCR_TOP": "3"})
    assert done.returncode == 0
    assert done.stderr == "ocr: the environment variable OCR_TRESHOLD is not a setting; did you mean 'OCR_THRESHOLD'?\n"


def test_help_is_in_groups_with_examples_and_exit_codes(ocr: Ocr) -> None:
    told = ocr("read", "--help").stdout
    places = [told.index(f"\n{title}:") for title in (*usage.GROUPS, "Examples") if title != "Server"]
    assert places == sorted(places)
    assert all(f"  {example}\n" in told for example in usage.EXAMPLES["read"])
    whole = ocr("--help").stdout
    assert whole.index("Commands:") < whole.index("Exit codes:")
    assert all(f"  {code}" in whole and meaning in whole for code, meaning in usage.EXIT_CODES)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_group(name: str) -> None:
    grouped = {flag for flags in usage.GROUPS.values() for flag in flags}
    assert {option.opts[0] for option in load(name).params if option.opts[0].startswith("--")} <= grouped


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_of_a_help_is_understood(name: str) -> None:
    assert len(usage.EXAMPLES[name]) == 2
    known = {flag for option in load(name).params for flag in option.opts}
    for example in usage.EXAMPLES[name]:
        assert f"ocr {name}" in example
        assert {word for word in example.split() if word.startswith("--")} <= known


def test_the_package_tells_its_version_and_its_names() -> None:
    assert ocrcli.__version__[0].isdigit()
    assert dir(ocrcli) == sorted(ocrcli.__all__)
    assert {"read", "Reader", "Page", "__version__"} <= set(dir(ocrcli))


# --- ocr eval --ground-truth ---------------------------------------------------------------------


def test_the_photo_of_a_ground_truth_is_the_one_beside_it(ocr: Ocr, note: Path) -> None:
    for name in ("note.gt.txt", "note.txt"):
        truth = note.with_name(name)
        truth.write_text("SHOPPING\n")
        done = ocr("eval", "--json", "--ground-truth", name, cwd=note.parent)
        assert done.returncode == 0, done.stderr
        assert [file["image"] for file in json.loads(done.stdout)["files"]] == ["note.jpg"]
        truth.unlink()


def test_without_a_photo_of_its_name_an_example_is_told(tmp_path: Path) -> None:
    truth = tmp_path / "gt.txt"
    truth.write_text("MILK\n")
    with pytest.raises(
        UsageError, match=r"there is no photo with the same name beside it; name the photo, as in: ocr eval note"
    ):
        find_pairs([], truth)
    for name in ("gt.jpg", "gt.png"):
        (tmp_path / name).touch()
    with pytest.raises(UsageError, match=r"it may belong to gt.jpg or gt.png"):
        find_pairs([], truth)


def test_a_list_of_images_and_texts_is_measured_as_a_whole(ocr: Ocr, note: Path) -> None:
    (note.parent / "sub").mkdir()
    other = note.rename(note.parent / "sub" / "b.jpg")
    listed = note.with_name("labels.txt")
    listed.write_text(f"sub/b.jpg\tSHOPPING\nsub/b.jpg\tMILK AND OATS\n\n{NOTE}\tSHOPPING\n")
    assert find_pairs([], listed)[0] == [
        Pair(other, listed, "SHOPPING\nMILK AND OATS"), Pair(NOTE, listed, "SHOPPING")
    ]  # fmt: skip
    done = ocr("eval", "--json", "--ground-truth", listed)
    assert done.returncode == 0, done.stderr
    assert [file["characters"] for file in json.loads(done.stdout)["files"]] == [22, 8]


def test_a_list_may_start_from_another_folder(tmp_path: Path) -> None:
    listed = tmp_path / "labels.txt"
    listed.write_text("b.jpg\tMILK\n")
    (tmp_path / "photos").mkdir()
    assert find_pairs([tmp_path / "photos"], listed)[0] == [Pair(tmp_path / "photos" / "b.jpg", listed, "MILK")]


@pytest.mark.parametrize("text", ["MILK\nBREAD", "milk\t2\nb.jpg\tTEA", "b.jpg"])
def test_what_is_no_list_is_a_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text(text)
    assert listed_in(path, tmp_path) == []


def test_a_missing_folder_is_blamed_itself(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("eval", "missing/", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == "ocr: missing: no such file or folder; check the name\n"
