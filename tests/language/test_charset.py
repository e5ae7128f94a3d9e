"""The allow list: what it means, and what it does to the classes."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.errors import UsageError
from ocrcli.language.charset import characters, kept, only
from ocrcli.language.priors import NOT_A_LETTER

LABELS = (NOT_A_LETTER, *"aAbB01-.")


@pytest.mark.parametrize(
    ("allow", "expected"),
    [
        ("abc", "abc"),
        ("0-9", string.digits),
        ("A-F0-3", "ABCDEF0123"),
        ("x-x", "x"),
        ("-09", "-09"),
        ("09-", "09-"),
        ("A-z", "A-z"),
        ("0-9-", string.digits + "-"),
        ("a-c-e", "abc-e"),
        (" 1 2\t", "12"),
        ("[]^\\", "[]^\\"),
    ],
)
def test_ranges_are_within_one_kind_and_other_hyphens_are_hyphens(allow: str, expected: str) -> None:
    assert characters(allow) == frozenset(expected)


@pytest.mark.parametrize(("allow", "message"), [("", "empty"), (" ", "empty"), ("9-0", "0-9"), ("z-a", "a-z")])
def test_a_list_that_makes_no_sense_is_a_usage_error(allow: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        characters(allow)


def test_what_is_no_letter_is_always_left() -> None:
    assert [label for label, left in zip(LABELS, kept("a-b.", LABELS), strict=True) if left] == [NOT_A_LETTER, *"ab."]


def test_an_unknown_character_is_named() -> None:
    with pytest.raises(UsageError, match=r"'ß'.*can be allowed: -\.01ABab"):
        kept("abß", LABELS)


def test_accents_may_be_allowed_and_leave_nothing_of_a_model_without_them() -> None:
    assert kept("abà", LABELS).tolist() == kept("ab", LABELS).tolist()


@given(st.integers(0, 2**32 - 1), st.sets(st.sampled_from(LABELS[1:]), min_size=1))
def test_probabilities_are_those_given_that_the_class_is_allowed(seed: int, allowed: set[str]) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(len(LABELS)), 3)
    classes = kept("".join(sorted(allowed)), LABELS)
    left = np.exp(only(classes, np.log(p).astype(np.float32)))
    np.testing.assert_allclose(left, p * classes / (p * classes).sum(axis=1, keepdims=True), rtol=1e-3, atol=1e-6)
