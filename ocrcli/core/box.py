"""A box in a photo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box in pixels of the upright photo.

    The origin is the photo's top left corner, x grows to the right and y down. `right` and
    `bottom` are exclusive: a box of one pixel has `right == left + 1`.

    Raises:
        ValueError: If the box is empty, or its sides are swapped.

    Examples:
        >>> Box(10, 20, 40, 60).width
        30
    """

    left: int
    top: int
    right: int
    bottom: int

    def __post_init__(self) -> None:
        if self.right <= self.left or self.bottom <= self.top:
            raise ValueError(f"empty box: {self.left, self.top, self.right, self.bottom}")

    @property
    def width(self) -> int:
        """Width in pixels, at least 1."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels, at least 1."""
        return self.bottom - self.top

    @staticmethod
    def around(boxes: Iterable[Box]) -> Box:
        """The smallest box that contains all of `boxes`.

        Raises:
            ValueError: If there are none.

        Examples:
            >>> Box.around([Box(0, 0, 10, 10), Box(20, 5, 30, 15)])
            Box(left=0, top=0, right=30, bottom=15)
        """
        held = list(boxes)
        if not held:
            raise ValueError("no boxes to hold")
        return Box(
            min(b.left for b in held),
            min(b.top for b in held),
            max(b.right for b in held),
            max(b.bottom for b in held),
        )
