"""Photos that were taken worse are read nearly as well; `.ci/robustness` prints the whole table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import EXAMPLES, REAL_DATA, few
from PIL import Image
from variants import VARIANTS

from ocrcli import read
from ocrcli.evaluation.scoring import score


def accuracy(photo: Path, variant: str | None = None) -> float:
    grey = np.asarray(Image.open(photo).convert("L"))
    text = read(VARIANTS[variant](grey) if variant else grey).text
    return score(photo.with_suffix(".gt.txt").read_text(encoding="utf-8"), text).letter_accuracy


ON_TABLES = ("on a dark table", "seen from aside")


@pytest.fixture(scope="module")
def as_it_is() -> float:
    return accuracy(EXAMPLES / "shopping_list.jpg")


# The example lies on a table already; a photo of that photo on another one is nothing that people take.
@pytest.mark.parametrize(
    "variant", few([name for name in VARIANTS if name not in ON_TABLES], "turned by 270°", "half in shadow")
)
def test_an_example_taken_worse_is_read_nearly_as_well(as_it_is: float, variant: str) -> None:
    assert accuracy(EXAMPLES / "shopping_list.jpg", variant) >= as_it_is - 0.05


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.parametrize(
    ("variant", "least"), [("turned by 270°", 0.97), ("on a dark table", 0.97), ("seen from aside", 0.96)]
)
def test_a_real_photo_taken_worse_is_read_nearly_as_well(variant: str, least: float) -> None:
    assert accuracy(REAL_DATA / "coursework" / "03_haiku.jpg", variant) >= least
