"""Which kind of character follows which, and where each class stands in its row."""

from __future__ import annotations

import numpy as np
import pytest

from ocrcli.language.priors import (
    CAPITAL_TWINS,
    DIGIT,
    KINDS,
    LOWER,
    NOT_A_LETTER,
    OTHER,
    START,
    STYLES,
    UPPER,
    fold_small_capitals,
    kind_of,
    place_scores,
    transitions,
)

EACH_STYLE = pytest.mark.parametrize("style", STYLES)
EACH_TABLE = pytest.mark.parametrize(
    ("style", "space"), [(style, space) for style in STYLES for space in (False, True)]
)


def likelier(bottom: float, top: float, labels: tuple[str, ...], style: str = "mixed") -> str:
    """The class whose place a glyph between these heights, in capital heights above the baseline, fits best."""
    scores = place_scores(np.array([[0.0, top, 0.5, bottom]]), labels, style)[0]
    assert scores.max() > -0.5
    assert np.sort(scores)[-1] - np.sort(scores)[-2] > 0.3
    return labels[int(scores.argmax())]


@pytest.mark.parametrize(
    ("label", "kind"),
    [("A", UPPER), ("z", LOWER), ("0", DIGIT), ("9", DIGIT), (".", OTHER), ("&", OTHER), (NOT_A_LETTER, OTHER)],
)
def test_the_kind_of_a_character(label: str, kind: int) -> None:
    assert kind_of(label) == kind


@EACH_TABLE
def test_transitions_are_probabilities(style: str, space: bool) -> None:
    p = np.exp(transitions(style, space))
    assert p.shape == (KINDS, KINDS)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-9)
    assert (p[:, :START] > 0).all()


@EACH_TABLE
def test_nothing_leads_to_the_start(style: str, space: bool) -> None:
    assert np.isneginf(transitions(style, space)[:, START]).all()


@EACH_TABLE
def test_a_row_begins_alike_with_and_without_a_space(style: str, space: bool) -> None:
    np.testing.assert_array_equal(transitions(style, space)[START], transitions(style, not space)[START])


@EACH_STYLE
def test_digits_and_capitals_keep_to_themselves(style: str) -> None:
    within = transitions(style, False)
    assert within[DIGIT].argmax() == DIGIT
    assert within[UPPER, DIGIT] < within[UPPER, UPPER] - 1


def test_the_styles_differ_in_their_small_letters() -> None:
    for space in (False, True):
        mixed, capitals = (transitions(style, space) for style in ("mixed", "capitals"))
        assert (mixed[:START, LOWER] > capitals[:START, LOWER]).all()
        assert mixed[START, LOWER] > capitals[START, LOWER] + 1


def test_a_small_letter_is_followed_by_a_capital_only_after_a_space() -> None:
    assert transitions("mixed", True)[LOWER, UPPER] > transitions("mixed", False)[LOWER, UPPER] + 1


@EACH_STYLE
@pytest.mark.parametrize(
    ("bottom", "top", "expected", "other"),
    [
        (-0.2, 0.12, ",", "'"),
        (0.65, 1.0, "'", ","),
        (-0.15, -0.05, "_", "-"),
        (0.38, 0.46, "-", "_"),
        (0.0, 0.12, ".", "'"),
        (0.65, 1.0, '"', ","),
        (-0.35, 0.6, "p", "P"),
        (0.0, 1.0, "P", "p"),
    ],
)
def test_look_alikes_are_told_by_their_place(style: str, bottom: float, top: float, expected: str, other: str) -> None:
    assert likelier(bottom, top, (expected, other), style) == expected
    assert likelier(bottom, top, (other, expected), style) == expected


@pytest.mark.parametrize("small", CAPITAL_TWINS.replace("k", "").replace("p", "").replace("y", ""))
def test_in_mixed_writing_a_capital_is_told_by_its_height(small: str) -> None:
    assert likelier(0, 0.6, (small, small.upper())) == small
    assert likelier(0, 1.0, (small, small.upper())) == small.upper()


def test_among_block_capitals_a_capital_may_be_small() -> None:
    labels, low = ("S", "N"), np.array([[0.0, 0.7, 0.5, 0.0]])
    assert (place_scores(low, labels, "capitals") > place_scores(low, labels, "mixed") + 0.3).all()
    assert place_scores(low, labels, "capitals") == pytest.approx(0)


def test_what_is_no_letter_may_be_anywhere() -> None:
    places = np.random.default_rng(3).uniform(-4, 4, (50, 4))
    for style in STYLES:
        scores = place_scores(places, ("a", NOT_A_LETTER, "Q"), style)
        assert scores.shape == (50, 3)
        assert (scores[:, 1] == 0).all()
        assert (scores <= 0).all()
        assert scores[:, 0].min() < -1


def test_far_off_is_as_bad_as_farther_off() -> None:
    near, far = place_scores(np.array([[0.0, 5.0, 0.5, 4.0], [0.0, 50.0, 0.5, 40.0]]), ("a",), "mixed")[:, 0]
    assert near == far
    assert np.isfinite(far)


def test_folding_moves_the_small_letters_probability_to_the_capital() -> None:
    labels = ("s", "S", "a", "A", "7", NOT_A_LETTER)
    p = np.random.default_rng(5).dirichlet(np.ones(len(labels)), 4)
    folded = np.exp(fold_small_capitals(np.log(p), labels))
    np.testing.assert_allclose(folded[:, 1], p[:, 0] + p[:, 1])
    assert (folded[:, 0] == 0).all()
    np.testing.assert_allclose(folded[:, 2:], p[:, 2:])
    np.testing.assert_allclose(folded.sum(axis=1), 1)


def test_folding_leaves_its_argument_and_letters_without_a_twin_alone() -> None:
    labels = ("s", "x", "X")
    log_p = np.log([[0.5, 0.3, 0.2]])
    before = log_p.copy()
    folded = fold_small_capitals(log_p, labels)
    np.testing.assert_array_equal(log_p, before)
    np.testing.assert_allclose(np.exp(folded), [[0.5, 0, 0.5]])
