"""What a learnt hand is worth: on words, on pages and on single letters of people that no model has seen."""

from __future__ import annotations

import csv
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from measures.photos import Photo, folder_of, photos
from measures.text import Row
from ocrcli.core.errors import OcrError
from ocrcli.core.settings import Settings
from ocrcli.evaluation import calibration
from ocrcli.evaluation.scoring import normalise, score
from ocrcli.hands.fit import LetterSamples, RowSample, fit_letters, fit_rows
from ocrcli.hands.hand import Hand, save
from ocrcli.hands.head import Head
from ocrcli.learn.learning import FOLDS, MARGIN, learn, learner
from ocrcli.learn.pages import open_page
from ocrcli.letters.classifier import log_softmax
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import source_of

LEARNT, LEAST = 40, 60
"""Words that are learnt from, the first of a writer; and the fewest words of a writer that is measured."""

MOST = 240
"""Words of a writer that are looked at."""

WORSE = 1.02
"""Errors with a hand, as a share of those without, above which it has harmed."""

SAMPLES, WRITERS = 5, 6
"""Letters of each class that are learnt from; and how many writers are measured, those of the most letters."""


@dataclass(frozen=True, slots=True)
class Case:
    """Errors of one person's writing.

    Attributes:
        name: Of the person.
        before: Wrong characters as the models ship.
        after: With the hand that `ocr learn` would keep.
        wrong_hand: With the hand of another person; as `before` where there is none.
        characters: How many were written.
    """

    name: str
    before: int
    after: int
    wrong_hand: int
    characters: int


def summary(name: str, cases: Sequence[Case]) -> Row:
    """A row of a table: mean error rates, how they change, who is harmed, and what a wrong hand does."""
    before, after, other = (
        float(np.mean([count / case.characters for case, count in zip(cases, counts, strict=True)]))
        for counts in ([c.before for c in cases], [c.after for c in cases], [c.wrong_hand for c in cases])
    )
    harmed = sum(case.after > WORSE * case.before for case in cases)
    return (
        name,
        str(len(cases)),
        f"{before:.4f} → {after:.4f}",
        f"{after / before - 1:+.1%}",
        f"{sum(c.after for c in cases) / sum(c.before for c in cases) - 1:+.1%}",
        f"{harmed} of {len(cases)}",
        f"{other / before - 1:+.1%}",
    )


HEAD = ("", "people", "errors, mean", "change", "pooled", "harmed by > 2 %", "with another's hand")


def word_samples(reader: Any) -> dict[str, dict[str, list[RowSample]]]:
    """Samples of the words of each writer that wrote enough, by source."""
    from models.recipe.handwriting import words
    from models.recipe.lines.evaluate import ink_samples, photo_samples
    from ocrcli.learn.samples import samples_of

    folder = folder_of("words")
    found: dict[str, dict[str, list[RowSample]]] = {}
    loaded = {
        "hdBPMN": (words.load_photos(folder / "hdbpmn_words.parquet", "val"), photo_samples),
        "UNIPEN": (words.load_ink(folder / "unipen_ink.parquet", ("word",), test=True), ink_samples),
    }
    for source, (items, drawn) in loaded.items():
        by_writer: dict[str, list[Any]] = defaultdict(list)
        for item in items:  # type: ignore[attr-defined]
            by_writer[str(item.writer)].append(item)
        found[source] = {}
        for writer, own in by_writer.items():
            if len(own) >= LEAST:
                made = drawn(own[:MOST])  # type: ignore[operator]
                texts = [tuple(words.encode(sample.text)) for sample in made]
                found[source][writer] = samples_of([s.image for s in made], texts, reader.models.lines)
    return found


def read_words(samples: Sequence[RowSample], head: Head | None, reader: Any) -> int:
    """Wrong characters of words that are read with the language model."""
    from ocrcli.lines import decoding
    from ocrcli.pipeline.reading import known_by

    model = reader.models.lines
    scale = np.float32(1 / model.temperature)
    log_ps = [log_softmax(s.logits + head.logits(s.features) * scale if head else s.logits) for s in samples]
    found = decoding.decode([[log_p] for log_p in log_ps], model.characters, known_by(reader.settings))
    return sum(
        Levenshtein.distance(sample.outputs, tuple(best.outputs.tolist()))
        for sample, best in zip(samples, found, strict=True)
    )


def kept_head(samples: Sequence[RowSample], reader: Any) -> tuple[Head | None, Head | None]:
    """The head that is learnt from words; and the same, None if cross-validation finds that it does not help."""
    temperature = reader.models.lines.temperature
    whole, after = fit_rows(samples, temperature), 0
    for start in range(FOLDS):
        taught = fit_rows([s for n, s in enumerate(samples) if n % FOLDS != start], temperature)
        after += read_words(samples[start::FOLDS], taught, reader)
    return whole, whole if after <= MARGIN * read_words(samples, None, reader) else None


def words() -> Iterator[Row]:
    """Writers of words: learnt from the first 40, the others read by the line recognizer and the language model."""
    yield HEAD
    reader = Reader(Settings(device="cpu", language="en"))
    everybody: list[Case] = []
    always: list[Case] = []
    for source, writers in word_samples(reader).items():
        heads = {writer: kept_head(samples[:LEARNT], reader) for writer, samples in writers.items()}
        cases, names = [], list(writers)
        for number, (writer, samples) in enumerate(writers.items()):
            rest = samples[LEARNT:]
            learnt, kept = heads[writer]
            before, with_it = read_words(rest, None, reader), read_words(rest, learnt, reader)
            other = read_words(rest, heads[names[number - 1]][1], reader)
            length = sum(len(sample.outputs) for sample in rest)
            cases.append(Case(writer, before, with_it if kept else before, other, length))
            always.append(Case(writer, before, with_it, other, length))
        yield summary(f"words, {source}", cases)
        everybody += cases
    yield summary("words, both", everybody)
    yield summary("words, both, kept whatever cross-validation says", always)


def people() -> list[list[Photo]]:
    """The photos of each person with several in pages/ and wild/, the one with the most text first.

    Alphabet sheets and photos of the same text are left out.
    """
    found: dict[str, list[Photo]] = defaultdict(list)
    for folder in ("pages", "wild"):
        with (folder_of(folder) / "manifest.tsv").open(encoding="utf-8", newline="") as file:
            writers = {row["file"]: row["writer"] for row in csv.DictReader(file, delimiter="\t")}
        for photo in photos(folder):
            if photo.spaces and photo.path.name in writers:
                found[writers[photo.path.name]].append(photo)
    kept = []
    for own in found.values():
        first, *others = sorted(own, key=lambda photo: -len(photo.truth))
        text = normalise(first.truth)
        rest = [o for o in others if Levenshtein.normalized_similarity(normalise(o.truth), text) < 0.5]
        if rest:
            kept.append([first, *rest])
    return kept


def read_photos(reader: Reader, of: Sequence[Photo]) -> tuple[int, list[calibration.Answer]]:
    """Wrong characters of photos, and how sure the reader was of each that it read."""
    edits, answers = 0, []
    for photo in of:
        try:
            page = reader.read(photo.path)
        except OcrError:
            edits += len(normalise(photo.truth))
            continue
        edits += score(photo.truth, page.text).characters.edits
        answers += calibration.answers(page, photo.truth)
    return edits, answers


def with_hand(reader: Reader, hand: Hand | None) -> Reader:
    """The reader with a hand."""
    reader.models = reader.models.with_hand(hand)
    return reader


def learn_photo(photo: Photo, reader: Reader) -> Hand | None:
    """What `ocr learn` learns from one photo; None for nothing."""
    plain = with_hand(reader, None)
    try:
        page = open_page(source_of(photo.path), photo.truth, plain.settings, plain.models)
        return learn(learner([page], plain.settings, plain.models), "measured", {})
    except OcrError:
        return None


def pages() -> Iterator[Row]:
    """People with several photos: learnt from the longest, the others read, by the whole reader."""
    reader = Reader(Settings(device="cpu"))
    groups = people()
    hands = [learn_photo(own[0], reader) for own in groups]
    cases, plain, learnt = [], [], []
    for number, own in enumerate(groups):
        before, sure = read_photos(with_hand(reader, None), own[1:])
        hand = hands[number]
        after, sure_after = read_photos(with_hand(reader, hand), own[1:]) if hand else (before, sure)
        others = [other for other in (*hands[number + 1 :], *hands[:number]) if other]
        other = read_photos(with_hand(reader, others[0]), own[1:])[0] if others else before
        length = sum(len(normalise(photo.truth)) for photo in own[1:])
        cases.append(Case(own[0].name, before, after, other, length))
        plain += sure
        learnt += sure_after
        said = [name for name in ("letters", "lines", "words") if hand and getattr(hand, name)]
        cross = f"{hand.worth.before} → {hand.worth.after}" if hand else "nothing learnt"
        yield (own[0].name, f"{len(own) - 1} read", f"{before} → {after} of {length}", cross, *said)
    yield HEAD
    yield summary("pages/ and wild/", cases)
    errors = [calibration.calibration_error(calibration.bins(some)) for some in (plain, learnt)]
    yield ("calibration error, before and after", f"{errors[0]:.4f}", f"{errors[1]:.4f}")


def crops() -> Iterator[Row]:
    """Single letters: 5 of each class of a writer are learnt, the others read by the letter classifier alone."""
    from models.recipe.handwriting.characters import LABELS, TEST_FOLD, Corpus, Pictures, fold_of, load_ink
    from models.recipe.letters.batches import render_plain

    yield ("UNIPEN's held-out writers", "learnt", "read", "right, as shipped", "right, with the hand", "points")
    model = Reader(Settings(device="cpu")).models.letters
    scale, ink, gains = np.float32(1 / model.temperature), load_ink(folder_of("chars") / "unipen_strokes.npz"), []
    held = np.flatnonzero(fold_of(ink) == TEST_FOLD)
    numbers, counts = np.unique(ink.writers[held], return_counts=True)
    for writer in numbers[np.argsort(-counts)][:WRITERS].tolist():
        own = held[ink.writers[held] == writer]
        labels, known = ink.labels[own], np.zeros(len(own), bool)
        for label in np.unique(labels):
            members = np.flatnonzero(labels == label)
            known[members[: min(SAMPLES, len(members) // 2)]] = True  # half of a rare class is read
        images, sizes = render_plain(Corpus(ink, Pictures([], np.zeros(0, np.int64))), own, 0)
        logits, features = model.seen(images, sizes)
        logits = logits * scale
        targets = np.eye(len(LABELS), dtype=np.float32)[labels]
        head = fit_letters(LetterSamples(features[known], logits[known], targets[known]), model.temperature)
        assert head is not None
        corrected = logits + head.logits(features) * scale
        before, after = ((found.argmax(axis=1) == labels)[~known].mean() for found in (logits, corrected))
        gains.append(100 * (after - before))
        told = (str(known.sum()), str((~known).sum()), f"{before:.3f}", f"{after:.3f}", f"{gains[-1]:+.1f}")
        yield (f"writer {writer}", *told)
    yield ("mean", "", "", "", "", f"{float(np.mean(gains)):+.1f}")


def costs() -> Iterator[Row]:
    """Seconds to learn a page, bytes of its hand, and how much longer reading takes with it, in processor time."""
    yield ("page", "seconds to learn", "bytes", "seconds to read", "with the hand")
    reader = Reader(Settings(device="cpu"))
    reader.models.line_model()
    for photo in sorted((own[0] for own in people()), key=lambda photo: -len(photo.truth))[:3]:
        start = time.process_time()
        hand = learn_photo(photo, reader)
        seconds = time.process_time() - start
        if hand is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            save(hand, Path(folder) / "hand.npz")
            size = (Path(folder) / "hand.npz").stat().st_size
        times: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(5):
            for used in (False, True):
                with_hand(reader, hand if used else None)
                start = time.process_time()
                reader.read(photo.path)
                times[used].append(time.process_time() - start)
        yield (photo.name, f"{seconds:.1f}", str(size), f"{min(times[False]):.2f}", f"{min(times[True]):.2f}")
