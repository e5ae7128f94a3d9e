"""The loop of a watched folder, without a reader: what is read when, and what is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ocrcli.core.errors import InputError, NoRoomError, NothingWrittenError
from ocrcli.watch import watcher
from ocrcli.watch.error_list import ErrorList
from ocrcli.watch.watcher import Reading, Watcher

pytest.importorskip("watchfiles", reason="THE EXTRA watch IS MISSING: pip install watchfiles")


class EndError(Exception):
    """Ends the loop, as a signal does."""


class Desk:
    """Stands for who reads: what a file says is what becomes of it. Ends the loop after so many files."""

    def __init__(self, count: int) -> None:
        self.count, self.read_files, self.told, self.said = count, list[str](), list[str](), list[str]()
        self.full = False

    def wanted(self, path: Path) -> bool:
        return not path.name.startswith("ours")

    def name(self, path: Path) -> str:
        return path.name

    def read(self, path: Path) -> Reading:
        self.read_files.append(path.name)
        if self.full:
            self.full = False
            raise NoRoomError("out: no space left")
        content = path.read_text()
        errors = {"bad": InputError("bad"), "empty": NothingWrittenError("empty")}
        return Reading(errors=(errors[content],)) if content in errors else Reading((0.9,))

    def tell(self, path: Path, reading: Reading) -> None:
        self.told.append(path.name)
        if len(self.told) == self.count:
            raise EndError

    def say(self, line: str) -> None:
        self.said.append(line)


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TICK", "PATIENCE", "ROOM"):
        monkeypatch.setattr(watcher, name, 0.1)


def watch(folder: Path, desk: Desk, act: Callable[[], None] = lambda: None, **how: bool) -> ErrorList:
    errors = ErrorList(folder.parent / "errors.jsonl")
    flags = {"recursive": True, "existing": False, **how}
    held = Watcher(folder, desk, errors, jobs=2, **flags)
    threading.Timer(0.3, act).start()
    with pytest.raises(EndError):
        held.run()
    return errors


def test_new_photos_are_read_and_old_ones_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "may").mkdir(parents=True)
    (folder / "old.jpg").write_text("old")

    def act() -> None:
        for name in ("a.jpg", "may/b.PNG", "c.jpg.part", ".d.jpg", "~e.jpg", "ours.pdf", "f.txt"):
            (folder / name).write_text("good")
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "g.jpg").write_text("good")
        (tmp_path / "new").rename(folder / "new")

    desk = Desk(3)
    watch(folder, desk, act)
    assert sorted(desk.read_files) == ["a.jpg", "b.PNG", "g.jpg"]


@pytest.mark.slow
def test_what_fails_is_tried_twice_and_listed_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_text("bad")
    (folder / "b.jpg").write_text("empty")
    desk = Desk(2)
    watch(folder, desk, existing=True)
    assert sorted(desk.read_files) == ["a.jpg", "a.jpg", "b.jpg"]
    (folder / "b.jpg").rename(folder / "c.jpg")
    (folder / "a.jpg").write_text("good now")
    desk = Desk(1)
    watch(folder, desk, existing=True)
    assert desk.told == ["a.jpg"]
    assert len((tmp_path / "errors.jsonl").read_text().splitlines()) == 2


@pytest.mark.slow
def test_it_waits_for_room(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_text("good")
    desk = Desk(1)
    desk.full = True
    watch(folder, desk, existing=True)
    assert desk.read_files == ["a.jpg", "a.jpg"]
    assert [line.partition(";")[0] for line in desk.said] == ["out: no space left", "results can be written again"]
