"""Everything that a reading can be told, in one frozen dataclass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """How a photo is read. The defaults decide by themselves.

    Attributes:
        denoise: Name in `ocrcli.binarize.background.DENOISERS`.
        threshold: Name in `ocrcli.binarize.threshold.METHODS`, or ``auto``.
        device: Name in `ocrcli.core.onnx_model.DEVICES`.
        model: Another letter model than the one that ships.
        page_model: Another page model than the one that ships; ``none`` goes without,
            by background and threshold alone.
        orientation: Degrees, ``0``, ``90``, ``180`` or ``270``, by which the photo is turned clockwise;
            ``auto`` finds out.
        recognizer: ``letters`` reads letter by letter, ``lines`` whole rows, ``auto`` each row as it is read better.
        language: Name in `ocrcli.language.model.LANGUAGES`; its letters help where a crop is unclear. ``auto`` is
            English, or another language that the page turns out to be in.
        words: A file of one's own words, which help likewise.
        allow: The only characters that may be read, with ranges (`ocrcli.language.charset.characters`); None for all.
        long_side: The photo is loaded at about this many pixels along its longer side, and with more where its writing
            is too small then. It is read at the size that its writing asks for (`ocrcli.geometry.straighten`).
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
    long_side: int = 2000
