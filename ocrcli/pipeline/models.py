"""The models that readings go by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ocrcli.binarize.page_model import PageModel, load_page_model
from ocrcli.core.settings import Settings
from ocrcli.letters.classifier import Classifier, load_classifier
from ocrcli.lines.line_model import LineModel, load_line_model

NONE = "none"
"""Path of a page model that there is not."""


@dataclass(frozen=True)
class Models:
    """Loaded models.

    Attributes:
        letters: The letter classifier.
        page: The page model; None to go without.
        device: What the line model will run on.
    """

    letters: Classifier
    page: PageModel | None = None
    device: str = "auto"

    @cached_property
    def lines(self) -> LineModel:
        """The line model; it is loaded when a row first asks for it."""
        return load_line_model(device=self.device)

    def line_model(self) -> LineModel:
        """`lines`, to be called by who may not need it."""
        return self.lines


def load_models(settings: Settings) -> Models:
    """Load what settings ask for.

    Raises:
        ModelError: If a model or the device cannot be used.
    """
    without = settings.page_model is not None and str(settings.page_model) == NONE
    page = None if without else load_page_model(settings.page_model, settings.device)
    return Models(load_classifier(settings.model, settings.device), page, settings.device)
