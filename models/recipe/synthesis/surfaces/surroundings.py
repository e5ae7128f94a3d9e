"""What a sheet lies on: photographs without writing, tiles repeated, and drawn wood, cloth and keyboards."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipe.synthesis.fields import Float, blend, chance, log_uniform, pick, plane, smooth
from models.recipe.synthesis.surfaces import textures

LONG_SIDE = 700
"""Of a photo kept in memory, in pixels: surroundings are out of focus anyway."""

KEPT = 48
"""Photos kept decoded: some 50 MB."""

TILES = "ambientcg_tiles128.parquet"
KINDS = {"photo": 0.42, "tile": 0.2, "wood": 0.12, "cloth": 0.1, "plain": 0.1, "keyboard": 0.03, "screen": 0.03}
"""How often each is what the sheet lies on."""

RGB = NDArray[np.uint8]


def is_held_out(name: str) -> bool:
    """Whether a picture is kept for measuring: then nothing is trained on it."""
    return zlib.crc32(name.encode()) % 4 == 0


def decode(data: bytes, long_side: int) -> RGB:
    """(h, w, 3) uint8 RGB of an encoded picture, its longer side at most ``long_side`` pixels."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("this is not a picture that OpenCV reads")
    scale = long_side / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def _tiles(folder: Path, every_fourth: bool) -> tuple[bytes, ...]:
    """The encoded seamless tiles of a folder: every fourth, which is held out, or the others."""
    file = folder / TILES
    if not file.is_file():
        return ()
    import pyarrow.parquet

    images = pyarrow.parquet.read_table(file, columns=["image"])["image"].to_pylist()
    return tuple(image for row, image in enumerate(images) if (row % 4 == 0) == every_fourth)


@dataclass(frozen=True)
class Surroundings:
    """Pictures without writing, from which scenes are cut.

    Attributes:
        files: Photos, read when they are first asked for.
        tiles: Encoded seamless tiles.
        kept: The photos read last.
    """

    files: tuple[Path, ...] = ()
    tiles: tuple[bytes, ...] = ()
    kept: OrderedDict[Path, RGB] = field(default_factory=OrderedDict, repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path | None, *, held_out: bool = False) -> Surroundings:
        """Those of a folder to train on, or those that are held out; with ``None`` only drawn ones."""
        if folder is None:
            return cls()
        found = (file for file in Path(folder).iterdir() if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})
        files = sorted(file for file in found if is_held_out(file.name) == held_out)
        return cls(tuple(files), _tiles(Path(folder), held_out))

    def photo(self, index: int) -> RGB:
        """(h, w, 3) uint8 RGB of ``files[index]``."""
        file = self.files[index]
        if file not in self.kept:
            self.kept[file] = decode(file.read_bytes(), LONG_SIDE)
            while len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(file)
        return self.kept[file]

    def picture(self, rng: np.random.Generator, height: int, width: int) -> Float:
        """What a sheet may lie on.

        Args:
            rng: Source of chance.
            height: Of the scene, in pixels.
            width: Of the scene, in pixels.

        Returns:
            (height, width, 3) float32, 0 to 1, RGB.
        """
        scene = self._one(rng, height, width)
        if chance(rng, 0.15):  # a table's edge, a second thing below the sheet
            other = self._one(rng, height, width)
            origin = (width * rng.uniform(0, 1), height * rng.uniform(0, 1))
            distance = plane(height, width, rng.uniform(0, 2 * np.pi), origin)
            beyond = np.clip(distance / rng.uniform(0.7, 4) + 0.5, 0, 1)
            scene = cv2.blendLinear(other, scene, beyond, 1 - beyond)
            if chance(rng, 0.6):
                reach = np.float32(max(height, width) * rng.uniform(0.01, 0.1))
                shadow = np.where(distance < 0, 0, np.clip(1 - distance / reach, 0, 1)) * rng.uniform(0.2, 0.8)
                blend(scene, np.zeros(3), shadow)
        return np.asarray(np.clip(scene, 0, 1, out=scene))

    def _one(self, rng: np.random.Generator, height: int, width: int) -> Float:
        """One kind of ground, all over."""
        kind = pick(rng, KINDS)
        if (kind == "photo" and not self.files) or (kind == "tile" and not self.tiles):
            kind = pick(rng, {"wood": 0.4, "cloth": 0.3, "plain": 0.3})
        if kind == "photo":
            return cut(rng, self.photo(int(rng.integers(len(self.files)))), height, width)
        if kind == "tile":
            return tiled(rng, decode(self.tiles[int(rng.integers(len(self.tiles)))], LONG_SIDE), height, width)
        makers = {"wood": textures.wood, "cloth": textures.cloth, "keyboard": textures.keyboard}
        makers |= {"plain": textures.plain, "screen": textures.screen}
        scene = makers[kind](rng, height, width)
        return turned(rng, scene) if kind != "plain" else scene


def _warp(
    picture: RGB, zoom: float, angle: float, middle: tuple[float, float], size: tuple[int, int], edge: int
) -> Float:
    """A part of a picture, enlarged by ``zoom`` and turned by ``angle`` degrees around ``middle``; float32, 0 to 1."""
    height, width = size
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1 / zoom)
    turn[:, 2] += np.array(middle) - (width / 2, height / 2)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part = cv2.warpAffine(picture, turn, (width, height), flags=flags, borderMode=edge)
    return np.asarray(part, np.float32) * np.float32(1 / 255)


def cut(rng: np.random.Generator, photo: RGB, height: int, width: int) -> Float:
    """A random part of a photo, turned, mirrored, as large as the scene; (height, width, 3) float32."""
    photo = photo[:, ::-1] if chance(rng, 0.5) else photo
    rows, columns = photo.shape[:2]
    whole = max(height / rows, width / columns)
    zoom = whole * log_uniform(rng, 0.9, 3)
    angle = rng.choice([0, 90, 180, 270]) + rng.normal(0, 6)
    middle = (columns * rng.uniform(0.2, 0.8), rows * rng.uniform(0.2, 0.8))
    return _warp(np.ascontiguousarray(photo), zoom, angle, middle, (height, width), cv2.BORDER_REFLECT_101)


def tiled(rng: np.random.Generator, tile: RGB, height: int, width: int) -> Float:
    """A seamless tile again and again, (height, width, 3) float32; its grain from fine to coarse."""
    zoom = log_uniform(rng, 0.5, 9)
    if zoom < 0.9:  # keep what is made smaller from turning into noise
        tile = cv2.resize(tile, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        zoom = 1.0
    middle = (rng.uniform(0, tile.shape[1]), rng.uniform(0, tile.shape[0]))
    scene = _warp(np.ascontiguousarray(tile), zoom, rng.uniform(0, 360), middle, (height, width), cv2.BORDER_WRAP)
    uneven = 1 + smooth(rng, height, width, max(height, width) / 3) * np.float32(0.06)
    scene *= uneven[..., None]
    return scene


def turned(rng: np.random.Generator, scene: Float) -> Float:
    """A drawn ground turned and seen a little from aside, enlarged so that it still fills the scene."""
    height, width = scene.shape[:2]
    if chance(rng, 0.3):
        return scene
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-45, 45), rng.uniform(1.0, 1.5))
    return np.asarray(cv2.warpAffine(scene, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101))
