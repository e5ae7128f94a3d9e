"""Files of hands: what is written is read again, and whatever is broken is refused in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.errors import ModelError, UsageError
from ocrcli.hands import hand as hands
from ocrcli.hands.hand import MOST_BYTES, Hand, Worth, check_hand_name, load, names, path_of, save
from ocrcli.hands.head import Head

RNG = np.random.default_rng(0)
HEAD = Head(RNG.normal(0, 0.1, (5, 3)).astype(np.float32), RNG.normal(0, 0.1, 5).astype(np.float32))
MODELS = {"letters": "a" * 64, "lines": "b" * 64}
ANNA = Hand("anna", MODELS, Worth(8, 4, 100, 12), ("page.jpg",), None, HEAD, ("milk", "oats"))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hands, "folder", lambda: tmp_path)
    return tmp_path


def test_what_is_written_is_read_again() -> None:
    save(ANNA, path_of("anna"))
    found = load("anna")
    assert (found.models, found.worth, found.photos, found.words) == (MODELS, ANNA.worth, ANNA.photos, ANNA.words)
    assert found.letters is None
    assert found.lines is not None
    assert found.lines.weights == pytest.approx(HEAD.weights, abs=1e-3)
    assert names() == ["anna"]
    assert path_of("anna").stat().st_size < MOST_BYTES


def test_a_hand_that_was_never_learnt_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="ocr learn --hand bob"):
        load("bob")
    save(ANNA, path_of("anna"))
    with pytest.raises(UsageError, match="there are: anna"):
        load("bob")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "none", "-a", "ä", "x" * 41, "a.b", "a\n"])
def test_names_that_are_no_file_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_hand_name(name)
    assert "\n" not in str(raised.value)


def written(path: Path, told: object, **arrays: np.ndarray) -> None:
    text = json.dumps(told) if not isinstance(told, str) else told
    np.savez(path, told=np.frombuffer(text.encode(), np.uint8), **arrays)


TOLD = {
    "format": hands.FORMAT, "models": MODELS, "photos": [], "words": [],
    "worth": {"before": 1, "after": 0, "characters": 9, "lines": 2},
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "arrays"),
    [
        ("not json", {}),
        ([], {}),
        ({**TOLD, "format": "hand/9"}, {}),
        ({**TOLD, "worth": 3}, {}),
        ({**TOLD, "models": []}, {}),
        (TOLD, {"lines_weights": np.zeros((3, 2))}),
        (TOLD, {"lines_weights": np.zeros((3, 2)), "lines_bias": np.zeros(2)}),
        (TOLD, {"lines_weights": np.zeros(3), "lines_bias": np.zeros(3)}),
        (TOLD, {"lines_weights": np.full((3, 2), np.nan), "lines_bias": np.zeros(3)}),
        (TOLD, {"lines_weights": np.full((3, 2), 1e30), "lines_bias": np.zeros(3)}),
        (TOLD, {"lines_weights": np.zeros((3, 2), "U1"), "lines_bias": np.zeros(3)}),
        (TOLD, {"letters_weights": np.array([[None]]), "letters_bias": np.zeros(1)}),
        (TOLD, {"padding": np.zeros(MOST_BYTES * 4, np.uint8)}),
    ],
)
def test_broken_files_are_refused(told: object, arrays: dict[str, np.ndarray]) -> None:
    written(path_of("anna"), told, **arrays)
    with pytest.raises(ModelError, match="learn it anew: ocr learn --hand anna") as raised:
        load("anna")
    assert "\n" not in str(raised.value)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_damaged_file_is_refused_or_read(place: int, value: int) -> None:
    path = path_of("anna")
    save(ANNA, path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    try:
        load("anna")
    except ModelError as error:
        assert "\n" not in str(error)


def test_a_file_that_is_cut_is_refused() -> None:
    save(ANNA, path_of("anna"))
    path_of("anna").write_bytes(path_of("anna").read_bytes()[:200])
    with pytest.raises(ModelError):
        load("anna")


@pytest.mark.slow
def test_a_hand_of_too_many_words_is_not_written() -> None:
    words = tuple(f"{RNG.integers(10**15)}" for _ in range(300_000))
    with pytest.raises(UsageError, match="learn from fewer pages"):
        save(Hand("anna", MODELS, ANNA.worth, (), words=words), path_of("anna"))
    assert not names()
