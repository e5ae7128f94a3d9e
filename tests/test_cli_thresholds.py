"""`ocr thresholds` through its real entry point."""

from __future__ import annotations

from pathlib import Path

from conftest import Ocr, bad_inputs, one_line

from ocrcli.threshold import METHODS


def test_thresholds_draws_a_chart_and_lists_every_method(ocr: Ocr, note: Path) -> None:
    done = ocr("thresholds", note)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == list(METHODS)
    assert note.with_name("note.ocr-thresholds.png").exists()


def test_a_blank_page_is_refused_in_one_line(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("thresholds", bad_inputs(tmp_path)["blank.png"])
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert "nothing written" in done.stderr
