from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ocrcli.cli import eval as ocr_eval
from ocrcli.evaluation.measure import Measured
from ocrcli.evaluation.scoring import (
    GAP,
    LineDiff,
    Score,
    Tally,
    confusions,
    correct_characters,
    diff_lines,
    letters,
    located_diffs,
    normalise,
    pool,
    score,
)

# Few letters, so that texts resemble each other; white space and accents, so that normalising matters.
TEXT = st.text("abAB1.é\u0301 \u00a0\t\r\n\u2028", max_size=30) | st.text(max_size=30)
SPACES = st.booleans()
UNITS = ("letters", "characters", "words")


def edits_by_definition(a: str, b: str) -> int:
    """Levenshtein's recurrence, as an oracle that shares no code with rapidfuzz."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (x != y)))
    return row[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t\n ", ""),
        ("  two \t words  ", "two words"),
        ("\n\none\r\n\n \ntwo\n", "one\ntwo"),
        ("no\u00a0break", "no break"),
        ("Cafe\u0301, Don't!", "Café, Don't!"),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(TEXT)
def test_normalise_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert all(line and line == line.strip() for line in once.splitlines())


@given(TEXT)
def test_normalise_keeps_all_ink(text: str) -> None:
    assert normalise(text).split() == unicodedata.normalize("NFC", text).split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), ("a b-c\n0.9!", "ABC09"), ("straße", "STRASSE"), ("E\u0301té", "T"), ("٣x²", "X")],
)
def test_letters(text: str, expected: str) -> None:
    assert letters(text) == expected


def test_a_worked_example() -> None:
    # Characters: t→f, a space and an x too many. Letters: t→f and the x. Words: cat→caf, sat→s at x.
    got = score("The cat sat.", "The caf s at.x")
    assert got.letters == Tally(2, 9)
    assert got.characters == Tally(3, 12)
    assert got.words == Tally(3, 3)
    assert (got.letter_accuracy, got.cer, got.wer) == (pytest.approx(7 / 9), 0.25, 1.0)


@pytest.mark.parametrize(
    ("written", "read", "edits"),
    [
        ("Hello, World", "hello world", [0, 3, 2]),
        ("to be", "tobe", [0, 1, 2]),
        ("né", "ne\u0301", [0, 0, 0]),
        ("né", "ne", [1, 1, 1]),
    ],
)
def test_what_counts(written: str, read: str, edits: list[int]) -> None:
    assert [getattr(score(written, read), unit).edits for unit in UNITS] == edits


@pytest.mark.parametrize("read", ["one\ntwo three", "one two\n\nthree\n", "one\r\ntwo\r\nthree"])
def test_where_a_row_breaks_does_not_matter(read: str) -> None:
    assert score("one two three", read).cer == score("one two three", read).wer == 0


@pytest.mark.parametrize(
    ("written", "read", "figures"),
    [(" \n", "", (1.0, 0.0, 0.0)), ("", "ab c", (-2.0, 4.0, 2.0)), ("ab c", "", (0.0, 1.0, 1.0))],
    ids=["neither", "nothing written", "nothing read"],
)
def test_empty_texts(written: str, read: str, figures: tuple[float, float, float]) -> None:
    got = score(written, read)
    assert (got.letter_accuracy, got.cer, got.wer) == figures


def test_without_spaces_only_ink_counts() -> None:
    got = score("A B C\nD", "AB\nCX", spaces=False)
    assert got == Score(letters=Tally(1, 4), characters=Tally(1, 4), words=Tally())
    assert score("e \u0301", "é", spaces=False).cer == 0  # Without the space, the accent joins its letter.
    assert confusions("A B C\nD", "AB\nCX", spaces=False) == {("D", "X"): 1}
    assert diff_lines("A B\nC D", "AB\nCX", spaces=False) == [LineDiff("CD", "CX", " ^")]


@given(TEXT, SPACES)
def test_a_text_against_itself_is_perfect(text: str, spaces: bool) -> None:
    got = score(text, text, spaces=spaces)
    assert (got.letter_accuracy, got.cer, got.wer) == (1.0, 0.0, 0.0)
    assert not confusions(text, text, spaces=spaces)
    assert not diff_lines(text, text, spaces=spaces)


@given(TEXT, TEXT, SPACES)
def test_edits_are_symmetric_and_bounded(a: str, b: str, spaces: bool) -> None:
    there, back = score(a, b, spaces=spaces), score(b, a, spaces=spaces)
    for unit in UNITS:
        forth, reverse = getattr(there, unit), getattr(back, unit)
        assert forth.edits == reverse.edits
        assert abs(forth.length - reverse.length) <= forth.edits <= max(forth.length, reverse.length)
        assert forth.rate >= 0


@given(TEXT, TEXT)
def test_characters_agree_with_the_definition(a: str, b: str) -> None:
    one_row = [" ".join(normalise(text).split()) for text in (a, b)]
    assert score(a, b).characters == Tally(edits_by_definition(*one_row), len(one_row[0]))
    assert score(a, b).letters.edits == edits_by_definition(letters(a), letters(b))


@given(st.lists(st.tuples(TEXT, TEXT), max_size=4))
def test_pooling_sums_edits_and_lengths(texts: list[tuple[str, str]]) -> None:
    scores = [score(*pair) for pair in texts]
    pooled = pool(scores)
    for unit in UNITS:
        tallies = [getattr(s, unit) for s in scores]
        assert getattr(pooled, unit) == Tally(sum(t.edits for t in tallies), sum(t.length for t in tallies))


def test_a_long_text_weighs_more() -> None:
    assert pool([score("a", "b"), score("aaaaaaaaa", "aaaaaaaaa")]).cer == 0.1


@pytest.mark.parametrize(
    ("written", "read", "expected"),
    [
        ("O-O\no", "0-0 0", {("O", "0"): 2, ("o", "0"): 1}),
        ("so, so", "so so", {(",", ""): 1}),
        ("it", "xit", {("", "x"): 1}),
        ("a\nb", "ab", {(" ", ""): 1}),
    ],
)
def test_what_was_read_for_what(written: str, read: str, expected: dict[tuple[str, str], int]) -> None:
    assert confusions(written, read) == expected


@given(TEXT, TEXT, SPACES)
def test_confusions_sum_to_the_edits_and_explain_the_lengths(a: str, b: str, spaces: bool) -> None:
    counts = confusions(a, b, spaces=spaces)
    there, back = score(a, b, spaces=spaces).characters, score(b, a, spaces=spaces).characters
    assert counts.total() == there.edits
    gained = sum(n * (len(read) - len(written)) for (written, read), n in counts.items())
    assert gained == back.length - there.length
    assert all(written != read for written, read in counts)


@pytest.mark.parametrize(
    ("written", "read", "expected"),
    [
        ("quick fox", "qvik foxes", LineDiff("quick fox··", "qvi·k foxes", " ^ ^     ^^")),
        ("one\ntwo\nthree", "one\ntwO\nthree", LineDiff("two", "twO", "  ^")),
        ("alpha\nbeta\ngamma", "alpha\ngamma", LineDiff("beta", "····", "^^^^")),
        ("alpha\ngamma", "alpha\n\nnoise\ngamma", LineDiff("·····", "noise", "^^^^^")),
    ],
    ids=["aligned", "right lines left out", "line missed", "line made up"],
)
def test_a_line_that_differs(written: str, read: str, expected: LineDiff) -> None:
    assert diff_lines(written, read) == [expected]


def test_lines_are_paired_where_they_fit_best() -> None:
    got = diff_lines("first line\nsecond line", "specks\nfirst lime\nsecond lime")
    assert [d.reference.strip(GAP) for d in got] == ["", "first line", "second line"]


@given(TEXT, TEXT, SPACES)
def test_a_diff_has_equal_rows_and_marks_what_differs(a: str, b: str, spaces: bool) -> None:
    assume(GAP not in a + b)
    for d in diff_lines(a, b, spaces=spaces):
        assert len(d.reference) == len(d.hypothesis) == len(d.marks)
        assert d.marks == "".join(" ^"[x != y] for x, y in zip(d.reference, d.hypothesis, strict=True))
        assert "^" in d.marks


LINES = st.lists(st.text("abc", min_size=1, max_size=4), max_size=3)


@given(LINES, LINES)
def test_lines_are_aligned_with_the_fewest_edits(a: list[str], b: list[str]) -> None:
    def fewest(a: list[str], b: list[str]) -> int:
        if not a or not b:
            return len("".join(a + b))
        return min(
            edits_by_definition(a[0], b[0]) + fewest(a[1:], b[1:]),
            len(a[0]) + fewest(a[1:], b),
            len(b[0]) + fewest(a, b[1:]),
        )

    assert sum(d.marks.count("^") for d in diff_lines("\n".join(a), "\n".join(b))) == fewest(a, b)


def measured(name: str, truth: str, read: str) -> Measured:
    return Measured(name, read, truth, score(truth, read), confusions(truth, read), diff_lines(truth, read))


def test_confusions_are_pooled_and_ties_are_in_order() -> None:
    both = [measured("a", "ox", "cz"), measured("b", "oa", "cb")]
    assert ocr_eval.commonest(both, 2) == [(("o", "c"), 2), (("a", "b"), 1)]


def test_the_table_of_scores() -> None:
    files = [measured("long name.jpg", "to be", "to bc"), measured("x.jpg", "or", "or")]
    assert ocr_eval.score_rows(files, pool(m.score for m in files)) == [
        "image          letter accuracy     CER     WER  characters  words",
        "long name.jpg           0.7500  0.2000  0.5000           5      2",
        "x.jpg                   1.0000  0.0000  0.0000           2      1",
        "pooled                  0.8333  0.1429  0.3333           7      3",
    ]


def test_the_diff_and_the_confusions_in_print() -> None:
    one = measured("a", "to be or", "tobe orb")
    diff = ["  written  to be or·", "  read     to·be orb", "             ^     ^"]
    assert ocr_eval.diff_rows(one.diffs) == diff
    assert ocr_eval.confusion_rows(ocr_eval.commonest([one], 10)) == [
        "written  read as  times",
        "nothing        b      1",
        "space    nothing      1",
    ]


def test_the_report_has_no_wer_without_words() -> None:
    one = Measured("a.jpg", "ab", "a c", score("a c", "a b", spaces=False), Counter(), [], Path("t.txt"))
    got = ocr_eval.report([one], one.score, [(("c", "b"), 1)])
    figures = {"letter_accuracy": 0.5, "cer": 0.5, "wer": None, "characters": 2, "words": 0}
    assert got == {
        "files": [{"image": "a.jpg", "ground_truth": "t.txt", **figures, "text": "ab"}],
        "pooled": figures,
        "confusions": [{"reference": "c", "read": "b", "count": 1}],
    }


def test_wrong_lines_are_found_again_among_those_read() -> None:
    read = ["ONE", " ", "TW0", "FIVE"]
    found = located_diffs("ONE\nTWO\n\nTHREE\nFIVE", read)
    assert [(diff.reference, row) for diff, row in found] == [("TWO", 2), ("THREE", None)]
    assert located_diffs("", ["A"]) == [(LineDiff("·", "A", "^"), 0)]


@given(TEXT, TEXT)
def test_located_diffs_are_the_diffs(reference: str, hypothesis: str) -> None:
    lines = normalise(hypothesis).splitlines()
    found = located_diffs(reference, lines)
    assert [diff for diff, _ in found] == diff_lines(reference, hypothesis)
    rows = [row for _, row in found if row is not None]
    assert rows == sorted(set(rows))


def test_hits_are_the_characters_that_an_alignment_leaves_alone() -> None:
    assert correct_characters("A CAT", list("A C4T")) == [True, True, True, False, True]
    assert correct_characters("CAT", list("C A T"), spaces=False) == [True, False, True, False, True]
    assert correct_characters("e\u0301", ["é"]) == [True]
    assert correct_characters("", ["A"]) == [False]


@given(TEXT, TEXT)
def test_as_many_hits_as_edits_leave(reference: str, hypothesis: str) -> None:
    read = list(normalise(hypothesis).replace("\n", " "))
    missed = len(read) - sum(correct_characters(reference, read))
    assert missed <= score(reference, hypothesis).characters.edits
