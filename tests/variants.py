"""The same photo taken worse: turned, skewed, small, shaded, on a table. What reading should hardly notice."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]

JPEG_QUALITY = 25
SHADOW = 0.45
"""Share of the light that falls into the shadow."""
SHEET_SHARE = 0.5
"""Of the photo; the table is what is left."""


def homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The projective map that takes four points to four others (Hartley and Zisserman 2004, section 4.1).

    Args:
        source: (4, 2) x and y, no three of them on a line.
        target: (4, 2) likewise.

    Returns:
        (3, 3); points are (x, y, 1), up to a factor.
    """
    rows, values = [], []
    for (x, y), (u, v) in zip(source.tolist(), target.tolist(), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def turned(photo: Grey, quarters: int) -> Grey:
    """Turned clockwise by quarters."""
    return np.ascontiguousarray(np.rot90(photo, -quarters))


def skewed(photo: Grey, degrees: float, corners: int | None = None) -> Grey:
    """Turned clockwise by a few degrees; the corners are of the given tone, or the colour of the paper."""
    tone = int(np.median(photo)) if corners is None else corners
    image = Image.fromarray(photo).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=tone)
    return np.asarray(image)


def scaled(photo: Grey, factor: float) -> Grey:
    """Taken with fewer pixels."""
    size = tuple(round(side * factor) for side in photo.shape[::-1])
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS))


def compressed(photo: Grey, quality: int = JPEG_QUALITY) -> Grey:
    """Stored as a JPEG of low quality."""
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def half_in_shadow(photo: Grey) -> Grey:
    """A shadow with a slanting edge, a little soft, over half of the photo."""
    height, width = photo.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    edge = (x - width / 2 + 0.3 * (y - height / 2)) / (0.01 * max(photo.shape))
    light = SHADOW + (1 - SHADOW) / (1 + np.exp(np.clip(edge, -30, 30)))
    return (photo * light).astype(np.uint8)


def on_a_dark_table(photo: Grey) -> Grey:
    """The photo as a sheet that lies a little askew on dark wood with a strong grain."""
    rng = np.random.default_rng(3)
    factor = SHEET_SHARE**-0.5
    height, width = (round(side * factor) for side in photo.shape)
    # Grain: noise that is drawn out along the boards, and the dark joints between them.
    grain = Image.fromarray(rng.normal(128, 60, (height, 24)).clip(0, 255).astype(np.uint8))
    fine = Image.fromarray(rng.normal(128, 40, (height // 3, width // 12)).clip(0, 255).astype(np.uint8))
    parts = (part.resize((width, height), Image.Resampling.BICUBIC) for part in (grain, fine))
    table = 20 + 60 * np.sum([np.asarray(part, np.float32) for part in parts], axis=0) / 255
    table[np.arange(height) % (height // 5) < max(2, height // 300)] = 12
    sheet = Image.fromarray(photo).rotate(2, Image.Resampling.BICUBIC, expand=True)
    cover = Image.new("L", photo.shape[::-1], 255).rotate(2, expand=True)
    place = ((width - sheet.width) // 2, (height - sheet.height) // 2)
    shadow = Image.new("L", (width, height), 0)
    shadow.paste(cover, (place[0] + width // 100, place[1] + width // 100))
    dark = np.asarray(shadow.filter(ImageFilter.GaussianBlur(width / 150)), np.float32) / 255
    image = Image.fromarray((table * (1 - 0.6 * dark)).clip(0, 255).astype(np.uint8))
    image.paste(sheet, place, cover)
    return np.asarray(image)


def seen_from_aside(photo: Grey) -> Grey:
    """The photo as a sheet on a grey table, its far side less than two thirds as long as its near one."""
    height, width = photo.shape
    sheet = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    seen = np.array([(0.06, 0.06), (0.94, 0.22), (0.94, 0.78), (0.06, 0.94)]) * (width, height)
    course = homography(seen, sheet).ravel()[:8].tolist()
    kind, smooth = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(photo).transform((width, height), kind, course, smooth, fillcolor=80))


def inverted(photo: Grey) -> Grey:
    """Light ink on dark ground."""
    return np.asarray(255 - photo)


VARIANTS: dict[str, Callable[[Grey], Grey]] = {
    "turned by 90°": partial(turned, quarters=1),
    "turned by 180°": partial(turned, quarters=2),
    "turned by 270°": partial(turned, quarters=3),
    "skewed by −7°": partial(skewed, degrees=-7),
    "skewed by 7°": partial(skewed, degrees=7),
    "turned by 35°": partial(skewed, degrees=35),
    "skewed, with black corners": partial(skewed, degrees=-8, corners=0),
    "a quarter of the size": partial(scaled, factor=0.25),
    f"JPEG of quality {JPEG_QUALITY}": compressed,
    "half in shadow": half_in_shadow,
    "on a dark table": on_a_dark_table,
    "seen from aside": seen_from_aside,
    "inverted": inverted,
}
"""Each makes another photo of one: (h, w) uint8 to (h', w') uint8."""
