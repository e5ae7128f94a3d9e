"""Flags that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrcli.classifier import DEVICES
from ocrcli.clean import DENOISERS
from ocrcli.settings import Settings
from ocrcli.threshold import METHODS

# mypy needs enums spelt out, the tool needs them in step with the tables they choose from.
if TYPE_CHECKING:
    Denoise = Threshold = Device = StrEnum
else:
    Denoise = StrEnum("Denoise", list(DENOISERS))
    Threshold = StrEnum("Threshold", list(METHODS))
    Device = StrEnum("Device", list(DEVICES))

DenoiseOption = Annotated[
    Denoise, typer.Option("--denoise", help="Take the camera's noise away; bilateral, tv and nlm take seconds.")
]
ThresholdOption = Annotated[
    Threshold, typer.Option("--threshold", help="How ink is told from paper; see `ocr thresholds`.")
]
DeviceOption = Annotated[
    Device, typer.Option("--device", help="What runs the letter model; auto falls back to the CPU.")
]
ModelOption = Annotated[
    Path | None, typer.Option("--model", metavar="FILE", help="Another letter model (ONNX) than the shipped one.")
]

DEFAULTS = Settings()
DENOISE = Denoise(DEFAULTS.denoise)
THRESHOLD = Threshold(DEFAULTS.threshold)
DEVICE = Device(DEFAULTS.device)


def settings_from(denoise: StrEnum, threshold: StrEnum, device: StrEnum, model: Path | None) -> Settings:
    """The settings that the shared flags ask for."""
    return Settings(denoise=denoise.value, threshold=threshold.value, device=device.value, model=model)
