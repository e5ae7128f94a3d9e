"""Ground truth files: which photo each belongs to. They have the photo's name, or are lists that name photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrcli.core.errors import InputError, UsageError
from ocrcli.core.files import read_text
from ocrcli.core.printable import printable
from ocrcli.sources.folders import SUFFIXES

TRUTH_SUFFIX = ".gt.txt"
"""Replaces the suffix of an image in the name of its ground truth file."""

TRUTH_ADVICE = f"put the text of NAME.jpg into NAME{TRUTH_SUFFIX} beside it"
"""Advice at the end of error messages: how to supply ground truth."""

EXAMPLE = "ocr eval note.jpg --ground-truth note.gt.txt"


@dataclass(frozen=True, slots=True)
class Pair:
    """An image and its ground truth.

    Attributes:
        image: The image.
        ground_truth: The file with its text.
        text: The text of this image, if the file is a list of several images; None if the whole file is its text.
    """

    image: Path
    ground_truth: Path
    text: str | None = None


def find_pairs(images: Sequence[Path], ground_truth: Path | None = None) -> tuple[list[Pair], list[Path]]:
    """Find the ground truth of images.

    Args:
        images: Images or folders of images. With a list as `ground_truth`, the folder of its images, or empty for the
            folder of the list.
        ground_truth: The ground truth file of the only image, or a list of images with their texts. None to take the
            file beside each image.

    Returns:
        Each image once with its ground truth; and the images in folders that have no ground truth and are skipped.

    Raises:
        InputError: If a folder has no image with ground truth, or a file cannot be read.
        UsageError: If a ground truth is given for more than one image, or its image is not known.
    """
    if ground_truth is not None:
        return _pairs_of_truth(images, ground_truth), []
    if not images:
        raise UsageError(f"name photos or folders, as in: {EXAMPLE}")
    pairs: list[Pair] = []
    passed_over: list[Path] = []
    for path in images:
        if not path.is_dir():
            pairs.append(pair_of(path))
            continue
        found, without = pairs_in(path)
        if not found:
            raise InputError(f"{printable(str(path))}: no image with ground truth; {TRUTH_ADVICE}")
        pairs += found
        passed_over += without
    return list(dict.fromkeys(pairs)), passed_over  # an image that is named twice must not count twice


def _pairs_of_truth(images: Sequence[Path], ground_truth: Path) -> list[Pair]:
    folder = images[0] if len(images) == 1 and images[0].is_dir() else None
    if folder or not images:
        listed = listed_in(ground_truth, folder or ground_truth.parent)
        if listed:
            return listed
    if not images:
        return [Pair(_photo_of_truth(ground_truth), ground_truth)]
    if len(images) != 1 or folder:
        raise UsageError(f"--ground-truth goes with exactly one image; for several, {TRUTH_ADVICE}")
    return [Pair(images[0], ground_truth)]


def listed_in(path: Path, folder: Path) -> list[Pair]:
    """Parse a list of images: each line has an image, a tab and a text line on it.

    An image with several text lines has several lines in the list, in their order.

    Args:
        path: The list.
        folder: The folder that the names of images are relative to.

    Returns:
        The images with their texts; empty if the file is not such a list.

    Raises:
        InputError: If it cannot be read.
    """
    texts: dict[str, list[str]] = {}
    for line in read_truth(path).splitlines():
        if not line.strip():
            continue
        name, tab, text = line.partition("\t")
        if not tab or Path(name).suffix.lower() not in SUFFIXES:
            return []
        texts.setdefault(name, []).append(text)
    return [Pair(folder / name, path, "\n".join(lines)) for name, lines in texts.items()]


def _photo_of_truth(path: Path) -> Path:
    """The photo with the same name beside a ground truth file.

    Raises:
        UsageError: If there is none, or more than one.
    """
    stem = path.name.removesuffix(TRUTH_SUFFIX) if path.name.endswith(TRUTH_SUFFIX) else path.stem
    beside = path.parent.iterdir() if path.parent.is_dir() else iter(())
    found = sorted(other for other in beside if other.stem == stem and other.suffix.lower() in SUFFIXES)
    if len(found) != 1:
        what = (
            "there is no photo with the same name beside it"
            if not found
            else f"it may belong to {found[0].name} or {found[1].name}"
        )
        raise UsageError(f"{printable(str(path))}: {what}; name the photo, as in: {EXAMPLE}")
    return found[0]


def pair_of(image: Path) -> Pair:
    """An image with the ground truth file beside it, which need not exist."""
    return Pair(image, image.with_suffix(TRUTH_SUFFIX))


def pairs_in(folder: Path) -> tuple[list[Pair], list[Path]]:
    """The images directly in a folder: those with ground truth and those without, sorted by name.

    Raises:
        InputError: If the folder cannot be listed.
    """
    try:
        images = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    except OSError as error:
        raise InputError(f"{printable(str(folder))}: cannot list the folder ({error.strerror})") from error
    pairs = [pair_of(image) for image in images]
    return (
        [pair for pair in pairs if pair.ground_truth.is_file()],
        [pair.image for pair in pairs if not pair.ground_truth.is_file()],
    )


def read_truth(path: Path) -> str:
    """Read a ground truth file: UTF-8, with or without a byte order mark.

    Raises:
        InputError: If it cannot be read, has another encoding, or is empty.
    """
    name = printable(str(path))
    try:
        text = read_text(path)
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start}; save the ground truth as UTF-8") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise InputError(
            f"{name}: cannot read the ground truth ({getattr(error, 'strerror', None) or error});"
            f" put the text there, or name its file with --ground-truth"
        ) from error
    if not text.strip():
        raise InputError(f"{name}: the ground truth holds no text; put there what is written on the photo")
    return text
