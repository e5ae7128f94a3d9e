"""What the documentation shows can be done: its command lines and its Python run, in a folder like a reader's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import docs_blocks
import pytest
from conftest import EXAMPLES, ROOT, Ocr, environment, few, halved
from docs_blocks import Block
from PIL import Image

from ocrcli.formats.json import from_json

BASH = shutil.which("bash")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the examples name, drawn by our own scripts."""
    folder = tmp_path_factory.mktemp("docs")
    for target in (folder / "examples", folder / "notes"):
        target.mkdir()
        for name in ("shopping_list", "sticky_note"):
            halved(EXAMPLES / f"{name}.jpg", target / f"{name}.jpg")
            shutil.copy(EXAMPLES / f"{name}.gt.txt", target)
    halved(EXAMPLES / "shopping_list.jpg", folder / "note.jpg")
    shutil.copy(EXAMPLES / "shopping_list.gt.txt", folder / "note.gt.txt")
    for name in ("meter", "serials", "guests", "prices"):
        halved(EXAMPLES / "price_list.jpg", folder / f"{name}.jpg")
    (folder / "labels.txt").write_text("note.jpg\tSHOPPING\nnotes/sticky_note.jpg\tCALL ELSIE\n")
    (folder / "names.txt").write_text("Mira\nElsie\n")
    shutil.copy(ROOT / "models" / "letters.onnx", folder / "my-letters.onnx")
    with Image.open(EXAMPLES / "shopping_list.jpg") as first, Image.open(EXAMPLES / "todo_list.jpg") as second:
        first.save(folder / "scan.pdf", save_all=True, append_images=[second])
    (folder / "out").mkdir()
    commands = folder.parent / "bin"
    commands.mkdir(exist_ok=True)
    (commands / "ocr").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ocrcli "$@"\n')
    (commands / "ocr").chmod(0o755)
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "docs"))


def command_lines() -> list[Any]:
    """All command lines; but for the first on some pages that can be run here, they are slow."""
    lines = docs_blocks.different_lines()
    first = {line.page.stem: line for line in reversed(lines) if not docs_blocks.why_not(line.text)}
    return few(lines, *(first[name] for name in ("README", "config", "doctor")))


@pytest.mark.parametrize("line", command_lines(), ids=str)
def test_a_command_line_of_the_docs_works(line: Block, template: Path, folder: Path) -> None:
    if reason := docs_blocks.why_not(line.text):
        pytest.skip(f"{reason}: {line.text}")
    if BASH is None:
        pytest.skip("BASH IS MISSING: command lines of the docs are not run")
    if "pdf" in line.text:
        for module in ("fpdf", "pypdfium2"):
            pytest.importorskip(module, reason=f"the extra pdf is not installed: {line.text}")
    if "ocr batch" in line.text:
        pytest.importorskip("pyarrow", reason=f"the extra batch is not installed: {line.text}")
    if "--engine ray" in line.text:
        pytest.importorskip("ray", reason=f"RAY IS MISSING: {line.text}")
    path = os.pathsep.join([str(template.parent / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        [BASH, "-euo", "pipefail", "-c", line.text],
        capture_output=True, text=True, check=False, cwd=folder, env=environment(PATH=path), stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, f"{line.text}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("block", docs_blocks.blocks("python"), ids=str)
def test_python_of_the_docs_works(block: Block, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if ".pdf" in block.text:
        pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")
    for engine in re.findall(r"^(?:import|from) (ray|dask|pyspark|pyarrow)", block.text, re.MULTILINE):
        pytest.importorskip(engine, reason=f"{engine.upper()} IS MISSING: {block} is not run")
    monkeypatch.chdir(folder)
    exec(compile(block.text, str(block), "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("block", docs_blocks.blocks("toml"), ids=str)
def test_settings_of_the_docs_are_settings(block: Block, folder: Path, ocr: Ocr) -> None:
    (folder / "ocr.toml").write_text(block.text)
    done = ocr("config", cwd=folder, env={"OCR_CONFIG": "ocr.toml"})
    assert done.returncode == 0, done.stderr
    assert "# ocr.toml" in done.stdout


@pytest.mark.parametrize("block", docs_blocks.blocks("json"), ids=str)
def test_json_of_the_docs_is_such_json(block: Block) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "ocrcli" / "formats" / "page.schema.json").read_text(encoding="utf-8"))
    held = json.loads(block.text)
    jsonschema.validate(held, schema)
    assert from_json(block.text)[0].page.text == held["pages"][0]["text"]
