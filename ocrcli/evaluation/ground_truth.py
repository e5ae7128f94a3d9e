"""Which photo a ground truth belongs to: the one of its name beside it, or those that a list names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrcli.core.errors import InputError, UsageError
from ocrcli.core.files import read_text
from ocrcli.core.printable import printable
from ocrcli.sources.folders import SUFFIXES

TRUTH_SUFFIX = ".gt.txt"
"""Takes the place of an image's suffix in the name of its ground truth."""

TRUTH_ADVICE = f"put the text of NAME.jpg into NAME{TRUTH_SUFFIX} beside it"
"""How to supply ground truth; ends an error message."""

EXAMPLE = "ocr eval note.jpg --ground-truth note.gt.txt"


@dataclass(frozen=True, slots=True)
class Pair:
    """An image, and where it is said what is written on it.

    Attributes:
        image: The image.
        ground_truth: The file that says it.
        text: What it says, where it is a list that tells of several images; else None: all of it.
    """

    image: Path
    ground_truth: Path
    text: str | None = None


def find_pairs(images: Sequence[Path], ground_truth: Path | None = None) -> tuple[list[Pair], list[Path]]:
    """Images and their ground truths, each once, and images in folders that are passed over because they have none.

    Args:
        images: Images, or folders of them; with a list, the folder that its images are in; empty where `ground_truth`
            says it.
        ground_truth: That of the only image, in place of the file beside it; or a list of images with their texts.

    Raises:
        InputError: If a folder has nothing to measure, or a file cannot be read.
        UsageError: If a ground truth goes with more than one image, or it is not known with which.
    """
    if ground_truth is not None:
        return _told_by(images, ground_truth), []
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
    return list(dict.fromkeys(pairs)), passed_over  # An image that was named twice must not count twice.


def _told_by(images: Sequence[Path], ground_truth: Path) -> list[Pair]:
    folder = images[0] if len(images) == 1 and images[0].is_dir() else None
    if folder or not images:
        listed = listed_in(ground_truth, folder or ground_truth.parent)
        if listed:
            return listed
    if not images:
        return [Pair(_of_same_name(ground_truth), ground_truth)]
    if len(images) != 1 or folder:
        raise UsageError(f"--ground-truth goes with exactly one image; for several, {TRUTH_ADVICE}")
    return [Pair(images[0], ground_truth)]


def listed_in(path: Path, folder: Path) -> list[Pair]:
    """The images of a list: on each line an image, a tab and the text that is written on it.

    Lines of one image follow each other as on its page.

    Args:
        path: The list.
        folder: That the images' names start from.

    Returns:
        Empty if it is no such list.

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


def _of_same_name(path: Path) -> Path:
    """The photo beside a ground truth that has its name.

    Raises:
        UsageError: If there is none, or there are several.
    """
    stem = path.name.removesuffix(TRUTH_SUFFIX) if path.name.endswith(TRUTH_SUFFIX) else path.stem
    beside = path.parent.iterdir() if path.parent.is_dir() else iter(())
    found = sorted(other for other in beside if other.stem == stem and other.suffix.lower() in SUFFIXES)
    if len(found) != 1:
        what = (
            "no photo of its name is beside it"
            if not found
            else f"it may be that of {found[0].name} or {found[1].name}"
        )
        raise UsageError(f"{printable(str(path))}: {what}; name the photo, as in: {EXAMPLE}")
    return found[0]


def pair_of(image: Path) -> Pair:
    """An image and the file beside it."""
    return Pair(image, image.with_suffix(TRUTH_SUFFIX))


def pairs_in(folder: Path) -> tuple[list[Pair], list[Path]]:
    """The images directly in a folder that have a ground truth, and those that have none, by name.

    Raises:
        InputError: If it cannot be listed.
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
    """The text of a ground truth file: UTF-8, with or without a byte order mark.

    Raises:
        InputError: If it cannot be read, is in another encoding, or holds no text.
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
