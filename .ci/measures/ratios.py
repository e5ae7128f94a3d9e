"""Time and memory of this version over those of an earlier one, measured in turn in one go."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from measures.photos import DATA, ROOT
from measures.text import Row

BEFORE = "1ac9023"
"""The commit that this version is measured against."""

RUNS = 9

WARM = f"""
import sys, time, statistics
from ocrcli import Reader
reader, seconds = Reader(), []
for _ in range({RUNS + 1}):
    start = time.perf_counter()
    reader.read(sys.argv[1])
    seconds.append(time.perf_counter() - start)
print(statistics.median(seconds[1:]))
"""

ROUNDS = 3
"""Times that each version is started, in turn, to read warm."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took.

    Attributes:
        seconds: Wall-clock.
        megabytes: The most memory that it held.
    """

    seconds: float
    megabytes: float


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """A commit of this repository, in a folder of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / commit
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def environment(tree: Path) -> dict[str, str]:
    """That of a command which imports what is in a tree, with its byte code kept, as an installed one would."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPATH": str(tree)}


def whole(tree: Path, picture: Path) -> Cost:
    """A process of its own that reads one picture."""
    command = [sys.executable, "-m", "ocrcli", "read", str(picture)]
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tree, env=environment(tree)
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{' '.join(command)} failed in {tree}")
    return Cost(time.perf_counter() - start, usage.ru_maxrss / 1024)


def warm(tree: Path, picture: Path) -> float:
    """Median seconds of a reader that has read the picture before."""
    command = [sys.executable, "-c", WARM, str(picture)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=tree, env=environment(tree))
    return float(done.stdout)


def in_turn(measure: Callable[[Path], float], trees: Sequence[Path], runs: int) -> list[float]:
    """The median of each tree's figures, taken in turn, so that whatever else the machine does is shared."""
    rounds = [[measure(tree) for tree in trees] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def ratios() -> Iterator[Row]:
    """The table: a row for each cost."""
    yield ("", f"commit {BEFORE}", "now", "ratio")
    note = (ROOT / DATA / "coursework" / "04_deep.jpg").resolve()
    with tempfile.TemporaryDirectory() as folder, checkout(BEFORE) as tree:
        full = Path(folder) / "letters.jpg"
        subprocess.run([sys.executable, "examples/full_page.py", str(full)], check=True, cwd=ROOT, stdout=2)
        trees = (tree, ROOT)
        for each in trees:  # byte code and the files of the models are cached from here on
            whole(each, note)
        costs: dict[Path, list[Cost]] = {each: [] for each in trees}
        for _ in range(RUNS):
            for each in trees:
                costs[each].append(whole(each, note))
        seconds = [statistics.median(cost.seconds for cost in costs[each]) for each in trees]
        peaks = [max(cost.megabytes for cost in costs[each]) for each in trees]
        pages = [max(whole(each, full).megabytes for _ in range(2)) for each in trees]
        yield _row("`04_deep.jpg`, model loaded, seconds", in_turn(lambda at: warm(at, note), trees, ROUNDS), 3)
        yield _row("`04_deep.jpg`, whole process, seconds", seconds, 3)
        yield _row("`04_deep.jpg`, peak MB", peaks, 0)
        yield _row(
            "a page of 1,000 letters, model loaded, seconds", in_turn(lambda at: warm(at, full), trees, ROUNDS), 3
        )
        yield _row("a page of 1,000 letters, peak MB", pages, 0)


def _row(name: str, values: Sequence[float], digits: int) -> Row:
    before, now = values
    return (name, f"{before:.{digits}f}", f"{now:.{digits}f}", f"{now / before:.2f}")
