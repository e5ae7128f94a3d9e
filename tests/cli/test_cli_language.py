"""What the language, one's own words and an allow list do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Ocr, one_line
from drawn import photo, written
from PIL import Image

from ocrcli import Reader, Settings
from ocrcli.language.model import load_language


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


FRENCH = ("LE CHAT DORT SUR LA CHAISE", "PENDANT QUE LES ENFANTS", "JOUENT DANS LE JARDIN", "DERRIERE LA MAISON")
ENGLISH = ("THE CAT SLEEPS ON A CHAIR", "WHILE THE CHILDREN PLAY", "IN THE GARDEN BEHIND", "THE HOUSE")


@pytest.mark.parametrize(("rows", "name"), [(FRENCH, "fr"), (ENGLISH, "en")])
def test_the_page_tells_its_language(rows: tuple[str, ...], name: str) -> None:
    told: dict[str, Any] = {}
    picture = photo(written(rows, (420, 700)))
    page = Reader().read(picture, on_stage=told.__setitem__)
    assert told["language"] is load_language(name)
    assert page.language == name
    assert "".join(page.text.split()) == "".join(rows).replace(" ", "")
    blind = Reader(Settings(language="none")).read(picture, on_stage=told.__setitem__)
    assert told["language"] is blind.language is None


def test_a_line_in_another_language_is_read_in_it() -> None:
    picture = photo(written((*ENGLISH, FRENCH[1]), (510, 700)))
    mixed, english, french = (
        [
            [glyph.confidence for word in line.words for glyph in word.glyphs]
            for line in Reader(Settings(language=language, recognizer="letters")).read(picture).lines
        ]
        for language in ("auto", "en", "fr")
    )
    assert mixed[4] == pytest.approx(french[4], abs=1e-5)
    assert mixed[4] != pytest.approx(english[4], abs=1e-2)
    assert mixed[:4] == [pytest.approx(row, abs=1e-5) for row in english[:4]]


@pytest.mark.slow
def test_a_line_of_a_french_page_is_explained_with_french_letters(ocr: Ocr, tmp_path: Path) -> None:
    path = tmp_path / "french.png"
    Image.fromarray(photo(written(FRENCH, (420, 700)))).save(path)
    assert " letters in fr, on cpu" in ocr("read", path).stderr
    auto = ocr("explain", "--line", "2", "--recognizer", "letters", path).stdout
    assert auto == ocr("explain", "--line", "2", "--recognizer", "letters", "--language", "fr", path).stdout
    assert auto != ocr("explain", "--line", "2", "--recognizer", "letters", "--language", "en", path).stdout
