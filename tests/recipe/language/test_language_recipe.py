"""How languages are counted: runs, their probabilities, and which of them are kept."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tries import closed

from models.recipe import corpora
from models.recipe.language import counts as recipe
from models.recipe.language import evaluate
from models.recipe.language.__main__ import main
from models.recipe.language.counts import BITS, ORDER, Runs
from ocrcli.language.model import DIGITS, EDGE, symbol_of
from ocrcli.language.ngrams import BEGINNING, EMPTY, STEP, Ngrams, from_tables

TEXT = "the cat sat on the mat. the hat that the cat ate was the hat of the bat, and the rat sat on that hat. " * 3
ALPHABET = "aehté '1\n"


def parts(*texts: str) -> list[tuple[np.ndarray, np.ndarray]]:
    found = [recipe.symbols_of(text) for text in texts]
    return [(symbols, np.ones(len(symbols))) for symbols in found]


def key(text: str) -> int:
    """A run's number; a space is an edge."""
    number = 0
    for character in text:
        number = number << BITS | symbol_of(character)
    return number


def run_of(number: int, length: int) -> tuple[int, ...]:
    return tuple(number >> BITS * place & (1 << BITS) - 1 for place in reversed(range(length)))


def all_runs(found: list[Runs]) -> dict[tuple[int, ...], float]:
    return {
        run_of(int(number), length): float(value)
        for length, runs in enumerate(found, 1)
        for number, value in zip(runs.keys, runs.values, strict=True)
    }


def told(text: str) -> list[int]:
    return recipe.symbols_of(text).tolist()


def test_symbols_are_letters_with_one_edge_between_words() -> None:
    t, h, e = (symbol_of(c) for c in "the")
    assert told("The  the,\nthé") == [EDGE, t, h, e, EDGE, t, h, e, EDGE, t, h, symbol_of("é")]
    assert told("") == told(" .") == [EDGE]
    assert told("th_e") == told("th-e") == [EDGE, t, h, EDGE, e]


def test_a_word_with_a_digit_is_left_out() -> None:
    assert told("the a1b2 hat 7 x9y") == [*told("the hat"), EDGE]


def test_an_accent_is_the_same_letter_however_it_is_written_and_a_foreign_one_does_not_count() -> None:
    assert told("e\u0301te\u0301") == told("été") != told("ete")
    assert told("José") == told("josé")
    assert told("Málaga") == told("malaga")


@given(st.text(ALPHABET, max_size=40))
def test_symbols_are_those_of_a_reader(text: str) -> None:
    words = "".join(c if symbol_of(c) != EDGE else " " for c in text).split()
    expected = [[symbol_of(c) for c in word] for word in words if not any(c.isdigit() for c in word)]
    found = recipe.symbols_of(text)
    assert ((found[1:] != EDGE) | (found[:-1] != EDGE)).all()
    assert [part.tolist() for part in np.split(found, np.flatnonzero(found == EDGE)) if len(part) > 1] == [
        [EDGE, *word] for word in expected
    ]


@given(st.lists(st.tuples(st.text("abé ", max_size=20), st.floats(0.1, 9)), max_size=4), st.integers(1, 4))
def test_runs_are_counted_by_what_their_last_symbol_weighs(texts: list[tuple[str, float]], length: int) -> None:
    weighed = [(recipe.symbols_of(text), weight) for text, weight in texts]
    expected: dict[int, float] = {}
    for symbols, weight in weighed:
        for place in range(len(symbols) - length + 1):
            number = int("".join(f"{symbol:06b}" for symbol in symbols[place : place + length]), 2)
            expected[number] = expected.get(number, 0) + weight
    if not expected:
        return
    found = recipe.counted([(symbols, np.full(len(symbols), weight)) for symbols, weight in weighed], length)
    assert found.keys.tolist() == sorted(expected)
    np.testing.assert_allclose(found.values, [expected[number] for number in sorted(expected)])


def test_the_beginnings_and_ends_of_all_runs_are_counted() -> None:
    found = recipe.counts_of(parts(TEXT))
    assert len(found) == ORDER
    assert found[0].keys.tolist() == list(range(DIGITS))
    assert set(closed(all_runs(found))) == set(all_runs(found))
    assert all((runs.values >= recipe.TWICE).all() for runs in found[recipe.ALL_OF :])


def test_no_run_goes_over_two_edges() -> None:
    symbols = np.array([*told("the"), EDGE, *told("hat"), EDGE])
    runs = all_runs(recipe.counts_of([(symbols, np.full(len(symbols), 5.0))]))
    assert runs[run_of(key(" the "), 5)] == runs[run_of(key(" hat "), 5)] == 5
    assert not any(run[i : i + 2] == (EDGE, EDGE) for run in runs for i in range(len(run)))


def sums(found: list[Runs]) -> np.ndarray:
    """Of every history, by backing off: what its runs leave over goes to the shorter one."""
    p = all_runs(found)
    histories = sorted({run[:-1] for run in p}, key=len)

    def after(history: tuple[int, ...]) -> np.ndarray:
        own = np.array([p.get((*history, symbol), np.nan) for symbol in range(DIGITS)])
        if not history or not np.isnan(own).any():
            return own
        lower = after(history[1:])
        seen = ~np.isnan(own)
        return np.where(seen, own, lower * (1 - own[seen].sum()) / (1 - lower[seen].sum()))

    return np.array([after(history) for history in histories])


def test_probabilities_sum_to_one_after_every_history() -> None:
    p = sums(recipe.probabilities(recipe.counts_of(parts(TEXT))))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert p.min() > 1e-6


@given(st.lists(st.text("abé ", min_size=1, max_size=30), min_size=1, max_size=3))
def test_any_text_gives_probabilities(texts: list[str]) -> None:
    found = recipe.probabilities(recipe.counts_of(parts(*texts)))
    for runs in found:
        assert (runs.values > 0).all()
        assert (runs.values < 1).all()
    for runs in found[1:]:
        _, history = np.unique(recipe.beginning(runs.keys), return_inverse=True)
        assert (np.bincount(history, runs.values) < 1 + 1e-9).all()


def test_what_was_seen_is_likelier_than_what_was_not() -> None:
    p = all_runs(recipe.probabilities(recipe.counts_of(parts(TEXT))))
    t, h, e, a = (symbol_of(c) for c in "thea")
    assert p[EDGE, t, h, e] > 2 * p[EDGE, t, h, a] > p[t,]
    assert p[EDGE, t, h] < 1 - recipe.DOUBT / 2


def test_those_runs_are_kept_that_tell_most_with_their_beginnings_and_ends() -> None:
    counts = recipe.counts_of(parts(TEXT))
    p = recipe.probabilities(counts)
    every, few = all_runs(p), all_runs(recipe.most_telling(counts, p, 80))
    assert {run for run in every if len(run) < 3} <= set(few)
    assert 80 <= len(few) < len(every) / 2
    assert set(closed(few)) == set(few)
    assert all(every[run] == value for run, value in few.items())
    longer = {
        run: all_runs(counts)[run] * abs(np.log(p_ / every[run[1:]])) for run, p_ in every.items() if len(run) > 2
    }
    assert max(longer, key=lambda run: longer[run]) in few
    assert min(longer, key=lambda run: longer[run]) not in few


def test_all_runs_are_kept_where_there_is_room() -> None:
    counts = recipe.counts_of(parts(TEXT))
    p = recipe.probabilities(counts)
    assert all_runs(recipe.most_telling(counts, p, 10**9)) == all_runs(p)


@pytest.mark.parametrize("count", [10**9, 120])
def test_the_trie_says_what_was_counted(count: int) -> None:
    counts = recipe.counts_of(parts(TEXT))
    kept = recipe.most_telling(counts, recipe.probabilities(counts), count)
    p, expected = all_runs(kept), sums(kept)
    tree = from_tables(recipe.tables_of(kept))
    for history, exact in zip(sorted({run[:-1] for run in p}, key=len), expected, strict=True):
        at = np.array([EMPTY])
        for symbol in history:
            at = tree.extended(at, np.array([symbol]))
        scores = tree.scores(np.repeat(at, DIGITS), np.arange(DIGITS))
        np.testing.assert_allclose(scores, np.log(exact), atol=ORDER * 0.5 / STEP)
        own = [symbol for symbol in range(DIGITS) if (*history, symbol) in p]
        np.testing.assert_allclose(scores[own], np.log(exact[own]), atol=0.5 / STEP + 1e-5)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one text and one list of each of two languages."""
    monkeypatch.setattr(recipe, "TEXTS", {"en": {"notes": 2.0}, "fr": {"cahier": 1.0}})
    monkeypatch.setattr(recipe, "PROGRAMS", {})
    write(tmp_path / "text" / "notes.txt.xz", "buy bread\nthe key is under the third pot\n")
    write(tmp_path / "text" / "cahier.txt.xz", "un été\n")
    write(tmp_path / "text" / "words" / "en_wordfreq.tsv.xz", "bread\t300\nb2b\t250\npot\t400")
    write(tmp_path / "text" / "words" / "fr_wordfreq.tsv.xz", "été\t300")
    return tmp_path


def runs_in(data: Path, name: str, secret: set[int], length: int) -> Runs:
    return recipe.counted(list(recipe.parts_of(data, name, secret)), length)


def weight(runs: Runs, text: str) -> float:
    return float(runs.values[runs.keys == key(text)].sum())


def test_texts_and_lists_are_weighed(data: Path) -> None:
    (text, each), (listed, shares) = recipe.parts_of(data, "en", set())
    assert (each == 2).all()
    assert shares.sum() / (shares.sum() + each.sum()) == pytest.approx(recipe.LISTED["en"])
    assert weight(recipe.counted([(listed, shares)], 5), "bread") == pytest.approx(
        10 * weight(recipe.counted([(listed, shares)], 3), "pot")
    )
    assert weight(recipe.counted([(listed, shares)], 2), "  ") == 0
    assert text.tolist() == recipe.symbols_of("buy bread\nthe key is under the third pot").tolist()


def test_accents_are_left_away_in_a_part_of_a_text_but_not_of_english(data: Path) -> None:
    (_, with_them), (plain, without), _ = recipe.parts_of(data, "fr", set())
    assert without[0] / (with_them[0] + without[0]) == pytest.approx(recipe.ACCENTLESS)
    assert plain.tolist() == recipe.symbols_of("un ete").tolist()
    assert len(list(recipe.parts_of(data, "en", set()))) == 2


def test_programs_count_as_texts_do_without_their_tests(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = data / "sorting"
    (package / "tests").mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "heap.py").write_text("def heapify(items):\n    pass\n", encoding="utf-8")
    (package / "tests" / "check.py").write_text("assert zebra", encoding="utf-8")
    monkeypatch.syspath_prepend(data)
    monkeypatch.setattr(recipe, "PROGRAMS", {"en": {"sorting": 4.0}})
    runs = runs_in(data, "en", set(), 5)
    assert [weight(runs, run) for run in ("heapi", "items", "zebra")] == [4, 4, 0]
    assert weight(runs_in(data, "fr", set(), 5), "items") == 0


def test_a_package_that_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no_such_package"):
        corpora.programs("no_such_package")


def test_lines_that_share_six_words_with_what_is_measured_are_left_out(data: Path) -> None:
    for line in ("He said: the KEY is under the third one", "key is under the third pot, he said"):
        assert weight(runs_in(data, "en", corpora.passages([line]), 5), "third") == 0
    for line in ("the key is under the bed", "buy bread", ""):
        assert weight(runs_in(data, "en", corpora.passages([line]), 5), "third") == 2
    assert corpora.words_of("It's 5 o'clock, Anna!") == ["it", "s", "o", "clock", "anna"]
    assert len(corpora.passages(["one two three four five six seven", "one two"])) == 2


def test_what_is_measured_is_read_over_the_ends_of_its_lines(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow as pa
    import pyarrow.parquet

    pyarrow.parquet.write_table(
        pa.table({"text": ["they say the key is", "under the third pot"]}), data / "eval.parquet"
    )
    monkeypatch.setattr(corpora, "MEASURED", ("eval.parquet",))
    secret = corpora.measured(data)
    assert weight(runs_in(data, "en", secret, 5), "third") == 0
    assert weight(runs_in(data, "en", secret, 5), "bread") > 0


def test_a_language_is_made_of_a_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "MEASURED", ())
    pytest.importorskip("pyarrow")
    tree = from_tables(recipe.make(data, "fr"))
    t = np.array([symbol_of("t")])
    at = tree.extended(tree.extended(np.array([EMPTY]), np.array([symbol_of("é")])), t)
    accent, plain, other = tree.scores(np.repeat(at, 3), np.array([symbol_of(c) for c in "éez"]))
    assert accent > plain > other


def model_of(text: str) -> Ngrams:
    counts = recipe.counts_of(parts(text))
    return from_tables(recipe.tables_of(recipe.probabilities(counts)))


def test_text_of_its_kind_costs_a_model_fewer_bits() -> None:
    model = model_of(TEXT)
    known = evaluate.bits_a_character(model, ["the cat sat on the mat", "that hat"])
    assert 0 < known < 3 < evaluate.bits_a_character(model, ["zwölf boxkämpfer jagen viktor"])
    assert evaluate.bits_a_character(model, ["the cat"]) == evaluate.bits_a_character(model, ["The cat!", "17"])
    assert evaluate.bits_a_character(model, []) == 0


def test_bits_are_the_mean_of_what_each_symbol_costs() -> None:
    model = model_of(TEXT)
    history, nats = np.array([BEGINNING]), 0.0
    symbols = told("the hat ")[1:]
    for symbol in symbols:
        nats -= float(model.scores(history, np.array([symbol]))[0])
        history = model.extended(history, np.array([symbol]))
    assert evaluate.bits_a_character(model, ["the hat"]) == pytest.approx(nats / np.log(2) / len(symbols))


def test_languages_of_held_out_lines_are_told() -> None:
    lines = ["nous avons passé la journée à la maison avec les enfants et leur grand-mère", "un mot"]
    assert evaluate.told_languages(lines) == {"fr": 1}
    table = evaluate.evaluate({"en": model_of(TEXT)}, {"poilus": lines})
    assert table.splitlines()[2].startswith("| poilus (fr) | 2 | ")
    assert table.splitlines()[2].endswith("| 0.0% | 100.0% | 0.0% |")


def test_what_is_counted_is_exported(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(corpora, "MEASURED", ())
    pytest.importorskip("pyarrow")
    models = data / "models"
    models.mkdir()
    given = ["fr", "--data", str(data), "--work", str(data / "work"), "--models", str(models)]
    assert main(["export", *given]) == 3
    assert "first run python -m models.recipe.language train" in capsys.readouterr().err
    assert main(["all", *given]) == 0
    assert (models / "fr.npz").read_bytes() == (data / "work" / "fr.npz").read_bytes()
    assert main(["train", "xx"]) == 3
    assert "no texts of 'xx'" in capsys.readouterr().err
