"""`ocr eval`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import EXAMPLES, Ocr, one_line, truth
from hypothesis import given
from hypothesis import strategies as st

from ocrcli import read
from ocrcli.evaluation.ground_truth import find_pairs
from ocrcli.evaluation.scoring import score

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.jpg"))


@pytest.mark.parametrize("names", [["shopping_list", "sticky_note"], pytest.param(NAMES, marks=pytest.mark.slow)])
def test_eval_of_a_folder(ocr: Ocr, tmp_path: Path, names: list[str]) -> None:
    for name in names:
        for suffix in (".jpg", ".gt.txt"):
            shutil.copy(EXAMPLES / f"{name}{suffix}", tmp_path)
    done = ocr("eval", "--json", tmp_path)
    document = json.loads(done.stdout)
    assert [Path(f["image"]).stem for f in document["files"]] == names
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


NAMES_OF_FILES = st.binary(min_size=1, max_size=12).filter(lambda name: not {0, 47} & set(name))


@pytest.mark.skipif(sys.platform != "linux", reason="such names are possible on Linux alone")
@given(st.sets(NAMES_OF_FILES, max_size=4), st.sets(NAMES_OF_FILES, max_size=2))
def test_ground_truth_is_found_whatever_it_is_called(paired: set[bytes], alone: set[bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stem in paired | alone:
            (folder / os.fsdecode(stem + b".jpg")).touch()
        for stem in paired:
            (folder / os.fsdecode(stem + b".gt.txt")).write_text("MILK")
        if not paired:
            return
        pairs, without = find_pairs([folder], None)
    assert {os.fsencode(pair.image.name) for pair in pairs} == {stem + b".jpg" for stem in paired}
    assert {os.fsencode(pair.ground_truth.name) for pair in pairs} == {stem + b".gt.txt" for stem in paired}
    assert {os.fsencode(image.name) for image in without} == {stem + b".jpg" for stem in alone - paired}


def test_a_folder_holds_whatever_can_be_read(tmp_path: Path) -> None:
    for name in ("a.gif", "b.ppm", "c.PDF", "d.txt"):
        (tmp_path / name).touch()
        (tmp_path / name).with_suffix(".gt.txt").touch()
    pairs, without = find_pairs([tmp_path], None)
    assert [pair.image.name for pair in pairs] == ["a.gif", "b.ppm", "c.PDF"]
    assert not without
