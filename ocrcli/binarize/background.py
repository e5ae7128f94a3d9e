"""Background normalisation: detects the polarity of a grey photo and returns dark ink on evenly white paper.

Everything here works on uint8, on which numpy and Pillow are several times faster than on floats, as are the thresholds
that follow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from ocrcli.binarize.page_model import INK_LEVEL
from ocrcli.imaging.runs import components_of, dilated, runs_holding, runs_of

Grey = NDArray[np.uint8]

BACKGROUND_REDUCTION = 4
"""The background is smooth, so it is estimated on an image this many times smaller."""

BACKGROUND_SHARE = 1 / 30
"""Side of the window of the background estimate, as a share of the long side of the image. It must be wider than any
pen stroke (or the stroke becomes background) and narrower than the shadows."""

NIGHT = 8
"""Grey level of the background below which there is no paper, as in the black corners of a rotated image or a scan."""

MIN_DEVIATION = 64.0
"""Grey levels. A patch whose total deviation is less than that of one pixel that deviates by this much has little
weight in the vote on the polarity."""

MIN_VOTE = 0.02
"""Mean vote above which the ink is light. It is above 0 since most notes are dark on light, and a blank page has about
0."""

RING = (3, 5)
"""Sides of two windows around the ink, in pixels of the reduced image. The paper around the writing is what is in the
larger window and not in the smaller one."""

EVEN_INK, MOST_GAIN = 200, 2
"""Darkness that the darkest writing in each window is scaled to, in grey levels, as a mean over some pixels of its
strokes; and the largest factor of this scaling, so that bleed-through is not made dark together with a pale pen. The
factor was chosen among 1, 2 and 5 on seven photos of `wild/`."""

FAINT_INK, LIKELY_INK = 32, 80
"""Lower and upper level of the hysteresis on the ink map, 0 to 255: what is above the lower level is writing if it is
connected to what is above the upper one."""

PATCH_SHARE = 1 / 8
"""Side of the patches that vote on the polarity, as a share of the long side of the image."""


def has_light_ink(grey: Grey) -> bool:
    """Detect the polarity: whether the ink is lighter than the background (chalk, a white gel pen).

    Writing covers less than half of any patch of a page, so the median of a patch is its background, and the pixels
    that deviate from it most are ink, darker or lighter.

    Args:
        grey: (h, w) uint8.
    """
    small = _reduced(grey)
    side = max(2, round(max(small.shape) * PATCH_SHARE))
    rows, columns = (max(1, length // side) for length in small.shape)
    patches = small[: rows * (small.shape[0] // rows), : columns * (small.shape[1] // columns)]
    patches = patches.reshape(rows, small.shape[0] // rows, columns, small.shape[1] // columns)
    deviation = patches - np.median(patches, axis=(1, 3), keepdims=True).astype(np.float32)
    cubes = deviation * deviation * deviation  # numpy's power takes several times as long
    # One vote for each patch: the edge of a dark table has more contrast than any ink, but is in few patches.
    votes = cubes.sum(axis=(1, 3)) / np.maximum(np.abs(cubes).sum(axis=(1, 3)), MIN_DEVIATION**3)
    return float(votes.mean()) > MIN_VOTE


def background(grey: Grey, window: int | None = None) -> Grey:
    """Estimate the background: the paper under dark ink, with light and shadow.

    A grey closing fills what is dark and thinner than the window, and keeps steps in place, such as the edge of a
    shadow of a hand. A blur then smooths the square corners that the window leaves.

    Args:
        grey: (h, w) uint8, dark ink.
        window: Side of the window in pixels; None for `BACKGROUND_SHARE` of the long side.

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
    """Maximum or minimum filter with a square window; `side` is odd.

    Each window is combined from two windows of half its width, so a wide one hardly takes longer.
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
    """Normalise the background and the polarity: dark ink on evenly white paper.

    Args:
        grey: (h, w) uint8.

    Returns:
        (h, w) uint8; paper is near 255.
    """
    dark = darken(grey)
    return divide(dark, background(dark))


def normalise_by_ink(grey: Grey, ink: Grey, window: int) -> Grey:
    """Like `normalise`, with the polarity from the ink map: whether the writing is lighter than the paper around it.

    Args:
        grey: (h, w) uint8.
        ink: (h, w) uint8, ink map, 255 where there is writing, as in `ocrcli.binarize.page_model.Maps`.
        window: Side in pixels of the window of the background estimate.

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
    """Binarize an ink map, (h, w) uint8, by hysteresis, which keeps the faint ends of strokes; returns (h, w) bool.

    Hysteresis thresholding: Canny 1986, "A computational approach to edge detection".
    """
    runs = runs_of(ink > FAINT_INK)
    component = components_of(runs)
    sure = np.zeros(len(runs) + 1, bool)
    sure[component[runs_holding(runs, np.flatnonzero(ink > LIKELY_INK))]] = True
    return runs.keep(sure[component]).mask()


def even_ink(flat: Grey, ink: Grey, window: int) -> tuple[Grey, Grey]:
    """Make all writing equally dark, and everything else white: rulings, paper grain, drawings and shadows.

    Otherwise pencil beside a marker, or a heading in a pale colour, would be lost by a threshold that suits the rest.

    Args:
        flat: (h, w) uint8, as returned by `normalise_by_ink`.
        ink: (h, w) uint8, ink map, 255 where there is writing.
        window: Side in pixels of the window in which the darkest writing is found, to which the rest is scaled.

    Returns:
        (h, w) uint8, `flat` with writing of even darkness; and (h, w) uint8, the same with white where nothing is
        written.
    """
    # Dilated by one pixel: the ink map ends where a stroke covers half a pixel, but thresholds need the whole edge.
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
    """Divide an image by its background, so that paper becomes white, also in shadow.

    Division, not subtraction, is right, because a shadow multiplies the brightness.

    Args:
        dark: (h, w) uint8, dark ink.
        paper: (h, w) uint8, its background, as returned by `background`.

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
