"""Where paper ends and what holds it: torn and rounded edges, punched holes, wire bindings, clips, tape."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from models.recipe.synthesis.fields import Array, Float, blend, blend_within, chance, grain, log_uniform, smooth, soft


def _turned(colour: Float, alpha: Float, quarters: int, change: Callable[[Float, Float], None]) -> None:
    """Change a view of the sheet in which another of its edges is the left one."""
    change(np.rot90(colour, quarters), np.rot90(alpha, quarters))


def torn(rng: np.random.Generator, colour: Float, alpha: Float, pitch: float) -> None:
    """Tear one edge: an uneven end, with white fibres beside it."""

    def tear(colour: Float, alpha: Float) -> None:
        height, width = alpha.shape
        rough = smooth(rng, height, 1, pitch)[:, 0] * 0.4 + smooth(rng, height, 1, max(2.0, pitch / 8))[:, 0] * 0.1
        rough += grain(rng, height, 1, 0.8)[:, 0] * 0.015
        end = pitch * (rng.uniform(0.3, 0.7) + rough * rng.uniform(0.2, 1))
        span = min(width, int(pitch * 2))
        into = np.arange(span, dtype=np.float32)[None] - end[:, None].astype(np.float32)
        alpha[:, :span] *= np.clip(into + 0.5, 0, 1)
        fibres = pitch * rng.uniform(0.02, 0.15) * (1 + smooth(rng, height, 1, max(2.0, pitch / 5))[:, 0])
        white = np.clip(1 - into / np.maximum(fibres, 1)[:, None], 0, 1) * rng.uniform(0.2, 0.8)
        blend(colour[:, :span], np.array([0.97, 0.96, 0.94]), white)

    _turned(colour, alpha, int(rng.integers(4)), tear)


def rounded(rng: np.random.Generator, alpha: Float, pitch: float) -> None:
    """Round the corners, as cards and notebooks have them."""
    height, width = alpha.shape
    radius = int(min(pitch * rng.uniform(0.3, 1.5), min(height, width) / 3)) + 1
    corner = np.zeros((radius, radius), np.uint8)
    cv2.circle(corner, (radius, radius), radius, 255, -1, cv2.LINE_AA)
    quarter = corner.astype(np.float32) / 255
    for k in range(4):
        np.rot90(alpha, k)[:radius, :radius] *= quarter


def punched(rng: np.random.Generator, colour: Float, alpha: Float, pitch: float) -> None:
    """Two to four round holes along one edge, or a row of many, each with a shaded rim."""
    many = chance(rng, 0.25)
    radius = pitch * rng.uniform(0.25, 0.45)
    into = pitch * rng.uniform(0.9, 1.6)

    def punch(colour: Float, alpha: Float) -> None:
        height = alpha.shape[0]
        number = int(height / pitch / 1.2) if many else int(rng.integers(2, 5))
        middles = (np.arange(number) + 0.5) * height / max(number, 1)
        if not many and chance(rng, 0.5):
            middles = height / 2 + (np.arange(number) - (number - 1) / 2) * pitch * 10
        side = int(radius) + 3
        hole = np.zeros((2 * side + 1, 2 * side + 1), np.uint8)
        cv2.circle(hole, (side * 16, side * 16), int(radius * 16), 255, -1, cv2.LINE_AA, 4)
        inside = hole.astype(np.float32) / 255
        # The side away from the lamp throws its rim's shadow.
        shade = np.clip(np.roll(inside, (1, 1), (0, 1)) - inside, 0, 1) * 0.5
        for y in middles:
            top, left = round(y) - side, round(into) - side
            blend_within(colour, np.array([0.35, 0.35, 0.35]), shade, top, left)
            part = alpha[max(top, 0) : max(0, top + 2 * side + 1), max(left, 0) : max(0, left + 2 * side + 1)]
            if part.size:
                cut = inside[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
                part *= 1 - cut

    _turned(colour, alpha, 0 if chance(rng, 0.7) else int(rng.integers(4)), punch)


def spiral(rng: np.random.Generator, colour: Float, alpha: Float, pitch: float) -> None:
    """A wire binding along one edge: holes, and loops that go over the edge; or the torn holes of a leaf taken out."""
    apart = pitch * rng.uniform(0.7, 1.4)
    radius, end = pitch * rng.uniform(0.12, 0.28), pitch * rng.uniform(0.3, 0.9)
    into = end + pitch * rng.uniform(0.3, 0.6)
    wire = np.array([1, 1, 1]) * (rng.uniform(0.05, 0.25) if chance(rng, 0.5) else rng.uniform(0.5, 0.9))
    thick, double = max(1, round(pitch * rng.uniform(0.05, 0.14))), chance(rng, 0.4)
    gone = chance(rng, 0.25)
    lean = rng.uniform(-0.3, 0.3) * apart

    def bind(colour: Float, alpha: Float) -> None:
        height, width = alpha.shape
        span = min(width, int(into + 2 * radius + 4))
        strip, loops = np.zeros((height, span), np.uint8), np.zeros((height, span), np.uint8)
        for y in np.arange(apart / 2, height, apart):
            at = (round(into * 16), round(y * 16))
            cv2.circle(strip, at, round(radius * 16), 255, -1, cv2.LINE_AA, 4)
            if gone:
                cv2.line(strip, (0, round(y + lean)), (round(into), round(y)), 255, max(1, round(radius)), cv2.LINE_AA)
                continue
            for shift in (-thick, thick) if double else (0,):
                start = (round(into), round(y) + shift)
                cv2.line(loops, start, (0, round(y + lean) + shift), 255, thick, cv2.LINE_AA)
        cut = strip.astype(np.float32) / 255
        part = alpha[:, :span]
        part *= (1 - cut) * np.clip(np.arange(span, dtype=np.float32) - end + 0.5, 0, 1)
        over = loops.astype(np.float32) / 255
        shadow = soft(np.roll(loops, (2, 2), (0, 1)), thick * 0.7)
        blend(colour[:, :span], np.zeros(3), shadow * 0.4)
        shine = np.clip(1 + grain(rng, height, span, 1.5) * 0.25, 0.4, 1.6)[..., None]
        blend(colour[:, :span], wire * shine, over)
        np.maximum(part, over, out=part)

    _turned(colour, alpha, int(rng.choice([0, 0, 0, 2, 3])), bind)


def _clip(rng: np.random.Generator, pitch: float) -> Array:
    """A paper clip's wire, uint8, 255 on the wire."""
    wide, tall, thick = pitch * 0.9, pitch * 3.6, max(1, round(pitch * 0.13))
    canvas = np.zeros((int(tall + 4 * thick), int(wide + 4 * thick)), np.uint8)
    for k, (top, bottom) in enumerate(((0.0, 1.0), (0.12, 0.85), (0.2, 1.0))):
        inset = k * wide * 0.13
        box = np.array(
            [[inset, top * tall], [wide - inset, top * tall], [wide - inset, bottom * tall], [inset, bottom * tall]]
        )
        cv2.polylines(canvas, [(box + 2 * thick).astype(np.int32)], k == 0, 255, thick, cv2.LINE_AA)
    quarters = int(rng.integers(4))
    return np.ascontiguousarray(np.rot90(canvas, quarters))


def fastened(rng: np.random.Generator, colour: Float, alpha: Float, pitch: float) -> None:
    """A staple, a paper clip, a pin's head or a piece of tape, near the edge."""
    height, width = alpha.shape
    kind = str(rng.choice(["staple", "clip", "tape", "pin"], p=[0.3, 0.2, 0.35, 0.15]))
    top = round(rng.choice([rng.uniform(0, 0.08), rng.uniform(0.9, 1)]) * height)
    left = round(rng.uniform(0, 0.95) * width)
    if kind == "tape":
        side = int(pitch * rng.uniform(2, 5))
        mark = np.zeros((side * 2, side * 2), np.uint8)
        box = cv2.boxPoints(
            ((side, side), (side * rng.uniform(0.9, 1.8), side * rng.uniform(0.3, 0.6)), rng.uniform(0, 180))
        )
        cv2.fillPoly(mark, [box.astype(np.int32)], 255, cv2.LINE_AA)
        tint = np.array([0.93, 0.9, 0.78]) if chance(rng, 0.6) else rng.uniform(0.2, 1, 3)
        blend_within(colour, tint, soft(mark, 0.6) * rng.uniform(0.25, 0.95), top - side, left - side)
        return
    if kind == "pin":
        radius = max(2, int(pitch * rng.uniform(0.25, 0.6)))
        mark = np.zeros((4 * radius, 4 * radius), np.uint8)
        cv2.circle(mark, (2 * radius, 2 * radius), radius, 255, -1, cv2.LINE_AA)
        ink: Array = rng.uniform(0.1, 0.9, 3)
    elif kind == "clip":
        mark, ink = _clip(rng, pitch), np.full(3, rng.uniform(0.3, 0.8))
    else:
        long, thick = pitch * rng.uniform(1, 1.6), max(1, round(pitch * 0.08))
        mark = np.zeros((int(long) + 4, int(long) + 4), np.uint8)
        angle = rng.uniform(0, np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * long / 2
        ends = (np.stack([-reach, reach]) + long / 2 + 2).astype(int)
        cv2.line(mark, tuple(map(int, ends[0])), tuple(map(int, ends[1])), 255, thick, cv2.LINE_AA)
        ink = np.full(3, rng.uniform(0.35, 0.85))
    shift = max(1, round(pitch * log_uniform(rng, 0.03, 0.15)))
    blend_within(colour, np.zeros(3), soft(mark, shift * 0.7) * 0.45, top + shift, left + shift)
    blend_within(colour, ink, mark.astype(np.float32) / 255, top, left)
