"""How much rendering may vary, and as what tests are drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Style:
    """How much rendering may vary. Angles in degrees, probabilities in 0..1, lengths as stated."""

    capital: tuple[float, float] = (18.0, 90.0)
    """Capital height in pixels, log-uniform."""
    pen: tuple[float, float] = (0.03, 0.19)
    """Pen width in capital heights, log-uniform."""
    slant: float = 0.35
    rotation: float = 8.0
    stretch: float = 0.18
    wobble: float = 0.035
    """Amplitude of the elastic field in capital heights."""
    loose: float = 0.025
    """Standard deviation of one stroke's shift against the others, in capital heights."""
    accident: float = 1.0
    """Scales the probability of gaps, intruding neighbours, JPEG, and fatter or thinner ink."""
    photo: float = 1.0
    """Scales blur, noise and unevenness."""
    proportion: float = 0.0
    """Deviation of the logarithm of how long ascenders and descenders are, in rows of writing."""
    haste: float = 0.0
    """How much of its corners a pen in haste cuts off: 0 none, 1 all."""


PLAIN = Style(pen=(0.04, 0.16), slant=0, rotation=0, stretch=0, wobble=0, loose=0, accident=0, photo=0.5)
"""As written: only pen width, resolution and a mild photo vary. For evaluation and for finding wrong labels."""

STEADY = replace(PLAIN, pen=(0.06, 0.18), capital=(64.0, 64.0), photo=0)
"""As the small network's test was drawn that the goals were set by (`models.recipe.letters.reference`): no photo, one
size."""


def log_uniform(low: float, high: float, u: float) -> float:
    """Map u in 0..1 to low..high, evenly in the logarithm."""
    return float(low * (high / low) ** u)
