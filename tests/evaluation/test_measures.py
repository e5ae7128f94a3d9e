"""What `.ci/figures` and `.ci/pages` count, on made-up readings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pages as made_up
import pytest
from conftest import EXAMPLES, ROOT
from PIL import Image

from ocrcli.core.errors import NothingWrittenError
from ocrcli.core.page import Page
from ocrcli.evaluation.scoring import Tally

sys.path.insert(0, str(ROOT / ".ci"))

from measures import outlines, photos, runner, text
from measures import pages as measured
from measures.orientation import upright


class Answer:
    """In place of a reader: answers with a page, or raises."""

    def __init__(self, answer: Page | Exception) -> None:
        self.answer = answer

    def read(self, picture: object) -> Page:
        """The answer, whatever the picture."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def photo(written: str, name: str = "note") -> photos.Photo:
    return photos.Photo(Path(f"{name}.jpg"), written, "2")


def folder_of_notes(folder: Path, count: int = 20) -> Path:
    for number in range(count):
        (folder / f"n{number}.jpg").write_bytes(b"")
        (folder / f"n{number}.gt.txt").write_text(f"note {number}", encoding="utf-8")
    (folder / "manifest.tsv").write_text("file\ttier\tnote\nn0.jpg\t3\tdim\n", encoding="utf-8")
    return folder


def test_the_halves_of_a_folder_are_all_of_it(tmp_path: Path) -> None:
    folder = str(folder_of_notes(tmp_path))
    every, even, odd = (photos.photos(folder, half) for half in (None, *photos.HALVES))
    assert len(every) == 20
    assert sorted([*even, *odd], key=lambda photo: photo.name) == every
    assert even
    assert odd
    assert all(photos.checksum(photo.path) % 2 == 0 for photo in even)


def test_tiers_and_notes_are_those_of_the_manifest(tmp_path: Path) -> None:
    first, second, *_ = photos.photos(str(folder_of_notes(tmp_path)))
    assert (first.tier, first.note, first.truth) == ("3", "dim", "note 0")
    assert (second.tier, second.note) == ("-", "")


def test_settings_are_given_by_their_names() -> None:
    settings = runner.settings_of(["--threshold", "li", "--long-side", "900", "--model", "a.onnx", "--language", "fr"])
    assert (settings.threshold, settings.long_side, settings.language) == ("li", 900, "fr")
    assert settings.model == Path("a.onnx")


@pytest.mark.parametrize("flags", [["--no-such", "1"], ["--threshold"], ["threshold", "li"]])
def test_a_setting_that_is_none_is_refused(flags: list[str]) -> None:
    with pytest.raises(SystemExit, match="--threshold"):
        runner.settings_of(flags)


def test_what_goes_wrong_in_one_page_is_part_of_its_result() -> None:
    reading = runner.read(Answer(ValueError("odd")), None)
    found = measured.result(photo("ab c"), reading)
    assert found.error == "ValueError: odd"
    assert (found.letters, found.exact, found.turned, found.lines) == (Tally(3, 3), Tally(4, 4), None, 0)
    assert found.lost


def test_to_find_nothing_written_is_no_error() -> None:
    reading = runner.read(Answer(NothingWrittenError("nothing")), None)
    assert (reading.page, reading.text, reading.error) == (None, "", "")


def test_a_page_is_scored_in_order_and_in_any_order() -> None:
    found = measured.result(photo("ab\ncdef"), runner.read(Answer(made_up.page("cdef\nab")), None))
    assert found.exact.edits > 0
    assert (found.any_letters, found.any_exact) == (Tally(0, 6), Tally(0, 7))
    assert (found.turned, found.lines) == (0, 2)


def test_alphabet_sheets_are_scored_without_spaces() -> None:
    reading = runner.read(Answer(made_up.page("a b")), None)
    assert measured.result(photo("ab", "eez_one"), reading).exact == Tally(0, 2)
    assert measured.result(photo("ab", "other"), reading).exact == Tally(1, 2)


def test_a_page_cannot_be_worse_than_unread_where_errors_are_capped() -> None:
    assert measured.capped(Tally(30, 10)) == Tally(10, 10)
    assert measured.capped(Tally(3, 10)) == Tally(3, 10)


def test_results_are_pooled_by_tier_and_kept(tmp_path: Path) -> None:
    readings = ("ab", "abcdefgh")
    results = [measured.result(photo("ab"), runner.read(Answer(made_up.page(read)), None)) for read in readings]
    head, tier, every = measured.table(results)
    assert len(head) == len(tier) == len(every)
    assert dict(zip(head[1:], tier[1:], strict=True)) == {
        "photos": "2",
        "letters": "1.500",
        "exact": "1.500",
        "letters, lines in any order": "1.500",
        "exact, any order": "1.500",
        "letters, each page's errors at most its length": "0.500",
        "letters, median page": "1.500",
        "lost pages (letters > .5)": "1",
    }
    measured.save(results, tmp_path / "kept.json")
    assert measured.load(tmp_path / "kept.json") == results


def test_a_table_is_aligned_for_a_terminal() -> None:
    assert text.aligned([("", "some letters"), ("one", "1"), ("three", "20")], widest=7).splitlines() == [
        "          some",
        "       letters",
        "one          1",
        "three       20",
    ]


@pytest.mark.parametrize(("degrees", "quarters", "wanted"), [(0, 0, 0), (0, 1, 270), (0, 3, 90), (270, 1, 180)])
def test_what_undoes_a_turn(degrees: int, quarters: int, wanted: int) -> None:
    assert upright(degrees, quarters) == wanted


def outlined(page_text: str, width: int = 1200, height: int = 900) -> list[outlines.Outline]:
    return [outlines.outline(line) for line in made_up.page(page_text, width, height).lines]


SIZE = (1200, 900)


def test_lines_that_lie_on_the_reference_are_all_found() -> None:
    lines = outlined("one two\nthree four\nfive")
    assert outlines.compare(lines, lines, SIZE) == outlines.Counts(3, 3, 3, 0, 0, 3, 3)


def test_nothing_read_is_nothing_found() -> None:
    assert outlines.compare(outlined("one\ntwo"), [], SIZE) == outlines.Counts(written=2)


def test_a_line_that_was_made_up_costs_precision_alone() -> None:
    counts = outlines.compare(outlined("one\ntwo"), outlined("one\ntwo\nmade up"), SIZE)
    assert (counts.written, counts.read, counts.found) == (2, 3, 2)
    assert (counts.along_written, counts.along_read) == (2, 2)


def test_merged_and_split_lines_are_counted() -> None:
    one, two, three = outlined("one two\nthree four\nfive six")
    merged = outlines.compare([one, two, three], [_box(one, two), three], SIZE)
    assert (merged.merged, merged.split) == (1, 0)
    split = outlines.compare([_box(one, two), three], [one, two, three], SIZE)
    assert (split.merged, split.split) == (0, 1)


def _box(*lines: outlines.Outline) -> outlines.Outline:
    """The upright rectangle around lines, with the baseline of the first."""
    every = np.concatenate([line.around for line in lines])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    return outlines.Outline(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]), lines[0].base)


def test_where_a_source_draws_its_baselines_does_not_matter() -> None:
    lines = outlined("one two\nthree four\nfive six")
    lower = [outlines.Outline(line.around, np.add(line.base, (0, 25))) for line in lines]
    counts = outlines.compare(lower, lines, SIZE)
    assert (counts.along_written, counts.along_read) == (3, 3)


@pytest.mark.parametrize("quarters", range(4))
def test_a_point_of_a_turned_page_is_found_on_the_untouched_picture(quarters: int) -> None:
    picture = np.zeros((30, 40), bool)
    picture[5, 7] = True
    turned = np.rot90(picture, -quarters)
    page = made_up.Page((), turned.shape[1], turned.shape[0], 90 * quarters)
    (y, x), *_ = np.argwhere(turned)
    back = outlines.untouched(np.array([(x + 0.5, y + 0.5)]), page, (40, 30))
    assert np.allclose(back, [(7.5, 5.5)])


def test_photos_are_varied_a_little_and_keep_what_is_on_them() -> None:
    from measures import varied

    grey = np.full((300, 400, 3), 200, np.uint8)
    grey[140:160, 190:210] = 0
    shapes = {}
    for name, way in varied.WAYS.items():
        changed = np.asarray(way(Image.fromarray(grey)))
        shapes[name] = changed.shape[:2]
        y, x = np.nonzero(changed[..., 0] < 100)
        assert np.allclose((y.mean() / changed.shape[0], x.mean() / changed.shape[1]), 0.5, atol=0.02)
        assert np.median(changed) == changed[0, 0, 0] == 200
    assert shapes["as they are"] == (300, 400)
    assert shapes["scaled to nine tenths"] == (270, 360)
    assert shapes["cropped by a hundredth"] == (296, 396)
    assert min(shapes["turned by a degree"]) > 300
    assert shapes["framed"] == (316, 416)


def test_papers_differ_by_their_rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cv2")
    pytest.importorskip("pyarrow")
    from measures import ruled

    from models.recipe.handwriting.words import InkItem

    monkeypatch.setattr(ruled, "SIZE", (420, 500))
    strokes = np.array([(0, 0), (40, 128), (80, 0), (120, 128), (160, 0)], np.int16)
    words = tuple(InkItem(strokes, np.array([0, 5], np.int32), name, 16) for name in ("wow", "vow", "WW"))
    (plain, written), (rules, same), (squares, _) = (ruled.drawn(ruled.Note(3, kind, words)) for kind in ruled.PAPERS)
    assert written
    assert written == same
    assert set(written.split()) <= {"wow", "vow", "WW"}
    assert np.array_equal(ruled.drawn(ruled.Note(3, "plain", words))[0], plain)
    changed, more = ((np.abs(photo.astype(int) - plain) > 12).any(axis=2).mean() for photo in (rules, squares))
    assert 0 < changed < more < 0.6


@pytest.mark.slow
def test_the_script_reads_a_folder_and_compares(tmp_path: Path) -> None:
    for suffix in (".jpg", ".gt.txt"):
        shutil.copy(EXAMPLES / f"shopping_list{suffix}", tmp_path)
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    (tmp_path / "broken.gt.txt").write_text("lost", encoding="utf-8")
    kept = tmp_path / "kept.json"

    def run(*words: str) -> str:
        command = [sys.executable, str(ROOT / ".ci" / "pages"), "--folder", str(tmp_path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout

    first = run("--json", str(kept))
    assert "shopping_list" in first
    assert "failed, and counted as nothing read: broken" in first
    again = run("--only", "shopping", "--against", str(kept), "--", "--threshold", "li")
    assert "before, on the same photos" in again
    assert "broken" not in again
