"""Which pages ``--pages`` means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.errors import UsageError
from ocrcli.sources.selection import ALL, Selection, parse_pages

NUMBERS = st.integers(1, 40)
RANGES = st.one_of(
    NUMBERS.map(lambda n: (n, n)),
    st.tuples(NUMBERS, st.integers(0, 20)).map(lambda r: (r[0], r[0] + r[1])),
    NUMBERS.map(lambda n: (n, None)),
)


def spelt(first: int, last: int | None) -> str:
    return f"{first}-" if last is None else f"{first}" if first == last else f"{first}-{last}"


@pytest.mark.parametrize(
    ("text", "count", "expected", "missing"),
    [
        ("1-3,7", 9, [1, 2, 3, 7], []),
        ("1-3,7", 5, [1, 2, 3], [7]),
        ("4-", 6, [4, 5, 6], []),
        ("2-9", 3, [2, 3], []),
        ("3,1", 3, [3, 1], []),
        ("1,1-2,2", 3, [1, 2], []),
        (" 2 , 3 ", 3, [2, 3], []),
        ("5-", 4, [], [5]),
        ("1-999999999", 2, [1, 2], []),
    ],
)
def test_worked_examples(text: str, count: int, expected: list[int], missing: list[int]) -> None:
    assert parse_pages(text).of(count) == (expected, missing)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a page or range"),
        ("1,,2", "not a page or range"),
        ("all", "'all' is not a page or range"),
        ("1-2-3", "not a page or range"),
        ("-3", "not a page or range"),
        ("٣", "not a page or range"),
        ("1.5", "not a page or range"),
        ("1234567890", "not a page or range"),
        ("0", "count from 1"),
        ("0-4", "count from 1"),
        ("3-1", "3-1 runs backwards"),
        ("3-0", "3-0 runs backwards"),
        ("\x1b[2J", r"'\\x1b\[2J' is not a page"),
    ],
)
def test_what_is_no_selection_says_what_to_give(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse_pages(text)
    assert "as in 1-3,7" in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.lists(RANGES, min_size=1, max_size=6))
def test_what_is_spelt_is_parsed(ranges: list[tuple[int, int | None]]) -> None:
    assert parse_pages(",".join(spelt(*r) for r in ranges)) == Selection(tuple(ranges))


@given(st.lists(RANGES, min_size=1, max_size=6), st.integers(1, 30))
def test_pages_are_those_of_the_file_that_are_in_a_range(ranges: list[tuple[int, int | None]], count: int) -> None:
    pages, missing = Selection(tuple(ranges)).of(count)
    wanted = {n for n in range(1, count + 1) if any(a <= n and (b is None or n <= b) for a, b in ranges)}
    assert set(pages) == wanted
    assert len(pages) == len(wanted)
    assert missing == [first for first, _ in ranges if first > count]


@given(st.text("0123456789-, x", max_size=12))
def test_any_text_is_a_selection_or_a_usage_error(text: str) -> None:
    try:
        pages, _ = parse_pages(text).of(20)
    except UsageError:
        return
    assert all(1 <= page <= 20 for page in pages)


@given(st.integers(1, 100))
def test_all_is_every_page(count: int) -> None:
    assert ALL.of(count) == (list(range(1, count + 1)), [])
