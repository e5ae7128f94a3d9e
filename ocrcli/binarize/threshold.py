"""Thresholding: a grey image with normalised background -> ink mask, by one of several published methods."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.core.errors import NothingWrittenError, check_name
from ocrcli.imaging.runs import components_of, darkest_of_runs, runs_of
from ocrcli.imaging.statistics import weighted_quantiles

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LEVELS = np.arange(256)
"""All grey levels."""

MIN_CONTRAST = 24
"""Least contrast between paper and the darkest ink, in grey levels (of 255); below it, the page is blank."""

NOISE_DEVIATIONS = 4.5
"""Least contrast of ink, in standard deviations of the paper's noise."""

FAINT_SHARE = 0.55
"""The paler level of the hysteresis of `auto`, between the level of the paper (0) and Otsu's level (1)."""

WINDOW_SHARE = 1 / 40
"""Side of the window of the local methods, as a share of the long side of the image: about two letters of a dense
page."""


def binarize(flat: Grey, method: str = "auto", quiet: bool = False) -> Mask:
    """Binarize an image: separate ink from paper.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper, as of `ocrcli.binarize.background.normalise`.
        method: A name in `METHODS`.
        quiet: As in `is_blank`.

    Returns:
        (h, w) bool, True where there is ink.

    Raises:
        UsageError: If the method is not known.
        NothingWrittenError: If the image is blank, or the method cannot find a threshold.
    """
    check_name("threshold method", method, METHODS)
    if is_blank(flat, quiet):
        raise NothingWrittenError("nothing written was found: the picture is blank or far too faint")
    try:
        return METHODS[method](flat)
    except (RuntimeError, ValueError) as error:
        # scikit-image's threshold_minimum raises when the histogram does not have two peaks.
        raise NothingWrittenError(
            f"the threshold method {method!r} cannot tell ink from paper here; try --threshold auto"
        ) from error


def level_of(flat: Grey, mask: Mask) -> int | None:
    """The global threshold that gives a mask: the grey level up to which every pixel is ink, and above which none is.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper.
        mask: (h, w) bool, ink according to a method.

    Returns:
        The grey level; None if no single threshold gives this mask.
    """
    darkest_paper = int(flat[~mask].min(initial=255))
    brightest_ink = int(flat[mask].max(initial=0))
    return brightest_ink if brightest_ink < darkest_paper else None


def is_blank(flat: Grey, quiet: bool = False) -> bool:
    """Whether a page is blank: nothing on it is clearly darker than the noise of the paper.

    On any note, ink covers far more than one pixel in ten thousand; of normally distributed noise, such a share is less
    than four standard deviations away. The standard deviation is estimated from the lower quartile and the median. Ink
    does not change these, as it never covers a quarter of a page.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper.
        quiet: Whether everything but writing was already removed from it, so that there is no noise.
    """
    lowest, quarter, paper = weighted_quantiles(LEVELS, _histogram(flat), 0.0001, 0.25, 0.5).tolist()
    if quiet:
        return 255 - lowest < MIN_CONTRAST
    deviation = (paper - quarter) / 0.674
    return paper - lowest < max(MIN_CONTRAST, NOISE_DEVIATIONS * deviation)


def _paper(counts: NDArray[np.int64]) -> int:
    return int(weighted_quantiles(LEVELS, counts, 0.5)[0])


def _histogram(flat: Grey) -> NDArray[np.int64]:
    # Pillow counts in C without the wide copy that numpy's bincount makes.
    return np.array(Image.fromarray(flat).histogram(), np.int64)


def _otsu(histogram: NDArray[np.int64]) -> int:
    counts = histogram.astype(float)
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sum_below = np.cumsum(counts * LEVELS)[:-1]
    sum_above = (counts * LEVELS).sum() - sum_below
    apart = sum_below / np.maximum(below, 1) - sum_above / np.maximum(above, 1)
    return int(np.argmax(below * above * apart**2))


def _auto(flat: Grey) -> Mask:
    """Otsu's threshold with hysteresis: faint pixels are ink if they are connected to certain ink.

    With Otsu's level alone, strokes break where the pen was pressed lightly; with a level near the paper alone, the
    texture of the paper becomes ink.
    """
    return hysteresis(flat, *levels(flat))


def levels(flat: Grey) -> tuple[int, int]:
    """Otsu's level, and the level of the paper (the median), both grey levels.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper.
    """
    counts = _histogram(flat)
    return _otsu(counts), _paper(counts)


def _faint(level: int, paper: int) -> int:
    return paper - round(FAINT_SHARE * (paper - level))  # with a float, numpy would widen the image


def hysteresis(flat: Grey, level: int, paper: int) -> Mask:
    """Hysteresis thresholding (Canny 1986).

    A connected component of pixels darker than a paler level is ink if one of its pixels is certainly ink.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper.
        level: Grey level; pixels up to it are certainly ink.
        paper: Grey level of the paper; the paler level lies between it and `level`, at `FAINT_SHARE`.

    Returns:
        (h, w) bool.
    """
    runs = runs_of(flat < _faint(level, paper))
    component = components_of(runs)
    certain = np.zeros(len(runs), bool)
    certain[component[darkest_of_runs(runs, flat) <= level]] = True
    return runs.keep(certain[component]).mask()


def _global(name: str) -> Callable[[Grey], Mask]:
    def apply(flat: Grey) -> Mask:
        from skimage import filters

        # Comparing with a plain int keeps the image uint8.
        return flat <= int(getattr(filters, f"threshold_{name}")(flat))

    return apply


def _local(name: str) -> Callable[[Grey], Mask]:
    def apply(flat: Grey) -> Mask:
        from skimage import filters

        side = 2 * max(7, round(max(flat.shape) * WINDOW_SHARE / 2)) + 1
        level = getattr(filters, f"threshold_{name}")(flat, window_size=side)
        # On empty paper, a local threshold finds only noise: ink must also be darker than the page's paper.
        return (flat < level) & (flat < _paper(_histogram(flat)) - MIN_CONTRAST)

    return apply


def _region(flat: Grey) -> Mask:
    """Watershed of the gradient, from markers (Beucher and Meyer 1993).

    The markers are certain ink and certain paper, by Otsu's level and the level of the paper. The border between both
    is then at the steepest grey step of each stroke.
    """
    from skimage.filters import sobel
    from skimage.segmentation import watershed

    level, paper = levels(flat)
    markers = np.zeros(flat.shape, np.int32)
    markers[flat > (level + 2 * paper) // 3] = 1
    markers[flat <= level] = 2
    return np.asarray(watershed(sobel(flat), markers)) == 2


METHODS: dict[str, Callable[[Grey], Mask]] = {
    "auto": _auto,
    **{name: _global(name) for name in ("otsu", "li", "yen", "minimum", "triangle", "isodata", "mean")},
    **{name: _local(name) for name in ("sauvola", "niblack")},
    "region": _region,
}
"""Threshold methods by name: (h, w) uint8 -> (h, w) bool. Global levels, from scikit-image: Otsu
(1979), Li and Tam (1998), Yen et al. (1995), minimum (Prewitt and Mendelsohn 1966), triangle (Zack
et al. 1977), isodata (Ridler and Calvard 1978), mean. Local: Sauvola and Pietikainen (2000),
Niblack (1986)."""
