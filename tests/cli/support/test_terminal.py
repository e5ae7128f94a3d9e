"""Colours and pictures for terminals that can show them."""

from __future__ import annotations

import base64
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrcli.cli.support.pictures import blocks, kitty, picture_protocol, sixel
from ocrcli.cli.support.terminal import print_coloured, show_picture
from ocrcli.core.page import Box, Glyph, Line, Page, Word

KITTY, ITERM = {"TERM": "xterm-kitty"}, {"TERM_PROGRAM": "iTerm.app"}
BOX = Box(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({}, None),
        ({"TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, None),
        ({"TERM": "dumb"}, None),
        ({"TERM_PROGRAM": "vscode", "TERM": "xterm-256color"}, "blocks"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "foot-extra", "NO_COLOR": "1"}, "sixel"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230400"}, "sixel"),
        (KITTY, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty", "TERM": "xterm-ghostty"}, "kitty"),
        (ITERM, "iterm"),
        ({"TERM_PROGRAM": "WezTerm", "TERM": "xterm-256color"}, "iterm"),
        ({"TERM_PROGRAM": "mintty"}, "iterm"),
        ({**KITTY, "TMUX": "/tmp/tmux-0/default,1,0"}, "blocks"),
        ({**ITERM, "TMUX": "/tmp/tmux-0/default,1,0"}, None),
    ],
)
def test_protocols_are_told_by_the_environment(environment: dict[str, str], protocol: str | None) -> None:
    assert picture_protocol(environment) == protocol


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], png: bytes, stderr: io.StringIO
) -> str:
    for name in ("TERM", "TERM_PROGRAM", "KITTY_WINDOW_ID", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "picture.png"
    path.write_bytes(png)
    monkeypatch.setattr(sys, "stderr", stderr)
    show_picture(path)
    return stderr.getvalue()


def picture_of(size: int) -> bytes:
    return bytes(i * 7 % 256 for i in range(size))


@pytest.mark.parametrize("size", [1, 3000, 3072, 3073, 6144, 20_000])
def test_kitty_gets_framed_chunks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int) -> None:
    png = picture_of(size)
    sent = shown(monkeypatch, tmp_path, KITTY, png, Terminal())
    frames = re.findall(r"\x1b_G([^;\x1b]*);([^\x1b]*)\x1b\\", sent)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in frames) == sent.removesuffix("\n")
    keys = [dict(pair.split("=") for pair in head.split(",")) for head, _ in frames]
    chunks = [data for _, data in frames]
    assert (keys[0]["a"], keys[0]["f"]) == ("T", "100")
    assert [key["m"] for key in keys] == ["1"] * (len(keys) - 1) + ["0"]
    assert all(set(key) <= {"m", "q"} for key in keys[1:])
    assert all(0 < len(chunk) <= 4096 for chunk in chunks)
    assert all(len(chunk) % 4 == 0 for chunk in chunks)
    assert base64.b64decode("".join(chunks), validate=True) == png


@pytest.mark.parametrize("size", [1, 20_000])
def test_iterm_gets_one_sequence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, size: int) -> None:
    png = picture_of(size)
    sent = shown(monkeypatch, tmp_path, ITERM, png, Terminal())
    match = re.fullmatch(r"\x1b\]1337;File=([^:]*):([A-Za-z0-9+/=]*)\a\n", sent)
    assert match
    keys = dict(pair.split("=") for pair in match[1].split(";"))
    assert keys["inline"] == "1"
    assert int(keys["size"]) == size
    assert base64.b64decode(match[2], validate=True) == png


@pytest.mark.parametrize("environment", [KITTY, ITERM], ids=["kitty", "iterm"])
def test_nothing_is_shown_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str]
) -> None:
    assert shown(monkeypatch, tmp_path, environment, b"picture", io.StringIO()) == ""


def test_nothing_is_shown_by_an_unknown_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert shown(monkeypatch, tmp_path, {"TERM": "dumb"}, b"picture", Terminal()) == ""


def test_a_picture_goes_to_stderr_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(monkeypatch, tmp_path, KITTY, b"picture", Terminal())
    assert capsys.readouterr().out == ""


def drawn(sent: str) -> np.ndarray:
    """What a terminal draws of sixels: (h, w, 3), colours from 0 to 100."""
    match = re.fullmatch(r"\x1bP0;1q\"1;1;(\d+);(\d+)(.*)\x1b\\", sent, re.DOTALL)
    assert match
    width, height = int(match[1]), int(match[2])
    picture, colours, colour, x, top = np.full((height + 6, width, 3), -1), {}, 0, 0, 0
    for token in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|(\$)|(-)", match[3]):
        number, red, green, blue, count, repeated, single, back, down = token.groups()
        if number:
            colour = int(number)
            if red:
                colours[colour] = (int(red), int(green), int(blue))
        elif back or down:
            x, top = 0, top + 6 * bool(down)
        else:
            bits, times = ord(repeated or single) - 63, int(count or 1)
            for bit in range(6):
                if bits >> bit & 1:
                    picture[top + bit, x : x + times] = colours[colour]
            x += times
    assert (picture[height:] == -1).all()
    return picture[:height]


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (40, 13), (90, 24)])
def test_sixels_draw_the_picture(tmp_path: Path, size: tuple[int, int]) -> None:
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    pixels = np.stack([x * 2 // 9 * 9, y * 9 // 20 * 20, (x // 30) * 80], axis=-1).astype(np.uint8)
    path = tmp_path / "picture.png"
    Image.fromarray(pixels).save(path)
    difference = np.abs(drawn(sixel(path)) - pixels.astype(int) * 100 / 255)
    assert difference.mean() < 3
    assert difference.max() < 15


def test_half_blocks_hold_two_pixels_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "3")
    monkeypatch.setenv("LINES", "9")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    path = tmp_path / "picture.png"
    Image.fromarray(np.array([[[255, 0, 0]], [[0, 0, 255]], [[1, 2, 3]]], np.uint8)).save(path)
    assert blocks(path).splitlines() == [
        "\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m",
        "\x1b[38;2;1;2;3;48;2;1;2;3m▀\x1b[0m",
    ]


def test_half_blocks_fit_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "12")
    path = tmp_path / "picture.png"
    Image.new("RGB", (300, 900)).save(path)
    rows = plain(blocks(path)).splitlines()
    assert len(rows) <= 12
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows[0]) <= 40


def test_kitty_gets_a_png_of_any_picture(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (9, 7), "red").save(path)
    data = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)", kitty(path)))
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert (image.format, image.size) == ("PNG", (9, 7))


def page_of(*lines: str, confidence: float = 1.0) -> Page:
    def word(text: str) -> Word:
        return Word(tuple(Glyph(letter, confidence, BOX) for letter in text))

    return Page(tuple(Line(tuple(map(word, line.split()))) for line in lines), 9, 9)


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.usefixtures("colours")
def test_letters_are_coloured_by_their_confidence(capsys: pytest.CaptureFixture[str]) -> None:
    glyphs = (Glyph("a", 0.99, BOX), Glyph("b", 0.75, BOX), Glyph("c", 0.1, BOX))
    print_coloured(Page((Line((Word(glyphs),)),), 9, 9))
    printed = capsys.readouterr().out
    assert plain(printed) == "abc\n"
    assert printed.startswith("a")
    assert re.search(r"\x1b\[33mb", printed)
    assert re.search(r"\x1b\[31mc", printed)


@pytest.mark.usefixtures("colours")
@pytest.mark.parametrize(
    "lines",
    [["two words", "another line"], ["[bold]x[/bold] :smile:"], ["http://a.b 1 'two' None"], ["word " * 200 + "end"]],
    ids=["lines", "markup", "what rich would highlight", "longer than any window"],
)
def test_a_page_is_printed_as_it_is(lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    page = page_of(*lines)
    print_coloured(page)
    assert capsys.readouterr().out == page.text + "\n"


def test_a_stream_that_is_no_terminal_has_no_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    print_coloured(page_of("unsure", confidence=0.1))
    assert capsys.readouterr().out == "unsure\n"
