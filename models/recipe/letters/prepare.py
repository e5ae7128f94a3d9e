"""What comes before training: wrong labels are found, words are segmented, and a sheet of crops is drawn."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet
from numpy.typing import NDArray

from models.recipe.drawing.render import picture_crop
from models.recipe.handwriting import fonts, words, writer_deduplication, wrong_labels
from models.recipe.handwriting.characters import (
    LABEL_INDEX,
    LABELS,
    NOT_A_LETTER,
    TEST_FOLD,
    VALIDATION_FOLD,
    Corpus,
    Ink,
    Pictures,
    Pool,
    fold_of,
    half_of,
    join_ink,
    join_pictures,
    select_ink,
    training_indices,
)
from models.recipe.handwriting.photographed import word_photos
from models.recipe.handwriting.sampling_weights import sampling_weights
from models.recipe.letters.batches import Source, make_batch, render_plain
from models.recipe.letters.crops import word_crops, written_characters
from models.recipe.letters.distillation import Teachers
from models.recipe.training.loop import digest
from ocrcli.core.files import write_file
from ocrcli.lines.line_model import LineModel

Predict = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.float64]]
"""Crops (n, 32, 32) and sizes (n, 2) to calibrated probabilities (n, labels)."""

CELL = 48
SEED = 3
COMPOSED = 120_000
"""Crops out of composed words, before any are left out."""

WORD_SECONDS = 600.0
"""Time for photographed words; all of them take longer and add little."""

DISTRACTORS = 3_000

CONTRADICTED = "contradicted.pickle"
"""File of the work folder: labels that teachers contradict, and what they were asked."""

FONTS = "fonts.npz"
"""File of the work folder: characters of fonts (`models.recipe.handwriting.fonts`)."""

POOL, WRONG, FROM_WORDS = MADE = "pool.npz", "wrong.npy", "written.pickle"
"""Files of the work folder: crops of words, wrong labels, characters out of words."""

NO_PICTURES = Pictures([], np.zeros(0, np.int64))


def sheet(crops: NDArray[np.uint8], labels: NDArray[np.int64], across: int = 32) -> NDArray[np.uint8]:
    """Lay (n, 32, 32) crops out in rows of ``across``, each above its label."""
    down = -(-len(crops) // across)
    page = np.zeros((down * (CELL + 14), across * CELL), np.uint8)
    for i, (crop, label) in enumerate(zip(crops, labels, strict=True)):
        y, x = i // across * (CELL + 14), i % across * CELL
        page[y : y + CELL, x : x + CELL] = cv2.resize(crop, (CELL, CELL), interpolation=cv2.INTER_NEAREST)
        cv2.putText(page, LABELS[label], (x + 18, y + CELL + 9), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255, 1)
    return page


def typical_sizes(ink: Ink) -> NDArray[np.float32]:
    """(labels, 2) median width and height of each label in capital heights; ones where it has no sample."""
    sizes = np.ones((len(LABELS), 2), np.float32)
    for label in np.unique(ink.labels):
        sizes[label] = np.median(ink.relwh[ink.labels == label], axis=0)
    return sizes


def word_list(data: Path) -> list[str]:
    """The different words of UNIPEN, for their letter sequences only."""
    path = data / "words" / "unipen_ink.parquet"
    table = pyarrow.parquet.read_table(path, columns=["text"], filters=[("level", "=", "word")])
    return sorted({w for w in table["text"].to_pylist() if len(w) > 2 and all(c in LABEL_INDEX for c in w)})


def make_pool(corpus: Corpus, kept: NDArray[np.int64], data: Path, predict: Predict) -> Pool:
    """Segment words: composed ones by the writers of ``kept`` ink, photographed ones of the training split."""
    ink = kept[kept < len(corpus.ink)]
    photos = data / "words" / "hdbpmn_words.parquet"
    raws = [
        word_crops.composed(corpus.ink, ink, word_list(data), COMPOSED, SEED),
        word_crops.photographed(photos, "train", typical_sizes(corpus.ink), len(LABELS) * 1000, WORD_SECONDS, SEED),
    ]
    return word_crops.join_pools(
        [*(word_crops.filtered(raw, predict) for raw in raws), word_crops.distractor_pool(DISTRACTORS, SEED)]
    )


def find_wrong(corpus: Corpus, predict: Predict, work: Path) -> NDArray[np.int64]:
    """Indices of ink with wrong labels, held-out writers included; prints how many and draws a sheet of them."""
    crops, sizes = render_plain(corpus, np.arange(len(corpus.ink)), SEED)
    probability = predict(crops, sizes)
    wrong = wrong_labels.find_wrong_labels(probability, corpus.ink.labels)
    fold = fold_of(corpus.ink)
    for name, rows in (("training", fold > VALIDATION_FOLD), ("test", fold == TEST_FOLD)):
        print(f"wrong labels, {name} writers: {wrong[rows].sum()} of {rows.sum()} ({wrong[rows].mean():.2%})")
    worst = wrong_labels.wrong_by_class(corpus.ink.labels, wrong)[:12]
    print("most of them: " + ", ".join(f"{label} {bad}/{count}" for label, bad, count in worst))
    indices = np.flatnonzero(wrong)
    shown = np.random.default_rng(SEED).permutation(indices)[:480]
    cv2.imwrite(str(work / "wrong.png"), sheet(crops[shown], corpus.ink.labels[shown]))
    np.save(work / WRONG, indices)
    return indices


def contradicted(corpus: Corpus, indices: NDArray[np.int64], teachers: Teachers, work: Path) -> NDArray[np.int64]:
    """Which of ``indices`` are pen ink whose labels those teachers contradict that have not seen the writer.

    The answer is kept in ``work``, for it takes minutes and several runs learn from the same; whoever changes how ink
    is drawn, or when a label is wrong, deletes it.
    """
    ink, path = indices[indices < len(corpus.ink)], work / CONTRADICTED
    asked = digest(ink, *astuple(corpus.ink), *teachers.files)
    kept = pickle.loads(path.read_bytes()) if path.exists() else {}
    if asked not in kept:
        kept = {asked: _contradicted(corpus, ink, teachers)}
        write_file(pickle.dumps(kept), path)
    found: NDArray[np.int64] = kept[asked]
    share = len(found) / len(ink)
    print(f"labels that a teacher contradicts: {len(found)} of {len(ink)} ({share:.2%})", file=sys.stderr)
    return found


def _contradicted(corpus: Corpus, ink: NDArray[np.int64], teachers: Teachers) -> NDArray[np.int64]:
    """Ask the teachers about all that ``ink`` names.

    A model that has learnt from a wrong label gives it again: `find_wrong` finds few of them among training writers.
    """
    crops, sizes = render_plain(corpus, ink, SEED)
    probability = teachers.probabilities(crops, sizes, half_of(corpus, ink))
    probability[:, NOT_A_LETTER] = 0  # there is a letter: the question is which
    probability /= probability.sum(axis=1, keepdims=True)
    return ink[wrong_labels.find_wrong_labels(probability.astype(np.float64), corpus.ink.labels[ink])]


def load_wrong(work: Path) -> NDArray[np.int64]:
    """The indices that `find_wrong` found; none where it has not been run."""
    path = work / WRONG
    return np.load(path) if path.exists() else np.zeros(0, np.int64)


def segment_words(corpus: Corpus, data: Path, predict: Predict, reader: LineModel) -> tuple[Ink, Pictures]:
    """Characters of written and of photographed words, without those that a model of letters contradicts.

    Args:
        corpus: Single characters; of writers that are held out there, no word is used.
        data: Folder with words/.
        predict: The model of letters.
        reader: A line reader, which tells where the characters are.
    """
    path = data / "words" / "unipen_ink.parquet"
    single = [c for test in (False, True) for c in words.load_ink(path, ("char", "char-in-word"), test)]
    held_out = writer_deduplication.held_out(corpus.ink, single)
    whole = [
        word for word in words.load_ink(path, ("word",), test=False)
        if " " not in word.text and word.writer not in held_out
    ]  # fmt: skip
    heights = typical_sizes(corpus.ink)[:, 1]
    ink = written_characters.extract_characters(whole, reader, heights)
    crops, sizes = render_plain(Corpus(ink, NO_PICTURES), np.arange(len(ink)), SEED)
    kept = wrong_labels.credible(predict(crops, sizes), ink.labels)
    print(f"written words: {kept.sum()} of {len(kept)} characters kept", file=sys.stderr)
    photos = written_characters.photographed(word_photos(data / "words" / "hdbpmn_words.parquet", "train"), reader)
    crops = np.stack([picture_crop(image) for image in photos.images])
    seen = wrong_labels.credible(predict(crops, np.zeros((len(crops), 2), np.float32)), photos.labels)
    print(f"photographed words: {seen.sum()} of {len(seen)} characters kept", file=sys.stderr)
    images = [image for image, good in zip(photos.images, seen, strict=True) if good]
    return select_ink(ink, np.flatnonzero(kept)), Pictures(images, photos.labels[seen])


def with_words(corpus: Corpus, work: Path) -> Corpus:
    """The corpus with fonts, and with the characters of written and photographed words that `prepare` has made."""
    ink, photos = pickle.loads((work / FROM_WORDS).read_bytes())
    drawn = fonts.load(work / FONTS)
    pictures = join_pictures([drawn, corpus.pictures, photos])
    joined = join_ink(corpus.ink, ink)
    return replace(corpus, ink=joined, pictures=pictures, fonts=len(drawn), photographed=len(photos))


def prepare(corpus: Corpus, data: Path, work: Path, predict: Predict, reader: LineModel) -> None:
    """Find wrong labels, make the pool and segment words, with other models' help; written to ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    (work / FROM_WORDS).write_bytes(pickle.dumps(segment_words(corpus, data, predict, reader)))
    wrong = find_wrong(corpus, predict, work)
    made = make_pool(corpus, np.setdiff1d(training_indices(corpus), wrong), data, predict)
    word_crops.save_pool(work / POOL, made)


def summarise(corpus: Corpus, indices: NDArray[np.int64], work: Path) -> None:
    """Print what there is to train on, and draw ``samples.png``."""
    weights = sampling_weights(corpus, indices)
    share = np.bincount(corpus.labels[indices], weights, len(LABELS))
    counts = len(corpus.ink), len(corpus.pictures), len(corpus.pool), len(indices)
    print("{} characters in pen ink, {} pictures, {} crops of words; {} to train on".format(*counts), file=sys.stderr)
    print(f"a class gets {share.min():.2%} to {share.max():.2%} of the crops", file=sys.stderr)
    batch = make_batch(Source(corpus, indices, 512, 0), 0)
    work.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(work / "samples.png"), sheet(batch.crops, batch.labels))
