"""The size at which a photo is read, where the survey is wrong about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from drawn import photo, written

from ocrcli import Reader
from ocrcli.geometry import resolution


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
