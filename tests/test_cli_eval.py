"""`ocr eval` through its real entry point."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import EXAMPLES, Ocr, one_line, truth

from ocrcli import read
from ocrcli.scoring import score

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.jpg"))


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
