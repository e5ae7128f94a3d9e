"""`ocr learn` and `ocr hands`, and reading with a hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from conftest import Ocr, one_line
from drawn import photo, written
from PIL import Image

from ocrcli.hands import hand as hands
from ocrcli.hands.hand import Hand, Worth, path_of, save
from ocrcli.pipeline.models import digests

LINES = ["SIX SHOES", "MOSS GRASS", "SALT SOUP", "LESS SUGAR", "ROSES SEEDS", "BASIL"]
STRANGE = [line.replace("S", "5") for line in LINES]
"""What somebody wrote whose 5 looks as others' S do."""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hands, "folder", lambda: tmp_path / "hands")
    return tmp_path


def note(folder: Path, lines: list[str], text: list[str], name: str = "note") -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(photo(written(lines, (100 * len(lines) + 10, 480)))).save(path)
    path.with_suffix(".gt.txt").write_text("\n".join(text))
    return path


Learnt = Callable[..., CompletedProcess[str]]


@pytest.mark.slow
def test_a_strange_hand_is_learnt_and_read(ocr: Ocr, tmp_path: Path) -> None:
    page = note(tmp_path, LINES, STRANGE)
    done = ocr("learn", page)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("me: characters wrong ")
    assert "each read by what the others taught" in done.stdout
    plain, own = (ocr("eval", "--json", *flags, page) for flags in ((), ("--hand", "me")))
    before, after = (json.loads(done.stdout)["pooled"]["cer"] for done in (plain, own))
    assert after < before / 2
    listed = json.loads(ocr("hands", "--json").stdout)["hands"]
    assert [(told["name"], told["fits"]) for told in listed] == [("me", True)]
    assert listed[0]["after"] < listed[0]["before"]
    assert listed[0]["bytes"] < 2_000_000
    assert ocr("hands").stdout.startswith("me  characters wrong ")
    assert ocr("read", page, env={"OCR_HAND": "me"}).stdout == ocr("read", "--hand", "me", page).stdout
    assert ocr("read", "--hand", "none", page, env={"OCR_HAND": "me"}).stdout == ocr("read", page).stdout
    assert ocr("hands", "remove", "me").returncode == 0
    assert ocr("hands").stdout == ""


def test_what_is_read_well_teaches_nothing(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("learn", note(tmp_path, ["MILK AND", "OATS 42"], ["MILK AND", "OATS 42"]))
    assert done.returncode == 0
    assert "no hand is written" in done.stdout
    assert not hands.names()


def test_a_text_of_something_else_is_refused(ocr: Ocr, tmp_path: Path) -> None:
    done = ocr("learn", note(tmp_path, ["MILK AND", "OATS 42"], ["xyz", "quite another"]))
    assert done.returncode == 3
    assert "0 lines of the text can be found" in done.stderr.splitlines()[-1]
    assert not hands.names()


@pytest.mark.slow
def test_of_several_photos_those_that_fail_are_told(ocr: Ocr, tmp_path: Path) -> None:
    good = note(tmp_path, LINES, STRANGE)
    bad = tmp_path / "bad.png"
    bad.write_text("no photo")
    bad.with_suffix(".gt.txt").write_text("text")
    done = ocr("learn", "--hand", "anna", good, bad)
    assert done.returncode == 5
    assert hands.names() == ["anna"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("learn",), 2),
        (("learn", "missing.jpg"), 3),
        (("learn", "--hand", "../me", "missing.jpg"), 2),
        (("learn", "--hand", "none", "missing.jpg"), 2),
        (("hands", "remove"), 2),
        (("hands", "remove", "bob"), 2),
        (("hands", "forget", "me"), 2),
        (("read", "--hand", "bob", "missing.jpg"), 2),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(ocr: Ocr, arguments: tuple[str, ...], code: int) -> None:
    done = ocr(*arguments)
    assert done.returncode == code
    assert one_line(done.stderr)
    assert not done.stdout


def test_a_hand_of_other_models_is_refused(ocr: Ocr, example: Path) -> None:
    save(Hand("me", {"letters": "0" * 64, "lines": "0" * 64}, Worth(2, 1, 9, 3), ("a.jpg",)), path_of("me"))
    done = ocr("read", "--hand", "me", example)
    assert done.returncode == 4
    assert one_line(done.stderr)
    assert "learn it anew: ocr learn --hand me" in done.stderr
    assert "learnt with other models" in ocr("hands").stdout


def test_a_hand_of_another_shape_is_refused(ocr: Ocr, example: Path) -> None:
    head = hands.Head(np.zeros((2, 3), np.float32), np.zeros(2, np.float32))
    save(Hand("me", digests(None), Worth(2, 1, 9, 3), ("a.jpg",), letters=head), path_of("me"))
    done = ocr("read", "--hand", "me", example)
    assert done.returncode == 4
    assert one_line(done.stderr)


def test_a_broken_file_is_listed_with_what_is_wrong(ocr: Ocr) -> None:
    path_of("me").parent.mkdir(parents=True)
    path_of("me").write_text("no hand")
    done = ocr("hands")
    assert done.returncode == 0
    assert "learn it anew" in done.stdout
