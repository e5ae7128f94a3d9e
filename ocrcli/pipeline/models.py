"""Load the models: letter classifier, line recognizer and page model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from ocrcli.binarize.page_model import PageModel, load_page_model
from ocrcli.core.settings import Settings
from ocrcli.letters.classifier import Classifier, load_classifier
from ocrcli.lines.line_model import LineModel, load_line_model

NONE = "none"
"""Value of the setting `page_model` that means no page model."""


@dataclass(frozen=True)
class Models:
    """The loaded models.

    Attributes:
        letters: The letter classifier.
        page: The page model; None for no page model.
        device: Device of the line recognizer.
    """

    letters: Classifier
    page: PageModel | None = None
    device: str = "auto"

    @cached_property
    def lines(self) -> LineModel:
        """The line recognizer; it is loaded at its first use."""
        return load_line_model(device=self.device)

    def line_model(self) -> LineModel:
        """`lines` as a function, for callers that may not need it."""
        return self.lines


def load_models(settings: Settings) -> Models:
    """Load the models that the settings name, at the same time: most of the work is done outside Python.

    Raises:
        ModelError: If a model or the device cannot be used.
    """
    without = settings.page_model is not None and str(settings.page_model) == NONE
    with ThreadPoolExecutor() as pool:
        page = None if without else pool.submit(load_page_model, settings.page_model, settings.device)
        letters = pool.submit(load_classifier, settings.model, settings.device)
    return Models(letters.result(), page.result() if page else None, settings.device)
