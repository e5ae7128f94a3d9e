"""What the language, one's own words and an allow list do, through the real entry point."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Ocr, one_line


def test_only_allowed_characters_are_printed(ocr: Ocr, example: Path) -> None:
    done = ocr("read", "--allow", "A-M0-9", example)
    assert done.returncode == 0
    assert set("".join(done.stdout.split())) <= set("ABCDEFGHIJKLM0123456789")
    assert "MILK" in done.stdout


@pytest.mark.parametrize(("allow", "advice"), [("", "empty"), ("9-0", "0-9"), ("A-Zß", "'ß'")])
def test_an_allow_list_that_makes_no_sense_is_a_usage_error(ocr: Ocr, example: Path, allow: str, advice: str) -> None:
    done = ocr("read", "--allow", allow, example)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert advice in done.stderr


def test_ones_own_words_are_expected(ocr: Ocr, example: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("Mira\n")
    assert "MIRA" in ocr("read", "--words", words, "--language", "none", example).stdout


def test_a_missing_word_list_is_an_input_error(ocr: Ocr, example: Path) -> None:
    done = ocr("read", "--words", "missing.txt", example)
    assert done.returncode == 3
    assert one_line(done.stderr)
    assert "missing.txt" in done.stderr
