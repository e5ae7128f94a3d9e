"""The settings of a reading, in one frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """How a photo is read. The defaults are right for most photos.

    Attributes:
        denoise: Denoising filter, a name in `ocrcli.binarize.denoise.DENOISERS`.
        threshold: Binarization method, a name in `ocrcli.binarize.threshold.METHODS`, or ``auto``.
        device: Device that runs the models, a name in `ocrcli.core.onnx_model.DEVICES`.
        model: Path of a letter classifier (ONNX) that replaces the shipped one.
        page_model: Path of a page model (ONNX) that replaces the shipped one; ``none`` uses background division and a
            threshold alone.
        orientation: Degrees, ``0``, ``90``, ``180`` or ``270``, by which the photo is turned clockwise; ``auto``
            detects it.
        recognizer: ``letters`` reads letter by letter, ``lines`` reads whole text lines, ``auto`` takes the better
            result for each line.
        language: Language model, a name in `ocrcli.language.model.LANGUAGES`. ``auto`` starts with English and
            changes to another language if the page is written in it; ``none`` uses no language model.
        words: Path of a file with your own words, one a line; the language model then expects them, too.
        allow: The only characters that may be read, with ranges (`ocrcli.language.charset.characters`); None for all.
        hand: Name of a hand that `ocr learn` has learnt; None or ``none`` for none.
        long_side: Longer side, in pixels, at which the photo is loaded first. It is loaded with more pixels if its
            writing is too small, and scaled for reading by the size of its writing (`ocrcli.geometry.deskew`).

    Examples:
        >>> Settings(language="de", allow="0-9").threshold
        'auto'
    """

    denoise: str = "auto"
    threshold: str = "auto"
    device: str = "auto"
    model: Path | None = None
    page_model: Path | None = None
    orientation: str = "auto"
    recognizer: str = "auto"
    language: str = "auto"
    words: Path | None = None
    allow: str | None = None
    hand: str | None = None
    long_side: int = 2000
