"""From a sheet of paper to a photo of it: the scene, the light and the camera of a phone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from surfaces import Floats, linear, noise

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shadow:
    """A soft shadow, such as of the phone or of the hand that holds it.

    Attributes:
        outline: Corners of what throws it, as shares (x, y) of the photo.
        depth: Share of the light that it takes away.
        softness: Width of its blurred edge, as a share of the photo's longer side.
    """

    outline: tuple[Point, ...]
    depth: float = 0.3
    softness: float = 0.03


@dataclass(frozen=True, slots=True)
class Light:
    """The light on the scene.

    Attributes:
        colour: White paper looks like this in it.
        towards: Where the lamp or window is, in degrees: 0 is right, 90 is up.
        falloff: Share of the light that is lost from the near to the far side.
        shadows: What stands in the way.
    """

    colour: str = "#ffffff"
    towards: float = 120.0
    falloff: float = 0.3
    shadows: tuple[Shadow, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """A phone's camera.

    Attributes:
        size: Height and width of the photo.
        view: What of the scene the corners of the photo show, as shares (x, y) of the scene: top
            left, top right, bottom right, bottom left.
        exposure: Factor on the light.
        blur: Standard deviation of the blur in pixels.
        grain: Noise, in shares of full white on middle grey.
        sharpen: How much the phone overdoes the edges afterwards.
    """

    size: tuple[int, int]
    view: tuple[Point, Point, Point, Point]
    exposure: float = 1.0
    blur: float = 0.9
    grain: float = 0.012
    sharpen: float = 0.5


def lay(
    scene: Floats,
    sheet: Floats,
    *,
    centre: Point,
    turn: float,
    bend: float,
    rng: np.random.Generator,
) -> Floats:
    """Lay a sheet on a table.

    Args:
        scene: (height, width, 3) float32, the table.
        sheet: (h, w, 3) float32, what is laid on it.
        centre: Where, in pixels (x, y) of the scene.
        turn: How far it is turned anticlockwise, in degrees.
        bend: How far it lifts off the table in its curls, in pixels.
        rng: The source of chance.

    Returns:
        (height, width, 3) float32.
    """
    shape = (scene.shape[0], scene.shape[1])
    height, width = sheet.shape[:2]
    y, x = np.indices(shape, dtype=np.float32)
    y, x = y - centre[1], x - centre[0]
    # The camera looks from above and in front, so what lifts off the table moves up in the picture.
    lift = bend * (0.75 * noise(shape, (0.30 * height, 0.38 * width), rng) + 0.10 * noise(shape, 90, rng))
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    u = x * cos - y * sin + width / 2 + 0.4 * lift
    v = x * sin + y * cos + height / 2 + lift
    inside = np.minimum(np.minimum(u, width - 1 - u), np.minimum(v, height - 1 - v))
    cover = np.clip(inside + 0.5, 0, 1)
    shade = 1 + 1.6 * np.gradient(lift, axis=0) + 1.1 * np.gradient(lift, axis=1)
    laid = np.stack([ndimage.map_coordinates(sheet[..., i], (v, u), order=1, mode="nearest") for i in range(3)], -1)
    # Close below the sheet it is dark; further out the shadow is wide and faint.
    near = ndimage.shift(ndimage.gaussian_filter(cover, 4), (4, 3), order=1)
    far = ndimage.shift(ndimage.gaussian_filter(cover, 22), (16, 12), order=1)
    ground = scene * (1 - 0.45 * near - 0.30 * far)[..., None]
    share = cover[..., None]
    return np.asarray(ground * (1 - share) + laid * shade[..., None] * share, np.float32)


def put_pencil(scene: Floats, tip: Point, end: Point, width: float, colour: str) -> Floats:
    """Put a lacquered pencil on the scene, for company.

    Args:
        scene: (height, width, 3) float32.
        tip: Of the lead, in pixels (x, y).
        end: The other end, in pixels (x, y).
        width: Of the pencil in pixels.
        colour: Of the lacquer.

    Returns:
        (height, width, 3) float32.
    """
    y, x = np.indices(scene.shape[:2], dtype=np.float32)
    length = float(np.hypot(end[0] - tip[0], end[1] - tip[1]))
    along_x, along_y = (end[0] - tip[0]) / length, (end[1] - tip[1]) / length
    along = np.asarray((x - tip[0]) * along_x + (y - tip[1]) * along_y)
    across = np.asarray((y - tip[1]) * along_x - (x - tip[0]) * along_y)
    half = width / 2 * np.clip(along / (2.6 * width), 0, 1)
    cover = np.clip(half - np.abs(across) + 0.5, 0, 1) * np.clip(length - along, 0, 1)
    # Three faces of the hexagon show, each in its own light, with a gloss along one edge.
    side = across / (width / 2)
    faces = np.select([side < -0.45, side < 0.45], [1.25, 1.0], 0.55)
    gloss = 0.5 * np.exp(-(((side + 0.42) / 0.10) ** 2))
    scallop = 2.6 * width - 0.25 * width * np.cos(side * 3 * np.pi)
    lacquer = linear(colour) * faces[..., None] + gloss[..., None] * linear("#fff8ee")
    bare = linear("#d9b382") * faces[..., None]
    lead = linear("#3a3a3c") * faces[..., None]
    body = np.where((along - scallop)[..., None] > 0, lacquer, bare)
    body = np.where(along[..., None] > 0.75 * width, body, lead)
    shadow = ndimage.shift(ndimage.gaussian_filter(cover, width / 4), (width / 3, width / 4), order=1)
    ground = scene * (1 - 0.6 * shadow)[..., None]
    share = cover[..., None]
    return np.asarray(ground * (1 - share) + body * share, np.float32)


def view(scene: Floats, camera: Camera) -> Floats:
    """The scene as the lens projects it, in perspective.

    Args:
        scene: (height, width, 3) float32.
        camera: The photo's size and what its corners show.

    Returns:
        (camera's height, camera's width, 3) float32.
    """
    height, width = camera.size
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, seen = [], []
    for (x, y), (share_x, share_y) in zip(corners, camera.view, strict=True):
        u, v = share_x * scene.shape[1], share_y * scene.shape[0]
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        seen += [u, v]
    a, b, c, d, e, f, g, h = np.linalg.solve(np.asarray(rows, float), np.asarray(seen, float))
    down, right = np.indices(camera.size, dtype=np.float32)
    depth = g * right + h * down + 1
    at = ((d * right + e * down + f) / depth, (a * right + b * down + c) / depth)
    planes = [ndimage.map_coordinates(scene[..., i], at, order=1, mode="mirror") for i in range(3)]
    return np.stack(planes, -1).astype(np.float32)


def illuminate(shape: tuple[int, int], light: Light, rng: np.random.Generator) -> Floats:
    """The light that falls on each pixel of the photo.

    Args:
        shape: Height and width of the photo.
        light: Where it comes from and what stands in the way.
        rng: The source of chance.

    Returns:
        (height, width, 3) float32; about 1 on the bright side.
    """
    longer = max(shape)
    down, right = np.indices(shape, dtype=np.float32)
    y, x = (down - shape[0] / 2) / longer, (right - shape[1] / 2) / longer
    towards = np.radians(light.towards)
    nearer = x * np.cos(towards) - y * np.sin(towards)
    level = 1 - light.falloff * (0.5 - nearer) + 0.02 * noise(shape, 0.25 * longer, rng)
    level *= 1 - 0.35 * (x**2 + y**2)
    lit = np.asarray(level[..., None] * linear(light.colour), np.float32)
    for shadow in light.shadows:
        mask = Image.new("L", (shape[1], shape[0]))
        ImageDraw.Draw(mask).polygon([(px * shape[1], py * shape[0]) for px, py in shadow.outline], fill=255)
        soft = ndimage.gaussian_filter(np.asarray(mask, np.float32) / 255, shadow.softness * longer)
        # A shadow is lit by the sky or the walls, so it is not only darker but also cooler.
        lit *= np.asarray(1 - soft[..., None] * shadow.depth * np.asarray([1.06, 1.0, 0.90]), np.float32)
    return lit


def expose(light: Floats, camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """What the phone makes of the light: blur, noise, noise reduction, tone curve, sharpening.

    Args:
        light: (height, width, 3) float32, linear.
        camera: How good the phone is.
        rng: The source of chance.

    Returns:
        (height, width, 3) uint8, sRGB.
    """
    shape = (light.shape[0], light.shape[1])
    seen = camera.exposure * ndimage.gaussian_filter(light, (camera.blur, camera.blur, 0))
    # Photons are counted, so noise grows with the root of the light. Phones smooth it, colour most.
    root = np.sqrt(np.clip(seen, 0.01, None) / 0.2)
    grey = camera.grain * 0.25 * noise(shape, 0.75, rng)
    tint = np.stack([camera.grain * 0.12 * noise(shape, 2.5, rng) for _ in range(3)], -1)
    seen = np.clip(seen + root * (grey[..., None] + tint), 0, None)
    # A soft shoulder instead of hard clipping: paper in the sun keeps a trace of its texture.
    seen = np.where(seen > 0.75, 0.75 + 0.25 * np.tanh((seen - 0.75) / 0.25), seen)
    encoded = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * np.maximum(seen, 1e-6) ** (1 / 2.4) - 0.055)
    encoded = encoded + 0.06 * np.sin((encoded - 0.5) * 2 * np.pi) / 2
    detail = encoded - ndimage.gaussian_filter(encoded, (1.6, 1.6, 0))
    encoded = encoded + camera.sharpen * detail
    return np.asarray(np.clip(np.rint(encoded * 255), 0, 255), np.uint8)
