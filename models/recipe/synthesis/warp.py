"""How a flat page comes before the camera: turned, seen from aside, curled; points exactly, pictures by resampling."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Warp:
    """From the page's pixels to the photo's: a homography, then waves across it.

    Attributes:
        homography: (3, 3) float64.
        waves: (k, 5): the angle of its direction and that of its shift in radians, wave number in radians a pixel,
            phase, amplitude in pixels.
    """

    homography: NDArray[np.float64]
    waves: NDArray[np.float64]

    def points(self, points: NDArray[np.floating]) -> Array:
        """(n, 2) page -> (n, 2) float32 photo."""
        if not len(points):
            return np.zeros((0, 2), np.float32)
        flat = np.asarray(points, np.float64) @ self.homography[:, :2].T + self.homography[:, 2]
        flat = flat[:, :2] / flat[:, 2:]
        return (flat + self._shift(flat)).astype(np.float32)

    def _shift(self, flat: NDArray[np.float64]) -> NDArray[np.float64]:
        shift = np.zeros_like(flat)
        for direction, across, number, phase, size in self.waves:
            along = flat @ np.array([np.cos(direction), np.sin(direction)])
            shift += (size * np.sin(number * along + phase))[..., None] * np.array([np.cos(across), np.sin(across)])
        return shift

    def maps(self, height: int, width: int) -> tuple[Array, Array]:
        """Where each pixel of a photo comes from on the page: x and y, (height, width) float32 each."""
        coarse = 8
        y, x = np.mgrid[0 : height + coarse : coarse, 0 : width + coarse : coarse].astype(np.float64)
        photo = np.stack([x, y], axis=-1)
        flat = photo.copy()
        for _ in range(3):  # a fixed point: waves are far longer than high
            flat = photo - self._shift(flat)
        page = flat @ np.linalg.inv(self.homography)[:, :2].T + np.linalg.inv(self.homography)[:, 2]
        page = (page[..., :2] / page[..., 2:]).astype(np.float32)
        shape = page.shape[1] * coarse, page.shape[0] * coarse
        # cv2 takes a pixel's middle; the grid's first point must stay at 0.
        matrix = np.array([[coarse, 0, 0], [0, coarse, 0]], np.float32)
        large = [
            cv2.warpAffine(page[..., i], matrix, shape, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for i in (0, 1)
        ]
        return large[0][:height, :width], large[1][:height, :width]


def random_warp(size: int, turned: float, strength: float, rng: np.random.Generator) -> Warp:
    """A warp about the middle of a square window.

    Args:
        size: Side of the window in pixels, before and after.
        turned: Degrees, clockwise.
        strength: Of perspective and curl: 0 none, 1 strong.
        rng: Source of chance.
    """
    middle = size / 2
    angle = np.deg2rad(turned)
    cos, sin = np.cos(angle), np.sin(angle)
    to_middle = np.array([[1, 0, -middle], [0, 1, -middle], [0, 0, 1.0]])
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])
    stretch, shear = np.exp(rng.normal(0, 0.08 * strength)), rng.normal(0, 0.05 * strength)
    lens = np.array([[stretch, shear, 0], [0, 1 / stretch, 0], [0, 0, 1.0]])
    lens[2, :2] = rng.normal(0, 0.18 * strength, 2) / size
    back = np.linalg.inv(to_middle)
    waves = []
    if rng.random() < 0.6 * strength:
        for _ in range(int(rng.integers(1, 3))):
            length = size * rng.uniform(0.8, 4)
            amplitude = rng.normal(0, 0.012) * length * strength
            waves.append(
                [rng.uniform(0, np.pi), rng.uniform(0, np.pi), 2 * np.pi / length, rng.uniform(0, 6.3), amplitude]
            )
    return Warp(back @ lens @ turn @ to_middle, np.array(waves).reshape(-1, 5))
