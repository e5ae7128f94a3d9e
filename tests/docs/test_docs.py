"""The documentation is complete and up to date: commands, options, links, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docs_blocks
import docs_commands
import pytest
import typer
from conftest import EXAMPLES, ROOT, Ocr

from ocrcli.cli.app import COMMANDS, app, load
from ocrcli.core.errors import OcrError
from ocrcli.inspect.stages import OVER_MARKS, PICTURES

OTHERS = (
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "examples/README.md",
    *(f"models/{name}.md" for name in ("README", "letters", "lines", "page", "language", "study")),
    *(f"models/history/{name}.md" for name in ("hands", "letters", "lines", "page")),
)

LINKED = [*docs_blocks.PAGES, *(ROOT / name for name in OTHERS)]

STAGES = [*PICTURES, *OVER_MARKS]

ITSELF = ""
"""Stands for `ocr` itself among the commands."""


def params(name: str) -> list[Any]:
    held = load(name) if name else typer.main.get_command(app)
    return [param for param in held.params if param.param_type_name == "option" and param.name != "help"]


def flags(option: Any) -> set[str]:
    return {*option.opts, *option.secondary_opts}


def examples() -> Iterator[tuple[docs_blocks.Block, str, list[str]]]:
    """Every call of `ocr` in the docs: where, its command, and the flags that it is given."""
    for line in docs_blocks.command_lines():
        for words in docs_blocks.commands(line.text):
            if words[0] == "ocr":
                name = words[1] if not words[1].startswith("-") else ITSELF
                given = [word.split("=")[0] for word in words[1:] if re.match("--?[a-z]", word)]
                yield line, name, given


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_of_a_command_is_up_to_date(name: str) -> None:
    path = docs_commands.PAGES / f"{name}.md"
    assert path.exists(), "run: python -m tests.docs_commands"
    written = path.read_text(encoding="utf-8")
    assert docs_commands.page(name, written) == written, "run: python -m tests.docs_commands"


def test_there_is_no_page_of_a_command_that_is_gone() -> None:
    assert {path.stem for path in docs_commands.PAGES.glob("*.md")} == set(COMMANDS)


def test_the_index_lists_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").as_posix()
        assert name == "README.md" or f"({name})" in index


@pytest.mark.parametrize("name", [*COMMANDS, ITSELF])
def test_every_option_stands_in_an_example(name: str) -> None:
    used = {flag for _, _, given in examples() for flag in given}
    missing = [option.opts[0] for option in params(name) if not flags(option) & used]
    assert not missing, f"no example in README.md or docs/ shows ocr {name} with {', '.join(missing)}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_on_its_page(name: str) -> None:
    assert any(line.page.stem == name and command == name for line, command, _ in examples())


def test_every_option_in_an_example_exists() -> None:
    for line, name, given in examples():
        known = {flag for option in params(name) for flag in flags(option)} | {"-h", "--help"}
        assert set(given) <= known, f"{line}: {line.text}"


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r'\]\(([^)\s]+)\)|src="([^"]+)"', text):
        address, _, anchor = "".join(target).partition("#")
        if ":" in address:
            continue
        path = page.parent / address if address else page
        assert path.exists(), f"{address} is not there"
        assert not anchor or anchor in anchors(path), f"{address} has no heading #{anchor}"


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_contributing_tells_of_every_module() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    package = ROOT / "ocrcli"
    modules = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    missing = sorted(name for name in modules if not name.startswith("_") and f"`{name}`" not in told)
    assert not missing, f"CONTRIBUTING.md's table of modules lacks {', '.join(missing)}"


def test_every_exit_code_is_in_the_readme() -> None:
    listed = re.findall(r"^\| (\d+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {kind.exit_code for kind in (OcrError, *OcrError.__subclasses__())} <= set(map(int, listed))


def test_the_first_screen_shows_what_the_tool_prints(ocr: Ocr) -> None:
    shown = re.search(r"width=\"240\"> \| (`.*`) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert shown is not None
    printed = ocr("read", EXAMPLES / "shopping_list.jpg").stdout
    assert shown[1].replace("`", "").split("<br>") == printed.split("\n")[:-1]


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_shown_and_explained(stage: str) -> None:
    page = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    assert f"(stages/{stage}.webp)" in page
    assert (ROOT / "docs" / "stages" / f"{stage}.webp").exists(), "run: python docs/make_pictures.py"


def test_pictures_stay_small() -> None:
    pictures = [*(ROOT / "docs").rglob("*.webp")]
    assert len(pictures) >= len(STAGES)
    assert sum(picture.stat().st_size for picture in pictures) < 600_000
