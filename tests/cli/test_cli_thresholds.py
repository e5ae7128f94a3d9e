"""`ocr thresholds`."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Ocr, bad_inputs, one_line

from ocrcli.binarize.threshold import METHODS


def test_thresholds_draws_a_chart_and_lists_every_method(ocr: Ocr, note: Path) -> None:
    done = ocr("thresholds", note)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(METHODS)
    assert done.stdout.splitlines()[0].split() == ["method", "level", "components", "ink", "confidence"]
    assert sum(line.endswith("best") for line in done.stdout.splitlines()) == 1
    assert note.with_name("note.ocr-thresholds.png").exists()


@pytest.mark.slow
def test_with_a_ground_truth_the_least_wrong_method_is_the_best(ocr: Ocr, note: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.txt"
    truth.write_text(ocr("read", "--threshold", "li", note).stdout, encoding="utf-8")
    done = ocr("thresholds", "--ground-truth", truth, note)
    assert done.returncode == 0
    header, *rows = (line.split() for line in done.stdout.splitlines())
    assert header[-1] == "CER"
    errors = {row[0]: float(row[5]) for row in rows if row[1] != "-"}
    assert errors["li"] == 0
    (best,) = (row[0] for row in rows if row[-1] == "best")
    assert errors[best] == 0
    assert ocr("thresholds", "--ground-truth", tmp_path / "none.txt", note).returncode == 3


def test_a_blank_page_is_refused_in_one_line(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("thresholds", bad_inputs(tmp_path)["blank.png"])
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert "nothing written" in done.stderr
