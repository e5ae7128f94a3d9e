"""The code blocks of the documentation, and what stands in the way of running them here."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
"""What people read to learn the tool."""

NOT_RUN = {
    "://": "needs the web",
    "--address": "needs a cluster",
    "ocr watch": "runs until it is stopped; tests/watch",
    "ocr serve": "runs until it is stopped; tests/serve",
    "localhost": "needs the server; tests/serve",
    "systemctl": "changes what the system runs",
    "launchctl": "changes what the system runs",
    "docker ": "needs a container engine",
    "pip ": "changes what is installed",
    "apt-get ": "changes what is installed",
    "clipboard:": "needs a clipboard",
    "--copy": "needs a clipboard",
    "-completion": "changes how the shell starts",
    "$DOCUMENT_WORKING_PATH": "runs within Paperless-ngx",
    "--hand me": "needs a hand that was learnt",
    "hands remove": "needs a hand that was learnt",
    "../shared": "reads the real photos, which takes minutes",
}
"""Why a command line that holds this is not run by a test."""

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_OPERATOR = re.compile(r"[|&;()]+")
_ASSIGNMENT = re.compile(r"\w+=.*")


@dataclass(frozen=True)
class Block:
    """A piece of code in a page.

    Attributes:
        page: The page.
        line: Where it begins there, from 1.
        text: The code.
    """

    page: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def blocks(language: str, name: str = "*") -> list[Block]:
    """All fenced blocks in a language, of pages with that name."""
    found = []
    for page in (page for page in PAGES if page.match(name)):
        text = page.read_text(encoding="utf-8")
        found += [
            Block(page, text.count("\n", 0, match.start(2)) + 1, match[2])
            for match in _FENCE.finditer(text)
            if match[1] == language
        ]
    return found


def command_lines() -> Iterator[Block]:
    """Every line of every block for the shell, with what it goes on with after a backslash."""
    for block in blocks("sh"):
        number = block.line
        for line in re.split(r"(?<!\\)\n", block.text):
            if line.strip():
                yield Block(block.page, number, line)
            number += line.count("\n") + 1


def different_lines() -> list[Block]:
    """The same, but a line that stands in several pages only once, whatever its comment."""
    found: dict[str, Block] = {}
    for line in command_lines():
        found.setdefault(str(commands(line.text)), line)
    return list(found.values())


def commands(line: str) -> list[list[str]]:
    """The simple commands of a command line, as words: those that pipes and ``&&`` join."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if _OPERATOR.fullmatch(word):
            found.append([])
        elif found[-1] or not _ASSIGNMENT.fullmatch(word):
            found[-1].append(word)
    return [words for words in found if words]


def why_not(line: str) -> str:
    """Why a command line cannot be run here; nothing if it can."""
    called = commands(line)
    bare = " ".join(word for words in called for word in words)
    reasons = [reason for part, reason in NOT_RUN.items() if part in bare]
    missing = {words[0] for words in called if words[0] != "ocr" and not shutil.which(words[0])}
    reasons += [f"{program.upper()} IS MISSING" for program in sorted(missing)]
    return reasons[0] if reasons else ""
