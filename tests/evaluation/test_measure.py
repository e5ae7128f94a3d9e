"""`ocrcli.evaluate`: which files belong together, and figures for each and for all."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, truth
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import ocrcli
from ocrcli.core.errors import InputError, OcrError, UsageError
from ocrcli.evaluation.ground_truth import find_pairs, pairs_in, read_truth
from ocrcli.evaluation.scoring import pool, score

EXAMPLE = EXAMPLES / "shopping_list.jpg"


def test_pairs_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.d").mkdir()
    (tmp_path / "sub.png").mkdir()
    for name in ("b.v2.JPG", "b.v2.gt.txt", "a.tiff", "a.gt.txt", "c.webp", "d.txt", "e.gt.txt"):
        (tmp_path / name).touch()
    pairs, without = pairs_in(tmp_path)
    assert [p.image for p in pairs] == [tmp_path / "a.tiff", tmp_path / "b.v2.JPG"]
    assert [p.ground_truth for p in pairs] == [tmp_path / "a.gt.txt", tmp_path / "b.v2.gt.txt"]
    assert without == [tmp_path / "c.webp"]


def test_a_ground_truth_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.gt.txt"
    path.write_bytes("\ufeffnaïve\n".encode())
    assert read_truth(path) == "naïve\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [("naïve".encode("latin-1"), "not UTF-8 at byte 2; save"), (None, "--ground-truth"), (b" \n", "holds no text")],
    ids=["another encoding", "missing", "empty"],
)
def test_a_bad_ground_truth_says_what_to_do(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.gt.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.gt\.txt: .*{message}"):
        read_truth(path)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_truth_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.gt.txt"
    path.write_bytes(content)
    try:
        text = read_truth(path)
    except InputError as error:
        assert str(error).isprintable()
    else:
        score(text, "what was read")


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(InputError, match=r"a\\x00b"):
        read_truth(Path("a\0b"))


def test_a_ground_truth_goes_with_one_image() -> None:
    with pytest.raises(UsageError, match="exactly one image"):
        find_pairs([Path("a.jpg"), Path("b.jpg")], Path("t.txt"))


def test_an_image_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "a.gt.txt").touch()
    pairs, _ = find_pairs([tmp_path, tmp_path / "a.png"])
    assert [pair.image.name for pair in pairs] == ["a.png"]


@pytest.mark.slow
def test_figures_of_each_file_and_pooled(tmp_path: Path) -> None:
    for name in ("shopping_list", "price_list"):
        shutil.copy(EXAMPLES / f"{name}.jpg", tmp_path)
        shutil.copy(EXAMPLES / f"{name}.gt.txt", tmp_path)
    found = ocrcli.evaluate(tmp_path)
    assert [Path(f.name).stem for f in found.files] == sorted(p.stem for p in tmp_path.glob("*.jpg"))
    for measured in found.files:
        expected = score(truth(Path(measured.name).stem), ocrcli.read(measured.name).text)
        assert (measured.cer, measured.wer, measured.letter_accuracy) == (
            expected.cer,
            expected.wer,
            expected.letter_accuracy,
        )
        assert measured.page is not None
        assert measured.page.text == measured.text
    assert found.score == pool(f.score for f in found.files)
    assert found.confusions.total() == found.score.characters.edits
    assert found.failures == ()


def test_pictures_in_memory_with_their_text() -> None:
    picture = np.asarray(Image.open(EXAMPLE))
    blank = np.full((100, 100), 255, np.uint8)
    found = ocrcli.evaluate([(picture, truth("shopping_list")), (blank, "ab"), (b"no image", "ab")])
    assert [f.name for f in found.files] == ["<array>", "<array>"]
    assert found.files[0].letter_accuracy > 0.88
    assert (found.files[1].text, found.files[1].page, found.files[1].cer) == ("", None, 1.0)
    assert [name for name, _ in found.failures] == ["<bytes>"]
    assert isinstance(found.failures[0][1], OcrError)


def test_nothing_to_evaluate(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.gt\.txt"):
        ocrcli.evaluate(tmp_path)
    with pytest.raises(InputError, match="nothing to evaluate"):
        ocrcli.evaluate([])
    with pytest.raises(InputError, match="not an image"):
        ocrcli.evaluate([(b"no image", "ab")])
