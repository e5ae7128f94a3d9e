"""A photo's grey image -> dark ink on flat white paper: polarity, background division, denoising.

Everything here works on uint8: numpy and Pillow are several times faster on it than on floats, and
so is each threshold that follows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ocrcli.binarize.page_model import INK_LEVEL
from ocrcli.imaging.runs import components_of, dilated, runs_holding, runs_of

Grey = NDArray[np.uint8]

BACKGROUND_REDUCTION = 4
"""It is smooth, so it is estimated on an image this many times smaller."""

BACKGROUND_SHARE = 1 / 30
"""Side of the background's window, as a share of the long side. It must be wider than any pen
stroke (or the stroke becomes background) and narrower than the shadows."""

NIGHT = 8
"""Grey levels; where the paper is no lighter there is none: the black corners of a turned picture, or of a scan."""

MIN_DEVIATION = 64.0
"""Grey levels; a patch that deviates as little as one pixel by this much has hardly a vote."""

MIN_VOTE = 0.02
"""Mean vote from which ink is light; most notes are dark on light, and a blank one is near 0."""

RING = (3, 5)
"""Sides of the windows, in an image as small as the background's, between which the paper around writing lies."""

EVEN_INK, MOST_GAIN = 200, 2
"""What the darkest of even writing has, as a mean over some pixels of its strokes; times that it is made darker at
most: bleed-through is not to be brought up with a pale pen. Of 1, 2 and 5, chosen on seven photos of `wild/`."""

FAINT_INK, LIKELY_INK = 32, 80
"""Of the page model's ink, 0 to 255: what is writing if it hangs together with some that is surer, and what may
be writing by itself."""

PATCH_SHARE = 1 / 8
"""Side of the patches that tell the polarity, as a share of the long side."""


def has_light_ink(grey: Grey) -> bool:
    """Whether the writing is lighter than what it is written on (chalk, a white gel pen).

    Writing covers less than half of any patch of a page, so a patch's median is its ground, and what
    deviates from it most is ink: darker or lighter.

    Args:
        grey: (h, w) uint8.
    """
    small = _reduced(grey)
    side = max(2, round(max(small.shape) * PATCH_SHARE))
    rows, columns = (max(1, length // side) for length in small.shape)
    patches = small[: rows * (small.shape[0] // rows), : columns * (small.shape[1] // columns)]
    patches = patches.reshape(rows, small.shape[0] // rows, columns, small.shape[1] // columns)
    deviation = patches - np.median(patches, axis=(1, 3), keepdims=True).astype(np.float32)
    cubes = deviation * deviation * deviation  # a power takes numpy several times as long
    # Each patch has one vote: the edge of a dark table, a step larger than any ink's, has few.
    votes = cubes.sum(axis=(1, 3)) / np.maximum(np.abs(cubes).sum(axis=(1, 3)), MIN_DEVIATION**3)
    return float(votes.mean()) > MIN_VOTE


def background(grey: Grey, window: int | None = None) -> Grey:
    """Estimate the paper under dark ink, light and shadow included.

    A grey closing takes away what is dark and thinner than the window and leaves steps such as the
    edge of a hand's shadow in their place; a blur then joins the window's square corners.

    Args:
        grey: (h, w) uint8, dark ink.
        window: Its side in pixels; None for `BACKGROUND_SHARE` of the long side.

    Returns:
        (h, w) uint8, never 0.
    """
    small = _reduced(grey)
    wide = max(small.shape) * BACKGROUND_SHARE if window is None else window / BACKGROUND_REDUCTION
    side = 2 * max(2, round(wide / 2)) + 1
    closed = _windowed(_windowed(small, side, np.maximum), side, np.minimum)
    smooth = Image.fromarray(np.maximum(closed, 1)).filter(ImageFilter.BoxBlur(side // 4))
    return np.asarray(smooth.resize(grey.shape[::-1], Image.Resampling.BILINEAR))


def _windowed(image: Grey, side: int, extreme: np.ufunc) -> Grey:
    """Largest or smallest value in a square window around each pixel; `side` is odd.

    Windows of doubled width are put together from two halves, so a wide one costs hardly more.
    """
    for axis in (0, 1):
        values = np.pad(image, [(side // 2, side // 2) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        width = 1
        while width < side:
            step = min(width, side - width)
            length = values.shape[axis] - step
            values = extreme(values.take(range(length), axis), values.take(range(step, step + length), axis))
            width += step
        image = values
    return image


def normalise(grey: Grey) -> Grey:
    """Dark ink on evenly white paper, whatever the light was and whichever of the two was darker.

    Args:
        grey: (h, w) uint8.

    Returns:
        (h, w) uint8; paper is near 255.
    """
    dark = darken(grey)
    return divide(dark, background(dark))


def normalise_by_ink(grey: Grey, ink: Grey, window: int) -> Grey:
    """The same where it is known what is written: its tone tells whether ink is light or dark.

    Args:
        grey: (h, w) uint8.
        ink: (h, w) uint8, 255 where there is writing, as `ocrcli.binarize.page_model.Maps` has it.
        window: Side in pixels of the window in which the paper is estimated.

    Returns:
        (h, w) uint8; paper is near 255.
    """
    small, pen = _reduced(grey), _reduced(ink)
    near, wide = (_windowed(pen, side, np.maximum) > FAINT_INK for side in RING)
    pen_on = pen > INK_LEVEL
    around = wide & ~near
    light = pen_on.any() and around.any() and small[pen_on].mean() > small[around].mean()
    dark = 255 - grey if light else grey
    return divide(dark, background(dark, window))


def writing_mask(ink: Grey) -> NDArray[np.bool_]:
    """(h, w) bool: where there is writing, by (h, w) uint8 of how sure that is, with the faint ends of strokes.

    Hysteresis thresholding (Canny 1986, "A computational approach to edge detection").
    """
    runs = runs_of(ink > FAINT_INK)
    component = components_of(runs)
    sure = np.zeros(len(runs) + 1, bool)
    sure[component[runs_holding(runs, np.flatnonzero(ink > LIKELY_INK))]] = True
    return runs.keep(sure[component]).mask()


def even_ink(flat: Grey, ink: Grey, window: int) -> tuple[Grey, Grey]:
    """All writing equally dark, and all else gone: rulings, grain, drawings and shadows.

    A pencil beside a marker, or a heading in a pale colour, would fall below any threshold that suits the rest.

    Args:
        flat: (h, w) uint8, as `normalise_by_ink` gives it.
        ink: (h, w) uint8, 255 where there is writing.
        window: Side in pixels of the window in which writing is made as dark as its darkest.

    Returns:
        (h, w) uint8, `flat` with writing made even, and the same with white wherever nothing is written.
    """
    # One pixel more than the model says: its ink ends where a stroke is half covered, and thresholds look at its edge.
    gate = dilated(writing_mask(ink))
    dark = 255 - flat
    small = _reduced(np.where(gate, dark, np.uint8(0)))
    side = 2 * max(2, round(window / BACKGROUND_REDUCTION / 2)) + 1
    strongest = Image.fromarray(_windowed(small, side, np.maximum)).filter(ImageFilter.BoxBlur(side // 4))
    peak = np.asarray(strongest.resize(flat.shape[::-1], Image.Resampling.BILINEAR)).astype(np.uint16)
    gained = dark.astype(np.uint16) * np.uint16(EVEN_INK) // np.maximum(peak, EVEN_INK // MOST_GAIN)
    even = np.minimum(gained, 255).astype(np.uint8)
    return 255 - even, np.where(gate, 255 - even, np.uint8(255))


def darken(grey: Grey) -> Grey:
    """Invert the image if its ink is light.

    Args:
        grey: (h, w) uint8.
    """
    return 255 - grey if has_light_ink(grey) else grey


def divide(dark: Grey, paper: Grey) -> Grey:
    """Take the light out: paper becomes white.

    Dividing by the background, not subtracting it, is right because shadow multiplies.

    Args:
        dark: (h, w) uint8, dark ink.
        paper: (h, w) uint8, its `background`.

    Returns:
        (h, w) uint8; paper is near 255.
    """
    scaled = dark.astype(np.uint16) * np.uint16(255) // np.maximum(paper, 1)
    flat = np.minimum(scaled, 255).astype(np.uint8)
    if paper.min() < NIGHT:
        flat[paper < NIGHT] = 255
    return flat


def _reduced(grey: Grey) -> Grey:
    factor = min(BACKGROUND_REDUCTION, *grey.shape)
    return np.asarray(Image.fromarray(grey).reduce(factor))
