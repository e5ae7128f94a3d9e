"""When a file counts as whole, and what is remembered of those that failed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ocrcli.core.errors import InputError, NoRoomError, NothingWrittenError
from ocrcli.watch.error_list import ErrorList
from ocrcli.watch.settling import STILL, Settling
from ocrcli.watch.stamps import digest_of, stamp_of


def test_a_file_is_whole_when_it_stands_still(tmp_path: Path) -> None:
    file, settling = tmp_path / "a.jpg", Settling()
    file.write_bytes(b"a")
    settling.see(file, 0)
    assert settling.settled(STILL / 2) == []
    file.write_bytes(b"ab")
    assert settling.settled(STILL) == []
    settling.see(file, STILL)  # once more changes nothing
    assert settling.settled(STILL * 1.5) == []
    assert settling.settled(STILL * 2) == [file]
    assert settling.settled(STILL * 9) == []
    assert not len(settling)


def test_a_file_that_may_grow_is_waited_for_longer_and_not_once_it_grows(tmp_path: Path) -> None:
    file, settling = tmp_path / "a.jpg", Settling()
    file.write_bytes(b"a")
    settling.see(file, 0, still=60)
    assert settling.settled(50) == []
    file.write_bytes(b"ab")
    assert settling.settled(51) == []
    assert settling.settled(51 + STILL) == [file]


def test_a_file_that_goes_away_is_forgotten(tmp_path: Path) -> None:
    file, settling = tmp_path / "a.jpg", Settling()
    file.write_bytes(b"a")
    settling.see(file, 0)
    file.rename(tmp_path / "b.jpg")
    assert settling.settled(STILL) == []
    assert not len(settling)


def test_stamps_tell_files_from_what_is_none(tmp_path: Path) -> None:
    file = tmp_path / "a"
    assert stamp_of(file) is stamp_of(tmp_path) is stamp_of(Path("\0")) is None
    assert digest_of(file) == ""
    file.write_bytes(b"a")
    before = stamp_of(file)
    os.utime(file, ns=(5, 5))
    assert before != stamp_of(file)
    assert digest_of(file).startswith("ca978112")


def test_the_error_list_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "out" / "errors.jsonl"
    errors = ErrorList(path)
    assert not path.exists()
    errors.add("a\n.jpg", "1234", [InputError("a: damaged"), NothingWrittenError("b: nothing")])
    errors.add("c.jpg", "", [InputError("c: permission denied")])
    with path.open("ab") as file:
        file.write(b"what a hand has written\n\xff\n[]\n")
    again = ErrorList(path)
    assert "1234" in errors
    assert "1234" in again
    assert "" not in again
    first, second, third = path.read_text("latin-1").splitlines()[:3]
    assert '"path": "a\\\\n.jpg", "kind": "input", "message": "a: damaged", "sha256": "1234"' in first
    assert "nothing-written" in second
    assert "c.jpg" in third


def test_an_error_list_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    errors = ErrorList(Path("/dev/full"))
    with pytest.raises(NoRoomError, match="make room"):
        errors.add("a.jpg", "1234", [InputError("a")])
    assert "1234" not in errors
    with pytest.raises(InputError, match="choose another place"):
        ErrorList(tmp_path)
