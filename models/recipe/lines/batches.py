"""Batches of fresh strips, drawn by a process of its own while the network trains."""

from __future__ import annotations

import multiprocessing as mp
import pickle
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from pathlib import Path
from queue import Empty, Full
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.accents import DOT, accented, split
from models.recipe.handwriting import words as lines_data
from models.recipe.handwriting.words import INDEX, InkItem, PhotoItem
from models.recipe.lines import texts
from models.recipe.lines.network import STRIDE
from models.recipe.lines.render import MILD, WILD, Part, lay_out, render
from models.recipe.training import shards
from models.recipe.training.shards import Packed
from ocrcli.language.model import plain
from ocrcli.lines.line_image import HEIGHT

AREA = 10_240
"""Columns of strips in a batch, padding included."""

MOST = 128
CHUNK = 384
"""Strips drawn at a time; they are batched by width."""

WILD_SHARE, CALM_SHARE = 0.35, 0.15
"""Of the strips that vary strongly: most of the time, and at the end, when what is learnt should fit what is usual
(as YOLOX ends without its mosaics: Ge et al. 2021)."""

ACCENTED = 0.7
"""Share of the accents that are written; the rest of the letters stay without, and so does the text."""

FRENCH = 0.3
"""Share of the rows of characters whose words are those of the scanned rows."""

DOTTED = 0.1
"""Share of the hands that put a dot over capital I."""

SHARES = {
    "word": 0.184, "row": 0.104, "signed row": 0.064, "characters": 0.12, "photo": 0.096, "photo row": 0.072,
    "scanned row": 0.056, "archive row": 0.08, "name": 0.024, "composed row": 0.2,
}  # fmt: skip
"""Of the samples, by kind. Where there are no strips out of drawn pages (`models.recipe.lines.composed`), the others
take their share."""


COMPOSED = "composed row"


@dataclass(frozen=True)
class LineBatch:
    """Strips (n, HEIGHT, w) uint8, their widths in steps (n,), texts end to end (sum,) and their lengths (n,)."""

    strips: NDArray[np.uint8]
    steps: NDArray[np.int64]
    targets: NDArray[np.int64]
    lengths: NDArray[np.int64]


SOURCES, WRONG = "sources.pickle", "wrong.pickle"
"""Files of the work folder: what `prepare` read, and the wrong labels in it."""


ITEMS = ("words", "photos", "rows", "archives", "names")
"""Kinds of what is written in one go, and may have a wrong label."""


@dataclass(frozen=True)
class Sources:
    """All that rows are made of; what is held out is not among it."""

    words: list[InkItem]
    characters: list[InkItem]
    photos: list[PhotoItem]
    rows: list[PhotoItem]
    archives: list[PhotoItem] = field(default_factory=list)
    names: list[PhotoItem] = field(default_factory=list)

    def without(self, wrong: set[tuple[str, int]]) -> Sources:
        """Without items that are named by kind and index."""
        lists = {}
        for kind in ("characters", *ITEMS):
            lists[kind] = [item for i, item in enumerate(getattr(self, kind)) if (kind, i) not in wrong]
        return Sources(**lists)


def prepare(data: Path, work: Path) -> None:
    """Read the sources once, see the photographs as the reader does, and keep all that."""
    words, lines, ink = data / "words", data / "lines", data / "words" / "unipen_ink.parquet"
    sources = Sources(
        lines_data.load_ink(ink, ("word", "text"), test=False),
        lines_data.load_ink(ink, ("char", "char-in-word"), test=False),
        lines_data.load_photos(words / "hdbpmn_words.parquet", "train"),
        lines_data.load_rows(words / "copiste_lines.parquet"),
        [row for name in lines_data.ARCHIVES for row in lines_data.load_lines(lines / f"{name}.parquet", test=False)],
        lines_data.load_lines(lines / f"{lines_data.NAMES}.parquet", test=False),
    )
    work.mkdir(parents=True, exist_ok=True)
    (work / WRONG).unlink(missing_ok=True)  # they were others' numbers
    (work / SOURCES).write_bytes(pickle.dumps(sources))


def load_all(work: Path) -> Sources:
    """What `prepare` kept."""
    sources: Sources = pickle.loads((work / SOURCES).read_bytes())
    return sources


def load_wrong(work: Path) -> set[tuple[str, int]]:
    """Kinds and indices of the wrong labels; none where they have not been looked for."""
    path = work / WRONG
    wrong: set[tuple[str, int]] = pickle.loads(path.read_bytes()) if path.exists() else set()
    return wrong


def load(work: Path) -> Sources:
    """What to learn from: what `prepare` kept, without the wrong labels."""
    return load_all(work).without(load_wrong(work))


class Maker:
    """Draws samples.

    Args:
        sources: What to draw.
        composed: Strips out of drawn pages.
    """

    def __init__(self, sources: Sources, composed: Sequence[Packed] = ()) -> None:
        self.sources, self.composed = sources, composed
        shares = {kind: share for kind, share in SHARES.items() if composed or kind != COMPOSED}
        self.shares = {kind: share / sum(shares.values()) for kind, share in shares.items()}
        self.by_writer: dict[int, list[InkItem]] = defaultdict(list)
        self.words = [item for item in sources.words if " " not in item.text]
        for item in self.words:
            self.by_writer[item.writer].append(item)
        self.photos_of: dict[str, list[PhotoItem]] = defaultdict(list)
        for photo in sources.photos:
            self.photos_of[photo.writer].append(photo)
        self.characters: dict[str, list[InkItem]] = defaultdict(list)
        own: dict[int, dict[str, list[InkItem]]] = defaultdict(lambda: defaultdict(list))
        for item in sources.characters:
            if len(item.text) == 1:
                self.characters[item.text].append(item)
                own[item.writer][item.text].append(item)
        self.hands = [dict(hand) for hand in own.values() if len(hand) > 20]
        signs = {sign for sign, found in self.characters.items() if found} | {"w", " "}
        self.patterns = [p for p in texts.SIGNED if {*p.replace("9", "0123456789")} <= signs]
        vocabularies = [[w for item in kind for w in item.text.split()] for kind in (sources.words, sources.rows)]
        self.vocabularies = [words for words in vocabularies if words]

    def sample(self, rng: np.random.Generator, wild: float) -> tuple[NDArray[np.uint8], str]:
        """One strip and its text; ``wild`` is the share of the strips that vary strongly."""
        kind = list(self.shares)[int(rng.choice(len(self.shares), p=list(self.shares.values())))]
        if kind == COMPOSED:  # it has been photographed
            return self.composed[int(rng.integers(len(self.composed)))].sample()
        parts, text = getattr(self, "_" + kind.replace(" ", "_"))(rng)
        return render(parts, WILD if rng.random() < wild else MILD, rng), text

    def _word(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        item = self._written(rng)
        return lay_out([item], [0.0], rng), item.text

    def _written(self, rng: np.random.Generator) -> InkItem:
        """A word of pen ink, or a text of several."""
        return self.sources.words[rng.integers(len(self.sources.words))]

    def _row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        first = self._written(rng)
        if " " in first.text:
            return lay_out([first], [0.0], rng), first.text
        own = self.by_writer[first.writer]
        items = [first] + [own[rng.integers(len(own))] for _ in range(int(rng.integers(1, 5)))]
        return self._spaced(items, rng)

    def _signed_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        """Words of one writer, joined or not, with signs and digits of one hand, mostly another, between them."""
        first = self.words[rng.integers(len(self.words))]
        own, hand = self.by_writer[first.writer], self.hands[rng.integers(len(self.hands))]
        pattern = " ".join(rng.choice(self.patterns, int(rng.integers(1, 3))))
        tight, loose = rng.uniform(0.02, 0.2), rng.uniform(0.3, 0.9)
        items: list[InkItem | PhotoItem] = []
        gaps: list[float] = []
        text = ""
        for sign in pattern:
            if sign == " ":
                gaps[-1] += float(loose * np.exp(rng.normal(0, 0.25)))
                text += " "
                continue
            character = str(rng.integers(10)) if sign == "9" else sign
            found = own if sign == "w" else hand.get(character) or self.characters[character]
            items.append(found[rng.integers(len(found))])
            gaps.append(float(tight))
            text += items[-1].text
        return lay_out(items, gaps, rng), text

    def _spaced(self, items: list[Any], rng: np.random.Generator) -> tuple[list[Part], str]:
        usual = rng.uniform(0.3, 0.9)
        gaps = [float(usual * np.exp(rng.normal(0, 0.25))) for _ in items]
        return lay_out(items, gaps, rng), " ".join(item.text for item in items)

    def _characters(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        # Pen ink is mostly English, and has thirty times the words that scanned rows have.
        words = self.vocabularies[-1 if rng.random() < FRENCH else 0]
        made = texts.make_text(words, rng)
        spelt = "".join(c if c in INDEX and rng.random() < ACCENTED else plain(c) for c in made)
        text = " ".join("".join(c for c in spelt if c == " " or self.characters[split(c)[0]]).split()) or "A"
        hand = self.hands[rng.integers(len(self.hands))]
        dotted = rng.random() < DOTTED
        tight, loose = rng.uniform(0.0, 0.35), rng.uniform(0.35, 1.1)
        items: list[InkItem | PhotoItem] = []
        gaps: list[float] = []
        for character in text:
            if character == " ":
                gaps[-1] += loose
                continue
            base, accent = ("I", DOT) if dotted and character == "I" else split(character)
            found = hand.get(base) or self.characters[base]
            letter = found[rng.integers(len(found))]
            items.append(accented(letter, accent, rng) if accent else letter)
            gaps.append(float(tight + rng.normal(0, 0.05)))
        return lay_out(items, gaps, rng), text

    def _photo(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        item = self.sources.photos[rng.integers(len(self.sources.photos))]
        return lay_out([item], [0.0], rng), item.text

    def _photo_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        first = self.sources.photos[rng.integers(len(self.sources.photos))]
        own = self.photos_of[first.writer]
        return self._spaced([first] + [own[rng.integers(len(own))] for _ in range(int(rng.integers(1, 4)))], rng)

    def _scanned_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        return self._one_of(self.sources.rows, rng)

    def _archive_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        return self._one_of(self.sources.archives, rng)

    def _name(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        return self._one_of(self.sources.names, rng)

    def _one_of(self, items: list[PhotoItem], rng: np.random.Generator) -> tuple[list[Part], str]:
        item = items[rng.integers(len(items))]
        return lay_out([item], [0.0], rng), item.text


def encode(text: str) -> list[int]:
    """Outputs of a text's characters."""
    return [INDEX[c] for c in text]


def steps_needed(text: str) -> int:
    """Steps that CTC needs at least: one a character, and a blank between equal ones."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def pack(samples: list[tuple[NDArray[np.uint8], str]]) -> LineBatch:
    """Pad strips to one width."""
    width = -(-max(s.shape[1] for s, _ in samples) // STRIDE) * STRIDE
    strips = np.zeros((len(samples), HEIGHT, width), np.uint8)
    for row, (image, _) in zip(strips, samples, strict=True):
        row[:, : image.shape[1]] = image
    codes = [encode(text) for _, text in samples]
    steps = np.array([-(-s.shape[1] // STRIDE) for s, _ in samples], np.int64)
    return LineBatch(
        strips, steps, np.concatenate([np.array(c, np.int64) for c in codes]), np.array([*map(len, codes)])
    )


def batches(samples: list[tuple[NDArray[np.uint8], str]]) -> list[LineBatch]:
    """Batches of about equal width, each of at most AREA columns; rows too short for their text are left out."""
    fit = [s for s in samples if s[0].shape[1] // STRIDE >= steps_needed(s[1])]
    fit.sort(key=lambda s: s[0].shape[1])
    out: list[list[tuple[NDArray[np.uint8], str]]] = [[]]
    for sample in fit:
        if out[-1] and ((len(out[-1]) + 1) * sample[0].shape[1] > AREA or len(out[-1]) >= MOST):
            out.append([])
        out[-1].append(sample)
    return [pack(part) for part in out if part]


def _work(queue: Any, work: Path, seed: int, calm: float) -> None:
    maker = Maker(load(work), shards.load(work))
    rng = np.random.default_rng(seed)
    while True:
        wild = WILD_SHARE if time.monotonic() < calm else CALM_SHARE
        made = batches([maker.sample(rng, wild) for _ in range(CHUNK)])
        for index in rng.permutation(len(made)):
            while True:
                try:
                    queue.put(made[index], timeout=5)
                    break
                except Full:
                    parent = mp.parent_process()
                    if parent is None or not parent.is_alive():
                        queue.cancel_join_thread()
                        return


def stream(work: Path, seed: int, calm: float = inf) -> Iterator[LineBatch]:
    """Batches without end, drawn by another process.

    Args:
        work: Folder of the sources.
        seed: Of what is drawn.
        calm: Time, on `time.monotonic`'s clock, from which on fewer strips vary strongly.
    """
    context = mp.get_context("spawn")  # a fork would inherit the locks of torch's and cv2's thread pools
    queue: Any = context.Queue(maxsize=40)
    worker = context.Process(target=_work, args=(queue, work, seed, calm), daemon=True)
    worker.start()
    try:
        while True:
            try:
                yield queue.get(timeout=60)
            except Empty:
                if not worker.is_alive():
                    raise RuntimeError("the drawing process has ended: see its traceback above") from None
    finally:
        worker.terminate()
        worker.join()
