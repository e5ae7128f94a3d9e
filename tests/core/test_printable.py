"""Names made safe for a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.core.printable import printable


@pytest.mark.parametrize(
    "name",
    [
        "",
        "note.jpg",
        "Einkäufe am Montag.png",
        "買い物/メモ.jpg",
        "a\u00a0b\u3000c",
        "9.41\u202fAM.png",
        "C:\\notes\\1.jpg",
    ],
)
def test_what_can_be_printed_stays(name: str) -> None:
    assert printable(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r", r"two\nlines\r"),
        ("a\tb\0c\x7f", r"a\tb\x00c\x7f"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("gpj.\u202etxt", r"gpj.\u202etxt"),
        ("\u200bhidden\ufeff", r"\u200bhidden\ufeff"),
        ("\udce4.jpg", r"\udce4.jpg"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_what_cannot_be_printed_is_escaped(name: str, expected: str) -> None:
    assert printable(name) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_any_name_becomes_one_line_without_controls(name: str) -> None:
    safe = printable(name)
    assert len(safe.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in safe)
    assert printable(safe) == safe
