"""A user's own folder -> labelled glyphs to learn from.

Two kinds of example, which may be mixed in one folder:

- ``LABEL/*.png``: crops of one character. LABEL is the character itself, its code (``U+002F``) or its
  Unicode name (``SOLIDUS``), for the characters that a file system forbids or does not tell apart.
- ``NAME.jpg`` with ``NAME.gt.txt``: a page and what is written on it. The page is read, the reading is
  aligned with the transcript, and the glyphs whose place in it is beyond doubt are taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from models.recipe.drawing.render import SQUARE, picture_crop
from ocrcli.core.errors import InputError, NothingWrittenError, UsageError
from ocrcli.core.page import Box, Page
from ocrcli.evaluation.scoring import normalise
from ocrcli.imaging.components import Marks
from ocrcli.layout.baselines import Row
from ocrcli.letters import letter_crop
from ocrcli.pipeline.reading import Reader
from ocrcli.sources import load_photo

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"})

NOT_A_LETTER = "not-a-letter"
"""Folder of crops that are no character; its label is "", for models that have such a class."""

CROP_SIDE = 256
"""Pixels; a crop is loaded no larger."""


@dataclass(frozen=True)
class Sample:
    """One labelled glyph.

    Attributes:
        label: The character.
        picture: (h, w) uint8, bright ink on black: what is warped and photographed anew in training.
        crop: (32, 32) uint8, what the reader would show the classifier.
        size: Width and height in capital heights of its row; (0, 0) where unknown.
    """

    label: str
    picture: NDArray[np.uint8]
    crop: NDArray[np.uint8]
    size: tuple[float, float] = (0.0, 0.0)


def label_of(name: str) -> str:
    """The character that a folder's name stands for.

    Raises:
        UsageError: If it stands for none.
    """
    if name == NOT_A_LETTER:
        return ""
    if len(name) == 1:
        return name
    if code := re.fullmatch(r"U\+([0-9A-F]{4,6})", name, re.IGNORECASE):
        return chr(int(code[1], 16))
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        raise UsageError(
            f"folder {name!r} names no character; call it A, or U+0041, or LATIN CAPITAL LETTER A"
        ) from None


def images_in(folder: Path) -> list[Path]:
    """The images right in a folder, in the order of their names."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def bright_ink(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn a crop, dark on bright or bright on dark, into bright ink on black.

    The paper is what most of the crop's rim shows.

    Args:
        grey: (h, w) uint8.

    Returns:
        (h, w) uint8 whose brightest ink is 255; all zeros if nothing differs from the paper.
    """
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(rim))
    sign = 1.0 if grey.mean() > paper else -1.0
    ink = np.clip(sign * (grey - paper), 0, None)
    peak = float(ink.max())
    return np.zeros_like(grey) if peak < 1 else np.asarray(ink * (255 / peak), np.uint8)


def read_crop(path: Path, label: str) -> Sample:
    """One crop of a labelled folder; its size within a row is unknown.

    Raises:
        InputError: If it is no image, or an empty one.
    """
    picture = bright_ink(load_photo(path, CROP_SIDE).grey)
    if not picture.any():
        raise NothingWrittenError(f"{path}: one even colour, no letter to learn from; remove it")
    return Sample(label, picture, picture_crop(picture))


def safe_pairs(read: str, written: str) -> list[tuple[int, str]]:
    """Which glyphs are surely which characters of the transcript.

    The texts are aligned with the fewest edits (Levenshtein 1966). A glyph is safe if it stands
    between two that were read right, one for one: then it is this character, also where it was read
    wrongly, and just those glyphs are worth learning from. Next to an insertion or a deletion the
    glyph itself may have been cut wrongly, so nothing there is safe.

    Args:
        read: What was read, without white space.
        written: The transcript, without white space.

    Returns:
        (position in ``read``, character of ``written``) pairs.
    """
    partner = np.full(len(read) + 2, -9)  # one place further: the ends have neighbours, too
    partner[0], partner[-1] = -1, len(written)
    for step in Levenshtein.opcodes(read, written):
        if step.tag in ("equal", "replace"):
            partner[step.src_start + 1 : step.src_end + 1] = np.arange(step.dest_start, step.dest_end)
    right = [True, *(p >= 0 and written[p] == c for p, c in zip(partner[1:-1], read, strict=True)), True]
    return [
        (i, written[partner[i + 1]])
        for i in range(len(read))
        if partner[i + 1] >= 0 and right[i] and right[i + 2] and partner[i] + 1 == partner[i + 1] == partner[i + 2] - 1
    ]


def glyph_sample(label: str, box: Box, full: NDArray[np.int64], stages: dict[str, Any]) -> Sample | None:
    """Cut one glyph out of a page that was read.

    Args:
        label: The character.
        box: Its box in pixels of the photo.
        full: (n, 4) boxes of the page's marks in pixels of the photo.
        stages: What reading told of: ``photo``, ``ink``, ``marks`` and ``rows`` are used.

    Returns:
        The glyph; None if it is not made of whole marks. Pieces of a joined word are left out, for
        where they were cut is a guess.
    """
    marks: Marks = stages["marks"]
    corners = np.array([box.left, box.top, box.right, box.bottom])
    inside = (full[:, :2] >= corners[:2]).all(axis=1) & (full[:, 2:] <= corners[2:]).all(axis=1)
    own = np.flatnonzero(inside)
    cap_height = next((row.cap_height for row in stages["rows"] if _holds(row, own)), 0.0)
    if not len(own) or not cap_height:
        return None
    left, top, right, bottom = marks.box(own)
    if stages["photo"].full_size((left, top, right, bottom)) != tuple(corners.tolist()):
        return None
    # One pixel around the mask is the stroke's anti-aliased edge: as `ocrcli.letters.hypotheses.crops` cuts.
    area = np.s_[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    mask = np.isin(marks.labels[area], marks.ids[own])
    grown = cv2.dilate(mask.astype(np.uint8), SQUARE)
    ink = np.asarray(stages["ink"][area] * grown, np.uint8)
    down, across = top - max(top - 1, 0), left - max(left - 1, 0)
    picture = ink[down : down + bottom - top, across : across + right - left]
    size = ((right - left) / cap_height, (bottom - top) / cap_height)
    return Sample(label, picture, letter_crop.crop(ink), size)


def _holds(row: Row, members: NDArray[np.intp]) -> bool:
    return bool(len(members)) and bool(np.isin(members, row.marks).all())


def page_samples(page: Page, stages: dict[str, Any], transcript: str) -> list[Sample]:
    """The safe glyphs of a page that was read."""
    boxes = [stages["photo"].full_size(tuple(box)) for box in stages["marks"].boxes.tolist()]
    full = np.array(boxes, np.int64).reshape(-1, 4)
    written = "".join(normalise(transcript).split())
    pairs = safe_pairs("".join(g.text for g in page.glyphs), written)
    found = (glyph_sample(label, page.glyphs[i].box, full, stages) for i, label in pairs)
    return [sample for sample in found if sample is not None]


def read_page_samples(reader: Reader, photo: Path, transcript: Path) -> list[Sample]:
    """Read a photo and take its safe glyphs.

    Raises:
        InputError: If the photo or the transcript cannot be read.
    """
    try:
        text = transcript.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{transcript}: cannot be read as UTF-8 text ({error})") from error
    stages: dict[str, Any] = {}
    page = reader.read(photo, on_stage=stages.__setitem__)
    return page_samples(page, stages, text)


def read_folder(folder: Path, reader: Reader) -> list[Sample]:
    """All labelled glyphs of a folder.

    Characters of a transcript that the model has no class for are left out; a folder named after
    one is an error, for somebody wanted it learnt.

    Raises:
        InputError: If there is nothing to learn from, or a file cannot be read.
        UsageError: If a sub-folder names no character, or one that the model has no class for.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    known = frozenset(reader.models.letters.labels)
    samples: list[Sample] = []
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        label = label_of(inner.name)
        if label not in known:
            raise UsageError(f"{inner}: the model has no class for {label!r}; it knows {len(known)} characters")
        samples += [read_crop(path, label) for path in images_in(inner)]
    for photo in images_in(folder):
        transcript = photo.with_name(f"{photo.stem}.gt.txt")
        if transcript.is_file():
            samples += [s for s in read_page_samples(reader, photo, transcript) if s.label in known]
    if not samples:
        raise InputError(f"{folder}: no LABEL/*.png and no NAME.jpg with NAME.gt.txt gave a single labelled letter")
    return samples


def split(samples: list[Sample], every: int = 5, seed: int = 0) -> tuple[list[Sample], list[Sample]]:
    """Part the samples of each class, shuffled, into training and, one in ``every``, validation.

    A class with fewer than ``every`` samples goes to training whole.
    """
    rng = np.random.default_rng(seed)
    train: list[Sample] = []
    held: list[Sample] = []
    for label in sorted(Counter(s.label for s in samples)):
        mine = [s for s in samples if s.label == label]
        order = rng.permutation(len(mine))
        count = len(mine) // every
        held += [mine[i] for i in order[:count]]
        train += [mine[i] for i in order[count:]]
    return train, held
