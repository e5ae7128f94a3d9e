"""What all tests share: the command as people run it, the examples, and the real photos where they are."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import complaints, open_browser, requests
from hypothesis import settings
from PIL import Image
from reports import Open

from ocrcli import Reader, Settings
from ocrcli.formats import Document
from ocrcli.formats.html import to_html

# As many workers run side by side as there are cores: threads of ONNX Runtime wait by spinning, and those of several
# processes mostly wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A busy machine must not fail a test: none is a stopwatch. HYPOTHESIS_PROFILE=ci tries more examples of each property;
# tests that want more or fewer than most say so as multiples of what the profile says.
settings.register_profile("dev", deadline=None, max_examples=10)
settings.register_profile("ci", deadline=None, max_examples=25)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
REAL_DATA = ROOT.parent / "shared" / "data"

Ocr = Callable[..., subprocess.CompletedProcess[str]]


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command that knows no settings but `variables`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OCR_")}
    # An installed command has its byte code; to compile all of it again and again is an eighth of a test's time.
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**own, "OCR_CONFIG": "", **variables}


def start_ocr(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a shell would; stdout and stderr are text."""
    done = subprocess.run(
        [sys.executable, "-m", "ocrcli", *map(str, arguments)],
        input=stdin, capture_output=True, cwd=cwd, check=False, env=environment(**(env or {})),
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def call_ocr(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in this process, with streams, a folder and an environment of its own.

    To begin a process takes longer than to read a note. Output that is not valid UTF-8, and what would be a traceback,
    raises here.
    """
    from ocrcli.cli import app

    out, error = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("OCR_")]:
            patch.delenv(name)
        for name, value in {"OCR_CONFIG": "", **(env or {})}.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["ocr", *map(str, arguments)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)), "utf-8"))
        for name, stream in (("stdout", out), ("stderr", error)):
            patch.setattr(sys, name, io.TextIOWrapper(stream, "utf-8", newline="", write_through=True))
        if cwd is not None:
            patch.chdir(cwd)
        app.settings_files.cache_clear()
        code: object = None
        try:
            app.run()
        except SystemExit as ended:  # not kept: its traceback would keep the run's folder locked
            code = ended.code
        app.settings_files.cache_clear()
        assert isinstance(code, int)
        return subprocess.CompletedProcess(sys.argv, code, out.getvalue(), error.getvalue())


def few(values: Iterable[Any], *kept: Any) -> list[Any]:
    """Parameters of a test, of which a plain ``pytest`` takes only those that are `kept`; the others are slow."""
    return [value if value in kept else pytest.param(value, marks=pytest.mark.slow) for value in values]


def one_line(text: str) -> bool:
    """Whether that is a message as it should be: one line, and no traceback."""
    return text.endswith("\n") and text.count("\n") == 1 and "Traceback" not in text


def truth(name: str) -> str:
    """What is written on an example."""
    return (EXAMPLES / f"{name}.gt.txt").read_text(encoding="utf-8")


def bad_inputs(folder: Path) -> dict[str, Path]:
    """Files that cannot be read as photos of writing, by what is wrong with them."""
    files = {name: folder / name for name in ("text.jpg", "empty.jpg", "cut.jpg", "tiny.png", "blank.png", "black.png")}
    files["text.jpg"].write_text("milk, bread, tea\n")
    files["empty.jpg"].touch()
    whole = (EXAMPLES / "shopping_list.jpg").read_bytes()
    files["cut.jpg"].write_bytes(whole[: len(whole) // 2])
    Image.new("L", (1, 1)).save(files["tiny.png"])
    Image.new("L", (600, 400), 240).save(files["blank.png"])
    Image.new("L", (600, 400), 0).save(files["black.png"])
    rng = np.random.default_rng(1)
    files["noise.png"] = folder / "noise.png"
    Image.fromarray(rng.normal(200, 4, (400, 600)).astype(np.uint8)).save(files["noise.png"])
    files["folder"] = folder / "empty"
    files["folder"].mkdir()
    files["missing"] = folder / "missing.jpg"
    files["new\nline\x1b[31m"] = folder / "new\nline\x1b[31m.jpg"
    return files


def halved(photo: Path, target: Path) -> Path:
    """A photo with half of the pixels along each side."""
    with Image.open(photo) as image:
        image.reduce(2).save(target, quality=90, exif=image.getexif())
    return target


@pytest.fixture
def ocr() -> Ocr:
    """The command in this process; stdout and stderr are text."""

    def call(*arguments: str | Path, **how: Any) -> subprocess.CompletedProcess[str]:
        done = call_ocr(*arguments, **how)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def ocr_process() -> Ocr:
    """The command as people run it, through its entry point, for what takes a process: imports, streams, signals."""
    return start_ocr


@pytest.fixture
def note(tmp_path: Path, example: Path) -> Path:
    """A smaller copy of it in a folder that may be written to: as well read in less time."""
    return halved(example, tmp_path / "note.jpg")


@pytest.fixture(scope="session")
def reader() -> Reader:
    """A reader with the settings that are used if nothing is said; it loads its models once."""
    return Reader()


@pytest.fixture(scope="session")
def baseline_reader() -> Reader:
    """The same without a page model."""
    return Reader(Settings(page_model=Path("none")))


@pytest.fixture(scope="session")
def example() -> Path:
    """One of the example notes."""
    return EXAMPLES / "shopping_list.jpg"


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser keeps what it is made to save."""
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def started(downloads: Path) -> Iterator[Any]:
    """A browser."""
    yield from open_browser(downloads)


@pytest.fixture
def opened(started: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a report of documents; afterwards nothing may have gone wrong in it, nor left the machine."""

    def open_report(*documents: Document) -> Any:
        file = tmp_path / "report.html"
        file.write_text(to_html(documents), encoding="utf-8")
        started.get(file.as_uri())
        return started

    yield open_report
    assert complaints(started) == []
    assert requests(started) == []
    if started.current_url.startswith("file:"):  # else it asks before it leaves, and the next report finds drafts
        started.execute_script("views.forEach((view) => { view.saved = view.lines; }); localStorage.clear()")


def pytest_configure() -> None:
    """Let Ctrl-C end the commands that are started, also if a shell in the background began the tests ignoring it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of the real photos where these are missing."""
    if REAL_DATA.is_dir():
        return
    skip = pytest.mark.skip(reason=f"REAL PHOTOS ARE MISSING: {REAL_DATA} is not there")
    for item in items:
        if item.get_closest_marker("realdata"):
            item.add_marker(skip)
