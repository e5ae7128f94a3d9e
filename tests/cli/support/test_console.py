"""What is printed cannot steer the terminal, and no stream is too narrow for it."""

from __future__ import annotations

import contextlib
import io
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocrcli.cli.support.console import err, out

WRITERS = [(out, "stdout"), (err, "stderr")]
EACH_WRITER = pytest.mark.parametrize(("write", "stream"), WRITERS, ids=["out", "err"])
Write = Callable[[str], None]


def printed(text: str) -> str:
    """What `out` makes of a text, without the newline that ends it."""
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        out(text)
    written = stream.getvalue()
    assert written.endswith("\n")
    return written[:-1]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain text, 100%", "plain text, 100%"),
        ("Zoë 日本 €", "Zoë 日本 €"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("bell\a back\b", r"bell\x07 back\x08"),
        ("over\rwritten", r"over\rwritten"),
        ("\x9b2J", r"\x9b2J"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("one\u2028two\x85three", r"one\u2028two\x85three"),
        ("\udcff", r"\udcff"),
        ("back\\slash", "back\\slash"),
        ('it\'s "quoted"', 'it\'s "quoted"'),
    ],
)
def test_control_characters_are_made_visible(text: str, shown: str) -> None:
    assert printed(text) == shown


@given(st.text())
def test_nothing_that_is_printed_steers_the_terminal(text: str) -> None:
    shown = printed(text)
    harmful = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [c for c in shown if c not in "\n\t" and unicodedata.category(c) in harmful]
    assert printed(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_text_without_control_characters_is_not_changed(text: str) -> None:
    kept = "".join(c for c in text if c.isprintable())
    assert printed(kept) == kept


@EACH_WRITER
def test_a_line_goes_to_its_own_stream(write: Write, stream: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("x\x1b[2Jy é")
    captured = capsys.readouterr()
    written, other = (captured.out, captured.err) if stream == "stdout" else (captured.err, captured.out)
    assert (written, other) == ("x\\x1b[2Jy é\n", "")


@EACH_WRITER
@pytest.mark.parametrize("text", ["[bold]not markup[/bold]", "[/]", ":smile:", "[link=x]y", "{0} %s"])
def test_markup_is_plain_text(write: Write, stream: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(text)
    captured = capsys.readouterr()
    assert (captured.out if stream == "stdout" else captured.err) == f"{text}\n"


@EACH_WRITER
@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("ascii", rb"caf\xe9 \u65e5 \U0001f600"),
        ("latin-1", b"caf\xe9 \\u65e5 \\U0001f600"),
        ("cp1252", b"caf\xe9 \\u65e5 \\U0001f600"),
        ("shift_jis", b"caf\\xe9 \x93\xfa \\U0001f600"),
        ("utf-8", "café 日 😀".encode()),
    ],
)
def test_a_stream_of_another_encoding_gets_escapes(
    write: Write, stream: str, encoding: str, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, stream, io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n"))
    write("café 日 😀")
    assert raw.getvalue() == expected + b"\n"


@EACH_WRITER
def test_a_stream_without_an_encoding(write: Write, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = io.StringIO()
    monkeypatch.setattr(sys, stream, target)
    write("é\udc80")
    assert target.getvalue() == "é\\udc80\n"
