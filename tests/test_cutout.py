"""Notes that lie on something busier than themselves."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import Grey, gradient, photo, shadow, written
from variants import half_in_shadow

import ocrcli
from ocrcli import clean
from ocrcli.cutout import cut_out, note_of
from ocrcli.sources import photo_from_array

SHAPE = (1100, 1000)
TOP, LEFT = 300, 220
TEXT = ("Water the fern", "and feed the cat", "before you leave")
NOTE = photo(written(TEXT, (420, 620), origin=(60, 110), pitch=110), paper=225, noise=2)


def bricks() -> Grey:
    """Dark stones with bright joints, more of them than there is ink on a note."""
    y, x = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]
    joint = (y % 90 < 14) | ((x + 120 * (y // 90 % 2)) % 240 < 14)
    return np.where(joint, 170, 70).astype(np.uint8)


def gravel() -> Grey:
    """Stones of all tones, so rough that ink on a note is no darker than their noise."""
    coarse = np.random.default_rng(5).integers(20, 150, (SHAPE[0] // 40 + 1, SHAPE[1] // 40 + 1))
    return np.kron(coarse, np.ones((40, 40)))[: SHAPE[0], : SHAPE[1]].astype(np.uint8)


def lying_on(ground: Grey) -> Grey:
    scene = ground.copy()
    scene[TOP : TOP + NOTE.shape[0], LEFT : LEFT + NOTE.shape[1]] = NOTE
    return scene


@pytest.mark.parametrize("ground", [bricks(), gravel()], ids=["bricks", "gravel"])
def test_a_note_is_read_and_what_it_lies_on_is_not(ground: Grey) -> None:
    page = ocrcli.read(lying_on(ground))
    assert page.text.split("\n") == list(TEXT)
    for glyph in page.glyphs:  # found again on the photo
        assert LEFT < glyph.box.left < glyph.box.right < LEFT + NOTE.shape[1]
        assert TOP < glyph.box.top < glyph.box.bottom < TOP + NOTE.shape[0]


@pytest.mark.parametrize("ground", [bricks(), gravel()], ids=["bricks", "gravel"])
def test_it_is_cut_out_along_its_edge(ground: Grey) -> None:
    scene = photo_from_array(lying_on(ground), long_side=2000)
    note = note_of(clean.background(scene.grey))
    assert note is not None
    part = cut_out(scene, note)
    assert np.abs(np.array(part.grey.shape) - NOTE.shape).max() < 40
    whole = part.full_size((0, 0, part.grey.shape[1], part.grey.shape[0]))
    wanted = (LEFT, TOP, LEFT + NOTE.shape[1], TOP + NOTE.shape[0])
    assert np.abs(np.array(whole) - wanted).max() < 20


@pytest.mark.parametrize(
    "grey",
    [
        photo(written()),
        photo(written(), gradient((320, 480), 0.3)),
        photo(written(), shadow((320, 480), 0.5)),
        half_in_shadow(NOTE),
        np.where(lying_on(bricks()) == bricks(), 60, lying_on(bricks())),
        255 - photo(written()),
        bricks(),
        gravel(),
        np.full((90, 120), 130, np.uint8),
        np.zeros((90, 120), np.uint8),
    ],
    ids=[
        "page",
        "dim",
        "half in shadow",
        "half of it",
        "on a plain table",
        "blackboard",
        "bricks",
        "gravel",
        "blank",
        "black",
    ],
)
def test_where_no_note_lies_there_is_none(grey: Grey) -> None:
    assert note_of(clean.background(grey)) is None
