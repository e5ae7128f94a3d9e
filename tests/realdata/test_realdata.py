"""The four photos of the course work that this tool grew from, as a floor under what it reads now."""

from __future__ import annotations

from functools import cache

import pytest
from conftest import REAL_DATA, few

from ocrcli import Settings, read
from ocrcli.evaluation.scoring import Score, score

pytestmark = pytest.mark.realdata

PHOTOS = ("01_list", "02_letters", "03_haiku", "04_deep")


@cache
def measure(name: str, settings: Settings) -> Score:
    photo = REAL_DATA / "coursework" / f"{name}.jpg"
    return score(photo.with_suffix(".gt.txt").read_text(encoding="utf-8"), read(photo, settings).text)


@pytest.mark.parametrize("name", few(PHOTOS, "03_haiku"))
def test_letter_accuracy_with_default_settings(name: str) -> None:
    assert measure(name, Settings()).letter_accuracy >= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("method", ["li", "yen"])
def test_letter_accuracy_with_other_thresholds(name: str, method: str) -> None:
    assert measure(name, Settings(threshold=method)).letter_accuracy >= 0.95


@pytest.mark.parametrize("name", few(["03_haiku", "04_deep"], "03_haiku"))
def test_words_are_kept_apart(name: str) -> None:
    assert measure(name, Settings()).wer <= 0.10
