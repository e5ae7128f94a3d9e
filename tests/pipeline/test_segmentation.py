"""The size and the orientation in which a photo is read, where the survey is wrong or in doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from drawn import photo, written

from ocrcli import Reader
from ocrcli.geometry import orientation, resolution


@pytest.mark.parametrize("factor", [0.4, 3.0])
def test_writing_of_another_size_than_it_seemed_is_read(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    real = resolution.survey_photo

    def mistaken(*arguments: Any) -> resolution.SurveyedPhoto:
        seen = real(*arguments)
        assert seen.found is not None
        return replace(seen, found=replace(seen.found, x_height=factor * seen.found.x_height))

    monkeypatch.setattr(resolution, "survey_photo", mistaken)
    assert reader.read(photo(written(["LAZY DOG 42"], (110, 330)))).text == "LAZY DOG 42"


@pytest.mark.parametrize("quarters", range(4))
def test_a_photo_in_doubt_which_way_is_up_is_read_at_full_size(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, quarters: int
) -> None:
    monkeypatch.setattr(orientation, "is_plainly_upright", lambda _view: False)
    for evidence in ("evidence", "evidence_of_reading"):
        monkeypatch.setattr(orientation, evidence, lambda _views: np.zeros(4))
    note = np.ascontiguousarray(np.rot90(photo(written(["THE QUICK", "BROWN FOX"], (200, 330))), -quarters))
    page = reader.read(note)
    assert page.text == "THE QUICK\nBROWN FOX"
    assert page.turned == -90 * quarters % 360
