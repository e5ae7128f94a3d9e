"""Writing by hand: text and a font in, a layer of ink out.

A font repeats itself and a hand does not. So each letter is turned, stretched, slanted and bent by
itself, the pen is pressed harder here and less there, and the lines sag. Everything is drawn from the
random generator that is passed in: the same seed writes the same page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from surfaces import Floats, linear, noise


@dataclass(frozen=True, slots=True)
class Hand:
    """How somebody writes. Lengths are in pixels of the page.

    Attributes:
        size: Size of the font.
        pitch: From one line to the next.
        origin: Where the first line starts: x, and y of its baseline.
        tilt: How much the lines climb, in degrees.
        sag: How far the middle of a full line hangs below its ends.
        slant: How much the letters lean to the right, as a shear.
        spread: Space added after each letter, as a share of the size.
        columns: Where writing goes on after each tab of a line: x.
        unsteady: 0 is a machine, 1 an ordinary hand, 2 a hand on a train.
    """

    size: float
    pitch: float
    origin: tuple[float, float]
    tilt: float = 0.0
    sag: float = 0.0
    slant: float = 0.0
    spread: float = 0.02
    columns: tuple[float, ...] = ()
    unsteady: float = 1.0


@dataclass(frozen=True, slots=True)
class Pen:
    """What somebody writes with.

    Attributes:
        colour: Of a full layer of ink.
        weight: Makes the strokes thicker or, below 0, thinner; from -1 to 1.
        pressure: How much the width of the strokes varies.
        patchy: How much the ink thins out along the strokes.
        grain: How much of the ink only touches the high spots of the surface: 0 for ink, 1 for chalk.
        dust: How much of it settles around the strokes.
        opaque: Whether it covers what is below, like chalk, or darkens it, like ink.
    """

    colour: str
    weight: float = 0.0
    pressure: float = 0.5
    patchy: float = 0.15
    grain: float = 0.0
    dust: float = 0.0
    opaque: bool = False


Ruling = tuple[float, float, float, float]
"""A line from left, top to right, bottom, in pixels of the page."""


def draw_text(
    lines: Sequence[str],
    font: ImageFont.FreeTypeFont,
    shape: tuple[int, int],
    *,
    hand: Hand,
    pen: Pen,
    rng: np.random.Generator,
    rulings: Sequence[Ruling] = (),
) -> Floats:
    """Write lines of text, and rule lines with the same pen.

    Args:
        lines: The text. Spaces at the start of a line indent it; a tab jumps to the hand's
            next column; an empty line leaves a gap.
        font: Any font of Pillow. Its letters are drawn at its own size and scaled to the hand's, so
            it should be some three times as large to keep the edges crisp.
        shape: Height and width of the page.
        hand: Who writes.
        pen: With what.
        rng: The source of chance.
        rulings: Lines drawn with a ruler.

    Returns:
        (height, width) float32, from 0 for no ink to 1 for a full layer.
    """
    trace = _rule(rulings, shape, hand, rng)
    for row, line in enumerate(lines):
        columns = iter(hand.columns)
        x = hand.origin[0] + hand.unsteady * rng.normal(0, 0.06) * hand.size
        y = hand.origin[1] + row * hand.pitch + hand.unsteady * rng.normal(0, 0.03) * hand.size
        slope = np.tan(np.radians(hand.tilt + hand.unsteady * rng.normal(0, 0.25)))
        grown = 1 + hand.unsteady * rng.normal(0, 0.02)
        drift = noise((1, len(line) + 1), 2.5, rng)[0]
        for letter, wander in zip(line, drift, strict=False):
            if letter == "\t":
                x = next(columns) + hand.unsteady * rng.normal(0, 0.08) * hand.size
                continue
            advance = font.getlength(letter) * hand.size / font.size
            if letter == " ":
                x += advance * rng.uniform(0.9, 1.0 + 0.35 * hand.unsteady)
                continue
            along = (x - hand.origin[0]) / (shape[1] - 2 * hand.origin[0])
            bow = 4 * hand.sag * along * (1 - along)
            lift = hand.unsteady * hand.size * (0.022 * wander + rng.normal(0, 0.008))
            spot = (y - slope * (x - hand.origin[0]) + bow + lift, x)
            _write(trace, _letter(font, letter), spot, hand=hand, grown=grown, slope=slope, rng=rng)
            x += advance * grown + hand.size * (hand.spread + hand.unsteady * rng.normal(0, 0.012))
    return _press(trace, hand, pen, rng)


def _rule(rulings: Sequence[Ruling], shape: tuple[int, int], hand: Hand, rng: np.random.Generator) -> Floats:
    """The trace of a pen along a ruler, (height, width) float32: a little too far or too short, a little aslant."""
    image = Image.new("L", shape[::-1])
    draw = ImageDraw.Draw(image)
    for left, top, right, bottom in rulings:
        slip = hand.unsteady * hand.size * rng.normal(0, (0.05, 0.03), (2, 2))
        ends = np.array([(left, top), (right, bottom)]) + (slip if top == bottom else slip[:, ::-1])
        draw.line([(float(x), float(y)) for x, y in ends], fill=255, width=round(0.05 * hand.size))
    return ndimage.gaussian_filter(np.asarray(image, np.float32) / 255, 0.016 * hand.size)


def apply_ink(page: Floats, ink: Floats, pen: Pen) -> Floats:
    """Put a layer of ink on a surface.

    Args:
        page: (height, width, 3) float32, the surface.
        ink: (height, width) float32 from 0 to 1.
        pen: Its colour and whether it covers.

    Returns:
        (height, width, 3) float32.
    """
    layer = ink[..., None]
    colour = linear(pen.colour)
    inked = colour if pen.opaque else np.minimum(page * 1.15, 1) * colour
    return np.asarray(page * (1 - layer) + inked * layer, np.float32)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A letter of a font: its soft mask (h, w) float32, its origin within it, the size of the font."""

    mask: Floats
    x: float
    y: float
    size: float


def _letter(font: ImageFont.FreeTypeFont, letter: str) -> _Letter:
    """Draw a letter as the font has it."""
    left, top, right, bottom = font.getbbox(letter, anchor="ls")
    pad = max(4, int(font.size * 0.1))
    size = (int(right - left) + 2 * pad, int(bottom - top) + 2 * pad)
    image = Image.new("L", size)
    ImageDraw.Draw(image).text((pad - left, pad - top), letter, fill=255, font=font, anchor="ls")
    mask = np.asarray(image, np.float32) / 255
    # Softened, the mask tells how deep within the stroke a pixel is: pressure can then move the edge.
    return _Letter(ndimage.gaussian_filter(mask, 0.016 * font.size), pad - left, pad - top, font.size)


def _write(
    trace: Floats,
    letter: _Letter,
    spot: tuple[float, float],
    *,
    hand: Hand,
    grown: float,
    slope: float,
    rng: np.random.Generator,
) -> None:
    """Add a letter to the trace of the pen, in place, with its origin at `spot` (y, x)."""
    shaky = hand.unsteady
    scale = letter.size / hand.size / grown
    turn = np.arctan(slope) + shaky * rng.normal(0, np.radians(1.8))
    stretch = 1 + shaky * rng.normal(0, (0.035, 0.035))
    lean = hand.slant + shaky * rng.normal(0, 0.035)
    reach = int(max(letter.mask.shape) / scale * 1.15) + 6
    top, start = int(spot[0]) - reach, int(spot[1]) - reach
    area = trace[max(top, 0) : max(top + 2 * reach, 0), max(start, 0) : max(start + 2 * reach, 0)]
    if not area.size:
        return
    y, x = np.indices(area.shape, dtype=np.float32)
    y, x = y + max(top, 0) - spot[0], x + max(start, 0) - spot[1]
    # From the page back to the font: unturn, unlean, unstretch, then a few slow waves of the wrist.
    u = (x * np.cos(turn) - y * np.sin(turn)) * scale
    v = (x * np.sin(turn) + y * np.cos(turn)) * scale
    u = (u + lean * v) * stretch[0]
    v = v * stretch[1]
    bent_u, bent_v = u, v
    for _ in range(3):
        wave, angle = rng.uniform(0.35, 1.1) * letter.size, rng.uniform(0, 2 * np.pi)
        phase = (u * np.cos(angle) + v * np.sin(angle)) * 2 * np.pi / wave + rng.uniform(0, 2 * np.pi)
        push = shaky * rng.normal(0, 0.014, 2) * wave
        bent_u, bent_v = bent_u + push[0] * np.sin(phase), bent_v + push[1] * np.sin(phase)
    drawn = ndimage.map_coordinates(letter.mask, (bent_v + letter.y, bent_u + letter.x), order=1)
    np.maximum(area, drawn, out=area)


def _press(trace: Floats, hand: Hand, pen: Pen, rng: np.random.Generator) -> Floats:
    """Turn the depth within the strokes into ink; (h, w) float32 to the same from 0 to 1."""
    shape = (trace.shape[0], trace.shape[1])
    size = hand.size
    pressure = 0.7 * noise(shape, 0.16 * size, rng) + 0.5 * noise(shape, 0.04 * size, rng)
    edge = 0.5 - 0.3 * pen.weight - 0.17 * pen.pressure * pressure
    # One pixel of the page is about this much of the softened edge of a stroke. However hard the pen
    # is pressed, the edge stays above the bare page by half of that: no ink where no stroke is.
    soft = min(0.5, 0.5 / (0.016 * size))
    ink = np.clip((trace - np.clip(edge, 0.52 * soft, 0.9)) / soft + 0.5, 0, 1)
    flow = 1 - pen.patchy * np.clip(0.55 + 0.5 * noise(shape, 0.10 * size, rng), 0, 1)
    flow -= 0.5 * pen.patchy * np.clip(noise(shape, 1.3, rng) - 0.4, 0, 1)
    if pen.grain:
        tooth = 0.85 * noise(shape, 0.7, rng) + 0.35 * noise(shape, 1.6, rng) + 0.35 * pressure
        flow = flow * np.clip(1 - pen.grain * np.clip(0.45 - 0.55 * tooth, 0, 1.2), 0, 1)
    ink = ink * np.clip(flow, 0, 1)
    if pen.dust:
        ink = np.maximum(ink, pen.dust * ndimage.gaussian_filter(ink, 0.07 * size))
    return np.asarray(ink, np.float32)
