"""Machine-printed matter: headings, labels of forms, blocks of text, bar codes, page numbers. Not handwriting."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.recipe.synthesis.fields import Array, Float, chance, log_uniform, pick

TEXT = """
    the of and to in is that for it as was with be by on not he his but at are this have from or had an they which
    one you were all her she there would their we him been has when who will no more if out so up said what its about
    than into them can only other time new some could these two may first then do any like my now over such our man
    report answer question figure system paper value number science total between section department university
    international example result exercise machine language following method problem company information
"""
WORDS = TEXT.split()
HEADS = """
    Name: Date: No. Page Subject: Class: Signature To: From: Phone Total Address Marks Remarks Teacher's Sign. Topic:
    Objective Notes Tel. E-mail Invoice Qty Price NOM DATE PRÉNOM Datum: Thema Experiment Section
"""
LABELS = HEADS.split()
FONTS = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono", "DejaVuSans-Oblique"),
    *("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "cmr10", "cmss10", "cmtt10"),
)
HERSHEY = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
KINDS = {"block": 0.32, "heading": 0.2, "labels": 0.2, "barcode": 0.08, "logo": 0.08, "number": 0.05, "form": 0.07}


@lru_cache(maxsize=1)
def font_files() -> tuple[str, ...]:
    """Those of `FONTS` that matplotlib brings along; none where it is missing."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return ()
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return tuple(str(file) for name in FONTS if (file := folder / f"{name}.ttf").is_file())


@lru_cache(maxsize=256)
def _font(index: int, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font ``size`` pixels high: of `font_files`, or Pillow's own."""
    files = font_files()
    return ImageFont.truetype(files[index % len(files)], size) if files else ImageFont.load_default(size)


def words(rng: np.random.Generator, count: int) -> str:
    """``count`` printed words, some with capitals, stops and figures."""
    chosen = [WORDS[k] for k in rng.integers(0, len(WORDS), count)]
    for k in range(count):
        u = rng.random()
        if u < 0.12 or k == 0:
            chosen[k] = chosen[k].capitalize()
        elif u < 0.17:
            chosen[k] = str(rng.integers(1, 3000))
        elif u < 0.25:
            chosen[k] += str(rng.choice([",", ".", ";", ")", "?"]))
    return " ".join(chosen)


def line(rng: np.random.Generator, text: str, size: float) -> Array:
    """One line of text, (rows, columns) uint8, 255 where it is printed; capitals some ``size`` pixels high."""
    if not font_files() or chance(rng, 0.07):
        face = HERSHEY[rng.integers(len(HERSHEY))]
        scale, thick = size / 21, max(1, round(size / 12))
        (wide, tall), below = cv2.getTextSize(text, face, scale, thick)
        picture = np.zeros((tall + below + 4, wide + 4), np.uint8)
        cv2.putText(picture, text, (2, tall + 2), face, scale, 255, thick, cv2.LINE_AA)
        return picture
    font = _font(int(rng.integers(len(font_files()))), max(5, round(size * 1.38)))
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (max(1, int(right - left) + 2), max(1, int(bottom - top) + 2)))
    ImageDraw.Draw(image).text((1 - left, 1 - top), text, fill=255, font=font)
    return np.asarray(image)


def paste(canvas: Array, mark: Array, top: int, left: int) -> None:
    """Put a mark on an (h, w) uint8 canvas in place, cut at the canvas' edges; what is darker stays."""
    y, x = max(top, 0), max(left, 0)
    part = canvas[y : top + mark.shape[0], x : left + mark.shape[1]]
    if part.size and top + mark.shape[0] > 0 and left + mark.shape[1] > 0:
        np.maximum(part, mark[y - top : y - top + part.shape[0], x - left : x - left + part.shape[1]], out=part)


def _block(rng: np.random.Generator, canvas: Array, size: float, top: int, left: int, wide: int) -> None:
    """A paragraph, all its lines in one font, ragged or not."""
    state = int(rng.integers(1 << 31))
    pitch = size * rng.uniform(1.5, 2.3)
    for k in range(int(rng.integers(1, 9))):
        text = words(rng, max(1, round(wide / size / 4.2)))
        # The same seed for the font of each line, for the words another.
        mark = line(np.random.default_rng(state), text, size)[:, : wide + int(rng.integers(0, 3)) * round(size)]
        paste(canvas, mark, round(top + k * pitch), left)


def _barcode(rng: np.random.Generator, size: float) -> Array:
    """A bar code with its digits, or a square code."""
    if chance(rng, 0.4):
        code = (rng.random((25, 25)) < 0.5).astype(np.uint8) * 255
        for y, x in ((0, 0), (0, 18), (18, 0)):
            code[y : y + 7, x : x + 7] = 255
            code[y + 1 : y + 6, x + 1 : x + 6] = 0
            code[y + 2 : y + 5, x + 2 : x + 5] = 255
        side = max(25, round(size * rng.uniform(3, 6)))
        return np.asarray(cv2.resize(code, (side, side), interpolation=cv2.INTER_NEAREST))
    module = max(1, round(size * rng.uniform(0.06, 0.15)))
    bars = np.repeat((rng.random(95) < 0.5).astype(np.uint8) * 255, module)
    code = np.repeat(bars[None], round(size * rng.uniform(2, 4)), axis=0)
    digits = line(rng, "".join(map(str, rng.integers(0, 10, 12))), size * 0.6)
    canvas = np.zeros((code.shape[0] + digits.shape[0] + 2, max(code.shape[1], digits.shape[1])), np.uint8)
    paste(canvas, code, 0, 0)
    paste(canvas, digits, code.shape[0] + 2, 0)
    return canvas


def _logo(rng: np.random.Generator, size: float) -> Array:
    """A firm's sign: a filled or open shape with initials, white on ink or ink alone."""
    side = max(12, round(size * rng.uniform(2, 5)))
    canvas = np.zeros((side, side), np.uint8)
    middle, reach = (side // 2, side // 2), side // 2 - 2
    thick = -1 if chance(rng, 0.5) else max(1, side // 14)
    if chance(rng, 0.5):
        cv2.circle(canvas, middle, reach, 255, thick, cv2.LINE_AA)
    else:
        around = np.linspace(0, 2 * np.pi, int(rng.integers(3, 8)), endpoint=False) + rng.uniform(0, 1)
        corners = np.stack([np.cos(around), np.sin(around)], 1) * reach + side / 2
        if thick < 0:
            cv2.fillPoly(canvas, [corners.astype(np.int32)], 255, cv2.LINE_AA)
        else:
            cv2.polylines(canvas, [corners.astype(np.int32)], True, 255, thick, cv2.LINE_AA)
    initials = line(rng, "".join(chr(65 + k) for k in rng.integers(0, 26, int(rng.integers(1, 4)))), side / 4)
    stamp = np.zeros_like(canvas)
    paste(stamp, initials, side // 2 - initials.shape[0] // 2, side // 2 - initials.shape[1] // 2)
    return np.asarray(cv2.absdiff(canvas, stamp))


def _form(rng: np.random.Generator, canvas: Array, size: float, top: int, left: int, wide: int) -> None:
    """A table with printed heads: boxes to be filled in."""
    rows, columns = int(rng.integers(1, 7)), int(rng.integers(1, 6))
    tall, thick = round(size * rng.uniform(2.2, 4)), max(1, round(size * rng.uniform(0.04, 0.14)))
    edges = np.linspace(left, left + wide, columns + 1).round().astype(int)
    for k in range(rows + 1):
        cv2.line(canvas, (left, top + k * tall), (left + wide, top + k * tall), 255, thick)
    for x in edges:
        cv2.line(canvas, (int(x), top), (int(x), top + rows * tall), 255, thick)
    for k in range(columns):
        label = line(rng, str(LABELS[rng.integers(len(LABELS))]), size * rng.uniform(0.5, 0.8))
        paste(canvas, label[:, : max(1, edges[1] - edges[0] - 4)], top + 3, int(edges[k]) + 3)


def printed(rng: np.random.Generator, height: int, width: int, size: float, kind: str | None = None) -> Float:
    """Printed matter somewhere on a sheet.

    Args:
        rng: Source of chance.
        height: Of the sheet, in pixels.
        width: Of the sheet, in pixels.
        size: Capital height of the handwriting, in pixels; print is mostly smaller, headings are not.
        kind: One of `KINDS`; chance decides if it is not given.

    Returns:
        (height, width) float32 alpha of the print.
    """
    canvas = np.zeros((height, width), np.uint8)
    kind = kind or pick(rng, KINDS)
    letter = max(4.0, size * log_uniform(rng, 0.35, 1.1))
    left = round(width * rng.uniform(-0.05, 0.5))
    top = round(height * (rng.uniform(0, 0.15) if chance(rng, 0.4) else rng.uniform(0, 0.95)))
    wide = round(width * rng.uniform(0.25, 0.9))
    if kind == "block":
        _block(rng, canvas, letter, top, left, wide)
    elif kind == "heading":
        mark = line(rng, words(rng, int(rng.integers(1, 5))), letter * rng.uniform(1, 2.2))
        paste(canvas, mark, top, left)
        if chance(rng, 0.3):
            cv2.line(
                canvas, (0, top + mark.shape[0] + 4), (width, top + mark.shape[0] + 4), 255, max(1, int(letter / 9))
            )
    elif kind == "labels":
        rule, pitch = max(1, round(letter / 10)), letter * rng.uniform(2, 4)
        for k in range(int(rng.integers(1, 7))):
            mark, y = line(rng, str(LABELS[rng.integers(len(LABELS))]), letter), round(top + k * pitch)
            paste(canvas, mark, y, left)
            if chance(rng, 0.6):
                base = y + mark.shape[0]
                cv2.line(canvas, (left + mark.shape[1] + 4, base), (left + wide, base), 255, rule)
    elif kind == "form":
        _form(rng, canvas, letter, top, left, wide)
    elif kind == "number":
        paste(canvas, line(rng, f"{rng.integers(1, 400)}", letter), round(height - letter * 3), width // 2)
    else:
        paste(canvas, _barcode(rng, letter) if kind == "barcode" else _logo(rng, letter), top, left)
    return canvas.astype(np.float32) * np.float32(rng.uniform(0.55, 1) / 255)
