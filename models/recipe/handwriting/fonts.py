"""Handwriting fonts: hands that no collection has, as pictures with sure labels and known sizes.

`fetch` takes the fonts that ``fonts.txt`` names from Fontsource's packages on the npm registry. They are used to draw
letters to learn from; neither they nor any picture of them is kept in the repository.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tarfile
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.recipe.handwriting.characters import FONT_CAPITAL, LABELS, Pictures, join_pictures

LIST = Path(__file__).with_name("fonts.txt")
ADDRESS = "https://registry.npmjs.org/@fontsource/{name}/-/{name}-{version}.tgz"
FILE = "latin-400-normal.woff"

LARGEST = 4 * FONT_CAPITAL
"""Pixels; what is wider or taller is mostly a flourish."""

INK = 60
"""A pixel is ink from this coverage of 255 on."""

MISSING = "\uffff"
"""What no font has: it shows what a font draws for a character that it has not."""

SECONDS, AT_ONCE = 60, 4
"""To wait for one package, and how many are fetched at a time."""


@dataclass(frozen=True)
class Font:
    """One line of the list."""

    name: str
    version: str
    licence: str
    sha256: str


def listed(path: Path = LIST) -> list[Font]:
    """The fonts to learn from."""
    lines = path.read_text(encoding="ascii").splitlines()
    return [Font(*line.split()) for line in lines if not line.startswith("#")]


def fetch(font: Font) -> bytes:
    """Download one font.

    Raises:
        ConnectionError: If the registry cannot be reached or has something else.
    """
    address = ADDRESS.format(name=font.name, version=font.version)
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            archive = io.BytesIO(answer.read())
    except (urllib.error.URLError, TimeoutError) as error:
        raise ConnectionError(f"cannot fetch {address}: {error}") from error
    with tarfile.open(fileobj=archive) as packed:
        for member in packed:
            content = packed.extractfile(member) if member.name.endswith(FILE) else None
            if content is not None and hashlib.sha256(woff := content.read()).hexdigest() == font.sha256:
                return woff
    raise ConnectionError(f"{address} does not hold the font that {LIST.name} describes")


def draw(woff: bytes) -> Pictures:
    """Draw every character that a font has: bright ink on black, tight, capitals `FONT_CAPITAL` pixels high."""
    trial = ImageFont.truetype(io.BytesIO(woff), FONT_CAPITAL)
    _, top, _, bottom = trial.getbbox("H")
    font = ImageFont.truetype(io.BytesIO(woff), round(FONT_CAPITAL * FONT_CAPITAL / (bottom - top)))
    images, labels = [], []
    for index, character in enumerate(LABELS[:-1]):
        left, top, right, bottom = (int(edge) for edge in font.getbbox(character))
        size = (right - left + 8, bottom - top + 8)  # anti-aliasing may reach beyond the box
        if bytes(font.getmask(character)) == bytes(font.getmask(MISSING)) or max(size) > LARGEST:
            continue
        canvas = Image.new("L", size)
        ImageDraw.Draw(canvas).text((4 - left, 4 - top), character, font=font, fill=255)
        pixels = np.asarray(canvas)
        if (box := inked(pixels)) is not None:
            images.append(pixels[box])
            labels.append(index)
    return Pictures(images, np.array(labels, np.int64))


def inked(pixels: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    """Rows and columns from the first to the last that have ink; None where there is none."""
    rows, columns = (np.flatnonzero((pixels > INK).any(axis=axis)) for axis in (1, 0))
    return (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)) if len(rows) else None


def save(pictures: Pictures, path: Path) -> None:
    """Write pictures end to end."""
    shapes = np.array([image.shape for image in pictures.images], np.int32)
    pixels: NDArray[np.uint8] = np.concatenate([image.ravel() for image in pictures.images])
    np.savez_compressed(path, pixels=pixels, shapes=shapes, labels=pictures.labels)


def load(path: Path) -> Pictures:
    """Read what `save` wrote."""
    with np.load(path) as stored:
        shapes, pixels = stored["shapes"], stored["pixels"]
        parts = np.split(pixels, np.cumsum(shapes.prod(axis=1))[:-1])
        return Pictures([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)], stored["labels"])


def fetch_all() -> list[bytes]:
    """Download the listed fonts.

    Raises:
        ConnectionError: If one cannot be fetched.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(fetch, listed()))


def make(path: Path) -> None:
    """Fetch all fonts, draw them and write them to ``path``.

    Raises:
        ConnectionError: If one cannot be fetched.
    """
    fetched = fetch_all()
    pictures = join_pictures(draw(woff) for woff in fetched)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(pictures, path)
    print(f"{len(pictures)} characters of {len(fetched)} fonts", file=sys.stderr)
