"""Denoising: removes camera noise from a grey image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Grey = NDArray[np.uint8]

NOISY = 10.0
"""Noise in grey levels, on white paper, from which a photo is noisy. No development page has more than half of it; a
photo taken in the dark has twice as much."""

WIDEST = 3.0
"""Standard deviation of the widest Gaussian blur in pixels; strokes are hardly wider."""

ROWS_SEEN, AROUND = 8, 9
"""Step between the rows of pixels in which noise is measured; and number of pixels of the local mean, along the row."""


def _none(image: Grey) -> Grey:
    return image


def _gaussian(image: Grey) -> Grey:
    # Binomial 3x3 kernel, a standard deviation of 0.7 pixels; a third of Pillow's time. Border pixels stay as they are.
    smooth = image.copy()
    wide = image.astype(np.uint16)
    level = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    total = level[:-2] + 2 * level[1:-1] + level[2:]
    smooth[1:-1, 1:-1] = (total + 8) >> 4
    return smooth


def noise(image: Grey) -> float:
    """Estimate the noise: the standard deviation of paper pixels from their local mean.

    At least half of the pixels of a page are paper, so the median deviation is that of the paper (Rousseeuw and Croux
    1993).

    Args:
        image: (h, w) uint8; every `ROWS_SEEN`-th row is used.

    Returns:
        Grey levels, scaled as if the paper were white.
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
    """Gaussian blur, wider if the photo is so noisy, as in the dark, that noise would be taken for ink."""
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
        return image  # scikit-image returns a constant image on another scale
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
"""Denoisers by name: (h, w) uint8 -> (h, w) uint8. The first four take milliseconds. The others are from scikit-image
and take seconds: bilateral (Tomasi and Manduchi 1998), total variation (Chambolle 2004) and non-local means (Buades et
al. 2005)."""
