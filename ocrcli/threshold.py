"""Flat grey image -> ink mask, by any of several published criteria."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrcli.errors import NothingWrittenError, UsageError

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

MIN_CONTRAST = 24
"""Grey levels (of 255) between paper and the darkest ink below which nothing counts as written."""

NOISE_DEVIATIONS = 4.5
"""Ink is at least this many standard deviations of the paper's noise darker than paper."""

FAINT_SHARE = 0.55
"""Where `auto` puts its lower level between paper (0) and Otsu's level (1)."""

WINDOW_SHARE = 1 / 40
"""Side of the local methods' window, as a share of the long side: about two letters of a dense page."""


def binarize(flat: Grey, method: str = "auto") -> Mask:
    """Separate ink from paper.

    Args:
        flat: (h, w) uint8, dark ink on evenly white paper (`ocrcli.clean.flatten`).
        method: A name in `METHODS`.

    Returns:
        (h, w) bool, True where there is ink.

    Raises:
        UsageError: If there is no such method.
        NothingWrittenError: If the image is blank, or the method finds nothing to separate.
    """
    if method not in METHODS:
        raise UsageError(f"no threshold method {method!r}; choose one of: {', '.join(METHODS)}")
    if is_blank(flat):
        raise NothingWrittenError("nothing written was found: the picture is blank or far too faint")
    try:
        return METHODS[method](flat)
    except (RuntimeError, ValueError) as error:
        # scikit-image's threshold_minimum raises when the histogram does not have two peaks.
        raise NothingWrittenError(
            f"the threshold method {method!r} cannot tell ink from paper here; try --threshold auto"
        ) from error


def is_blank(flat: Grey) -> bool:
    """Whether nothing is darker than paper's own noise.

    Ink covers far more than one pixel in ten thousand of any note, and normal noise is less than
    four standard deviations off there. The deviation is read between the quartiles, where ink,
    which never covers a quarter of a page, does not reach.
    """
    darkest, quarter, paper = (quantile(flat, share) for share in (0.0001, 0.25, 0.5))
    deviation = (paper - quarter) / 0.674
    return paper - darkest < max(MIN_CONTRAST, NOISE_DEVIATIONS * deviation)


def quantile(flat: Grey, share: float) -> int:
    """The grey level that `share` of the pixels do not exceed; by the histogram, as fast as counting."""
    below = np.cumsum(_histogram(flat))
    return int(np.searchsorted(below, share * below[-1]))


def _histogram(flat: Grey) -> NDArray[np.int64]:
    # Pillow counts in C without the wide copy that numpy's bincount makes.
    return np.array(Image.fromarray(flat).histogram(), np.int64)


def _otsu(flat: Grey) -> int:
    """Otsu's level; what does not exceed it is ink."""
    from skimage.filters import threshold_otsu

    return int(threshold_otsu(hist=(_histogram(flat), np.arange(256))))


def _auto(flat: Grey) -> Mask:
    """Otsu's level with hysteresis (Canny 1986): faint pixels count where they touch certain ink.

    Otsu's level alone breaks a stroke wherever the pen lifted; a level near to paper alone lets the
    paper's texture in.
    """
    from skimage.measure import label

    level, paper = _otsu(flat), quantile(flat, 0.5)
    faint = flat < paper - FAINT_SHARE * (paper - level)
    labels = label(faint.view(np.uint8), connectivity=2)
    certain = np.zeros(int(labels.max()) + 1, bool)
    certain[labels[flat <= level]] = True
    certain[0] = False
    return certain[labels]


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
        # Local statistics of empty paper are noise: ink must also leave the paper's own level.
        return (flat < level) & (flat < quantile(flat, 0.5) - MIN_CONTRAST)

    return apply


def _region(flat: Grey) -> Mask:
    """Watershed from markers on the gradient (Beucher and Meyer 1993).

    What is surely ink and surely paper by Otsu's level and its distance to paper floods the
    gradient's basins; the border settles on the steepest grey step of each stroke.
    """
    from skimage.filters import sobel
    from skimage.segmentation import watershed

    level, paper = _otsu(flat), quantile(flat, 0.5)
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
