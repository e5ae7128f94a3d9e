"""Denoisers: the noise of a camera taken out of a grey image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]

NOISY = 10.0
"""Grey levels of noise on white paper that a photo has at least if it is noisy. None of the development pages has more
than half of it; a photo in the dark has twice as much."""

WIDEST = 3.0
"""Deviation in pixels of the widest blur; strokes are hardly wider."""

ROWS_SEEN, AROUND = 8, 9
"""Every so many rows tell the noise, and of a row so many pixels are around each."""


def _none(image: Grey) -> Grey:
    return image


def _gaussian(image: Grey) -> Grey:
    # The binomial 3x3 kernel, a deviation of 0.7 pixels; in integers a third of Pillow's time. The margin stays.
    smooth = image.copy()
    wide = image.astype(np.uint16)
    level = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    total = level[:-2] + 2 * level[1:-1] + level[2:]
    smooth[1:-1, 1:-1] = (total + 8) >> 4
    return smooth


def noise(image: Grey) -> float:
    """The deviation of the paper's pixels from the mean of those around them, in grey levels, were it lit to be white.

    Half of a page's pixels and more are paper, so the median tells (Rousseeuw and Croux 1993).

    Args:
        image: (h, w) uint8; some of its rows are looked at.
    """
    rows = image[::ROWS_SEEN].astype(np.int32)
    if rows.shape[1] < AROUND:
        return 0.0
    total = np.cumsum(np.pad(rows, ((0, 0), (1, 0))), axis=1)
    around = total[:, AROUND:] - total[:, :-AROUND]
    middle = rows[:, AROUND // 2 : AROUND // 2 + around.shape[1]]
    off = np.abs(AROUND * middle - around) / np.maximum(around, 1)
    return float(255 * np.median(off) / 0.6745)


def _auto(image: Grey) -> Grey:
    """`_gaussian`, and a wider one where noise would pass for ink: in the dark."""
    smooth = _gaussian(image)
    left = noise(smooth)
    if left < NOISY:
        return smooth
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(min(left / NOISY, WIDEST))))


def _median(image: Grey) -> Grey:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.MedianFilter(3)))


def _bilateral(image: Grey) -> Grey:
    from skimage.restoration import denoise_bilateral

    if not np.ptp(image):
        return image  # scikit-image returns a constant picture on another scale
    return _to_uint8(denoise_bilateral(image, win_size=5, sigma_color=0.1, sigma_spatial=1.5))


def _tv(image: Grey) -> Grey:
    from skimage.restoration import denoise_tv_chambolle

    return _to_uint8(denoise_tv_chambolle(image, weight=0.05))


def _nlm(image: Grey) -> Grey:
    from skimage.restoration import denoise_nl_means

    return _to_uint8(denoise_nl_means(image, patch_size=3, patch_distance=4, h=0.06, fast_mode=True))


def _to_uint8(unit: NDArray[np.floating]) -> Grey:
    return (np.clip(unit, 0, 1) * 255 + 0.5).astype(np.uint8)


DENOISERS: dict[str, Callable[[Grey], Grey]] = {
    "auto": _auto,
    "none": _none,
    "gaussian": _gaussian,
    "median": _median,
    "bilateral": _bilateral,
    "tv": _tv,
    "nlm": _nlm,
}
"""Denoisers by name: (h, w) uint8 -> (h, w) uint8. The first four take milliseconds; bilateral (Tomasi and Manduchi
1998), total variation (Chambolle 2004) and non-local means (Buades et al. 2005), scikit-image's, take seconds."""
