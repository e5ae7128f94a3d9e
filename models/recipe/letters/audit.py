"""``python -m models.recipe.letters audit``: which of the tests' labels are wrong, by eye.

People who were asked for a character sometimes wrote another one. A model cannot say where, for it would be judging its
own test. So a person was asked, blind: each character that the model read otherwise than its label was shown, pen ink
drawn large by a fine pen, beside two characters in random order, the label and the likeliest other one. Whoever looked
chose one of them where it was plain, and neither where the ink could be read both ways or was neither. Controls, which
the model had read right without being sure, lay among them. Look-alikes (`merged_classes`) were asked apart in Chars74K
only, whose strict figure is a goal.

The step `audit` counts the answers, which are kept beside this module; `ask` draws such sheets anew.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.strokes import draw, longer_side
from models.recipe.drawing.style import PLAIN, STEADY
from models.recipe.handwriting.characters import (
    LABELS,
    NOT_A_LETTER,
    STROKE_SOURCES,
    Corpus,
    Pictures,
    load_corpus,
    load_pictures,
    merged_classes,
    numbered,
)
from models.recipe.letters import prepare
from models.recipe.letters.batches import render_plain
from models.recipe.letters.crops.isolated import isolated_crops
from models.recipe.letters.finished import Model, softmax
from models.recipe.training import markdown

ANSWERS = Path(__file__).with_name("audit.tsv")
HEAD = ("source", "index", "first", "second", "label", "read", "eye")
UNDECIDED = "either"

UNIPEN, HAND62, CHARS74K = STROKE_SOURCES[0], "hand62_photo", "chars74k_hnd"
"""Sources, by the names of their files."""

LOOK_ALIKES = merged_classes()[:NOT_A_LETTER]
ALL_APART = np.arange(NOT_A_LETTER)
"""The group of each character, where look-alikes are not asked apart, and where they are."""

Picture = Callable[[int], NDArray[np.uint8]]
"""Draws a character of a source for a sheet, by its index: (h, w) uint8, bright on black."""

SEED = 5
CONTROLS, SURE = 150, 0.8
"""How many controls, and the confidence that the model had less of in them."""

ACROSS, DOWN, CELL = 10, 10, (104, 118)
"""Cells of a sheet, and one cell's width and height in pixels."""

CAPITAL, PEN, TALLEST = 62, 4, 75
"""Pixels of a capital letter, of the pen, and of the longer side of any character, all on a sheet."""


@dataclass(frozen=True)
class Question:
    """One character that a person was asked about.

    Attributes:
        source: `UNIPEN`, `HAND62` or `CHARS74K`.
        index: Of the character in the source's file.
        first: One of the two characters that stood beside it.
        second: The other.
        label: That which is its label.
        read: What the model took it for.
        eye: The answer: one of the two, or `UNDECIDED`; empty before there is one.
    """

    source: str
    index: int
    first: str
    second: str
    label: str
    read: str
    eye: str

    @property
    def control(self) -> bool:
        """Whether the model had read it right; a look-alike is right, unless it is asked apart from the label."""
        first, second, read, label = (
            LOOK_ALIKES[LABELS.index(c)] for c in (self.first, self.second, self.read, self.label)
        )
        return self.read == self.label if first == second else bool(read == label)

    @property
    def verdict(self) -> str:
        """``label``, ``other`` or `UNDECIDED`."""
        return UNDECIDED if self.eye == UNDECIDED else "label" if self.eye == self.label else "other"


def load(path: Path = ANSWERS) -> list[Question]:
    """Read a table of questions; a tab parts its columns, and nothing is quoted."""
    lines = path.read_text(encoding="ascii").splitlines()[1:]
    return [Question(source, int(index), *rest) for source, index, *rest in (line.split("\t") for line in lines)]


def store(questions: Sequence[Question], path: Path) -> None:
    """Write what `load` reads."""
    lines = ["\t".join(line) for line in (HEAD, *(map(str, astuple(q)) for q in questions))]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def wrong(questions: Sequence[Question], source: str) -> NDArray[np.int64]:
    """Indices of a source's characters that the model read otherwise than labelled, and that the person did, too."""
    found = (q.index for q in questions if q.source == source and not q.control and q.verdict == "other")
    return np.array(sorted(found), np.int64)


def ask(
    source: str,
    odds: NDArray[np.float64],
    labels: NDArray[np.int64],
    indices: NDArray[np.int64],
    groups: NDArray[np.int64] = LOOK_ALIKES,
) -> list[Question]:
    """What to ask about characters, in random order.

    Args:
        source: Where they are from.
        odds: (n, 94) how likely each character is by the model.
        labels: (n,) their labels.
        indices: (n,) of them in the source.
        groups: (94,) of each character; those of one group are not asked apart.
    """
    rng = np.random.default_rng(SEED)
    read = odds.argmax(axis=1)
    others = np.where(groups == groups[labels][:, None], 0, odds).argmax(axis=1)
    missed = groups[read] != groups[labels]
    unsure = np.flatnonzero(~missed & (odds.max(axis=1) < SURE))
    asked = rng.permutation([*np.flatnonzero(missed), *rng.choice(unsure, min(CONTROLS, len(unsure)), replace=False)])
    questions = []
    for row in asked.tolist():
        label, pair = LABELS[labels[row]], [LABELS[labels[row]], LABELS[others[row]]]
        first, second = pair if rng.random() < 0.5 else pair[::-1]
        questions.append(Question(source, int(indices[row]), first, second, label, LABELS[read[row]], ""))
    return questions


def ask_unipen(model: Model, data: Path) -> tuple[list[Question], Picture]:
    """Questions about the test's numbers, as they are read from a steady drawing with the size."""
    corpus, indices = load_corpus(data), numbered(data)
    odds = softmax(model.logits(*render_plain(corpus, indices, SEED, STEADY))[:, :-1], model.temperature)
    return ask(UNIPEN, odds, corpus.ink.labels[indices], indices), partial(ink_picture, corpus)


def ask_pictures(model: Model, data: Path, source: str, groups: NDArray[np.int64]) -> tuple[list[Question], Picture]:
    """Questions about pictures of letters and digits, as they are read from the crop alone."""
    pictures = load_pictures(data / "chars" / f"{source}.npz")
    crops = isolated_crops(pictures.images)
    odds = softmax(model.logits(crops, np.zeros((len(crops), 2), np.float32))[:, :-1], model.temperature)
    odds[:, [not label.isalnum() for label in LABELS[:-1]]] = 0
    return ask(source, odds, pictures.labels, np.arange(len(crops)), groups), partial(as_it_is, pictures)


def ink_picture(corpus: Corpus, index: int) -> NDArray[np.uint8]:
    """A character of pen ink, drawn large at its true size: (h, w) uint8, bright on black."""
    points, offsets = corpus.ink.placed(index)
    scale = min(CAPITAL, TALLEST / max(longer_side(points), 1e-3))
    return draw(points, offsets, scale, PEN, PLAIN, np.random.default_rng(0))


def as_it_is(pictures: Pictures, index: int) -> NDArray[np.uint8]:
    """A picture as it is, its longer side `TALLEST` pixels."""
    image = pictures.images[index]
    scale = TALLEST / max(image.shape)
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def sheet(questions: Sequence[Question], picture: Picture) -> NDArray[np.uint8]:
    """Draw up to a hundred questions: (h, w) uint8."""
    width, height = CELL
    page = np.full((DOWN * height, ACROSS * width), 255, np.uint8)
    for place, question in enumerate(questions):
        top, left = place // ACROSS * height, place % ACROSS * width
        ink = picture(question.index)[: height - 30, :width]
        bottom, middle = top + height - 30, left + (width - ink.shape[1]) // 2
        page[bottom - ink.shape[0] : bottom, middle : middle + ink.shape[1]] = 255 - ink
        for text, (x, y), size in (
            (f"{question.first}   {question.second}", (24, height - 8), 0.7),
            (str(place), (3, 11), 0.35),
        ):
            cv2.putText(page, text, (left + x, top + y), cv2.FONT_HERSHEY_SIMPLEX, size, 60, 1, cv2.LINE_AA)
        cv2.rectangle(page, (left, top), (left + width - 1, top + height - 1), 200)
    return page


def table(questions: Sequence[Question], contradicted: NDArray[np.int64]) -> str:
    """How often the person chose what.

    Among each source's errors, those of UNIPEN's that a model ``contradicted``, and controls.
    """
    cells: list[tuple[str, ...]] = [("characters", "asked", "the other one", "the label", UNDECIDED)]

    def count(name: str, group: Sequence[Question]) -> None:
        found = Counter(q.verdict for q in group)
        cells.append((name, *(str(n) for n in (len(group), found["other"], found["label"], found[UNDECIDED]))))

    for source in dict.fromkeys(q.source for q in questions):
        asked = [q for q in questions if q.source == source]
        errors = [q for q in asked if not q.control]
        count(f"{source}: read otherwise than labelled", errors)
        if source == UNIPEN:
            known = set(contradicted.tolist())
            count("of them, contradicted by the first model", [q for q in errors if q.index in known])
        count(f"{source}: controls, read right", [q for q in asked if q.control])
    pairs = Counter((q.label, q.eye) for q in questions if not q.control and q.verdict == "other").most_common(10)
    commonest = ", ".join(f"{markdown.code(a)} is {markdown.code(b)} {n}" for (a, b), n in pairs)
    return f"{markdown.rows(cells)}\n\nMost common: {commonest}"


def count(work: Path) -> None:
    """Print how the answers that are kept here come out.

    Args:
        work: Where the wrong labels lie that a model of letters has found.
    """
    print(table(load(), prepare.load_wrong(work)))


def draw_sheets(path: Path, data: Path, work: Path) -> None:
    """Draw sheets of questions, and a table to fill in, both into ``work``.

    Args:
        path: The float32 letter model whose doubts are asked about.
        data: Folder with chars/.
        work: Folder of work.
    """
    model = Model(path, 2)
    every = []
    for questions, picture in (
        ask_unipen(model, data),
        ask_pictures(model, data, HAND62, LOOK_ALIKES),
        ask_pictures(model, data, CHARS74K, ALL_APART),
    ):
        every += questions
        for number, at in enumerate(range(0, len(questions), ACROSS * DOWN)):
            page = sheet(questions[at : at + ACROSS * DOWN], picture)
            cv2.imwrite(str(work / f"audit-{questions[0].source}-{number:02}.png"), page)
    store(every, work / "audit.tsv")
    print(f"{len(every)} questions: {work}/audit.tsv and sheets beside it", file=sys.stderr)
