"""`read_many` and a `Reader` that travels: the same pages in several processes, in order, the bad ones among them."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest
from drawn import photo, written
from PIL import Image

import ocrcli
from ocrcli import InputError, Reader, Settings
from ocrcli.pipeline.many import read_one
from ocrcli.sources import Source


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three small notes, of which the second is broken."""
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path, row in zip(paths, ("THE QUICK", "", "FOX 42"), strict=True):
        Image.fromarray(photo(written([row], (120, 300)))).save(path)
    paths[1].write_bytes(b"no image")
    return paths


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order_with_the_bad_ones_among_them(photos: list[Path], jobs: int) -> None:
    results = list(ocrcli.read_many(photos, Settings(language="none"), jobs=jobs))
    assert [result.source.name for result in results] == [str(path) for path in photos]
    assert [result.page.text if result.page else None for result in results] == ["THE QUICK", None, "FOX 42"]
    assert [type(result.error) for result in results] == [type(None), InputError, type(None)]
    assert all(result.seconds > 0 for result in results)


def test_no_more_is_taken_than_is_needed(photos: list[Path]) -> None:
    taken = []

    def endless() -> Iterator[Path]:
        while True:
            taken.append(photos[0])
            yield photos[0]

    results = ocrcli.read_many(endless(), jobs=1)
    next(results)
    results.close()
    assert len(taken) <= 2


@pytest.mark.slow
def test_processes_end_with_the_results(photos: list[Path]) -> None:
    results = ocrcli.read_many([photos[0]] * 30, jobs=2)
    assert next(results).page is not None
    results.close()
    assert not active_children()


def test_a_wrong_setting_is_raised() -> None:
    with pytest.raises(ocrcli.OcrError, match="best"):
        list(ocrcli.read_many([np.zeros((9, 9), np.uint8)], Settings(threshold="best")))


class Bug:
    def read(self, source: Source) -> ocrcli.Page:
        raise ZeroDivisionError("x")


def test_a_bug_is_a_result_with_its_traceback() -> None:
    result = read_one(Bug(), Source("a\nb.jpg", b""))  # type: ignore[arg-type]
    assert str(result.error) == "a\\nb.jpg: unexpected ZeroDivisionError; please report it with the photo"
    assert result.error is not None
    assert "Traceback" in result.error.__notes__[0]


def test_a_reader_travels_with_its_settings(photos: list[Path]) -> None:
    reader = Reader(Settings(allow="A-Z", language="none"))
    page = reader.read(photos[0])  # it has loaded what it needs
    pickled = pickle.dumps(reader)
    assert len(pickled) < 2000
    arrived = pickle.loads(pickled)
    assert arrived.settings == reader.settings
    assert arrived.read(photos[0]) == page


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs POSIX threads")
def test_another_thread_may_read_and_end(photos: list[Path]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    results = ocrcli.read_many([photos[0]] * 6, jobs=2)
    pages = []
    for _ in range(6):  # Linux ends what a thread has started with that thread, if it is told so
        with ThreadPoolExecutor(1) as thread:
            pages.append(thread.submit(next, results).result().page)
    results.close()
    assert all(page is not None and page.text == "THE QUICK" for page in pages)
