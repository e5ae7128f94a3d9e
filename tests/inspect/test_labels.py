"""The font of labels."""

import numpy as np

from ocrcli.inspect.labels import label_font
from ocrcli.letters.classifier import load_classifier
from ocrcli.lines.line_model import load_line_model


def picture(text: str) -> bytes:
    mask = label_font(20.0).getmask(text)
    return np.array(mask).tobytes() + repr(mask.size).encode()


def test_every_character_that_the_models_read_can_be_drawn() -> None:
    missing = picture("\uffff")
    for characters in (load_classifier().labels, load_line_model().characters):
        assert not [text for text in characters if text.strip() and picture(text) == missing]
