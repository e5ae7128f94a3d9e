"""Load the models: letter classifier, line recognizer and page model, and the hand that corrects the first two."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ocrcli.binarize.page_model import PageModel, load_page_model
from ocrcli.core.errors import ModelError
from ocrcli.core.files import sha256_of, shipped
from ocrcli.core.settings import Settings
from ocrcli.hands import hand as hands
from ocrcli.hands.hand import Hand
from ocrcli.hands.head import Head
from ocrcli.letters.classifier import Classifier, load_classifier
from ocrcli.lines.line_model import LineModel, load_line_model

NONE = "none"
"""Value of the setting `page_model` that means no page model."""


@dataclass(frozen=True)
class Models:
    """The loaded models.

    Attributes:
        letters: The letter classifier, with what the hand adds to it.
        page: The page model; None for no page model.
        device: Device of the line recognizer.
        hand: The hand that they read; None for none.
    """

    letters: Classifier
    page: PageModel | None = None
    device: str = "auto"
    hand: Hand | None = None

    @cached_property
    def lines(self) -> LineModel:
        """The line recognizer, with what the hand adds to it; it is loaded at its first use."""
        model = load_line_model(device=self.device)
        if self.hand is None or self.hand.lines is None:
            return model
        _check_head(self.hand, self.hand.lines, len(model.characters) + 1, model.width)
        return replace(model, head=self.hand.lines)

    def line_model(self) -> LineModel:
        """`lines` as a function, for callers that may not need it."""
        return self.lines

    def with_hand(self, hand: Hand | None) -> Models:
        """The same models with another hand; they are not loaded again.

        Raises:
            ModelError: If the hand does not fit.
        """
        head = hand.letters if hand else None
        if hand is not None and head is not None:
            _check_head(hand, head, len(self.letters.labels), self.letters.width)
        changed = replace(self, letters=replace(self.letters, head=head), hand=hand)
        if "lines" in self.__dict__:
            changed.__dict__["lines"] = replace(self.lines, head=hand.lines if hand else None)
        return changed


def load_models(settings: Settings) -> Models:
    """Load the models that the settings name, and the hand; at the same time, as most of the work is outside Python.

    Raises:
        ModelError: If a model, the device or the hand cannot be used.
        UsageError: If there is no such hand.
    """
    without = settings.page_model is not None and str(settings.page_model) == NONE
    with ThreadPoolExecutor() as pool:
        page = None if without else pool.submit(load_page_model, settings.page_model, settings.device)
        letters = pool.submit(load_classifier, settings.model, settings.device)
    models = Models(letters.result(), page.result() if page else None, settings.device)
    name = hand_name(settings)
    return models if name is None else models.with_hand(load_hand(name, settings))


def hand_name(settings: Settings) -> str | None:
    """Name of the hand that the settings ask for; None for none."""
    return None if settings.hand in (None, "", hands.NONE) else settings.hand


def load_hand(name: str, settings: Settings) -> Hand:
    """Load a hand for the models that the settings name.

    Raises:
        UsageError: If there is no such hand.
        ModelError: If it cannot be read, or was learnt with other models.
    """
    found = hands.load(name)
    if dict(found.models) != digests(settings.model):
        raise ModelError(
            f"the hand {name!r} was learnt with other models; learn it anew: {hands.LEARN.format(name=name)}"
        )
    return found


def digests(model: Path | None) -> dict[str, str]:
    """SHA-256 of the two models that a hand is learnt with.

    Args:
        model: The letter classifier; None for the shipped one.

    Raises:
        InputError: If one cannot be read.
    """
    return {hands.LETTERS: sha256_of(model or shipped("letters.onnx")), hands.LINES: sha256_of(shipped("lines.onnx"))}


def _check_head(hand: Hand, head: Head, classes: int, width: int) -> None:
    if head.weights.shape != (classes, width):
        raise ModelError(
            f"the hand {hand.name!r} does not fit the models; learn it anew: {hands.LEARN.format(name=hand.name)}"
        )
