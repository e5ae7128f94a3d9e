"""Selection of pages of a file, as ``1-3,7``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocrcli.core.errors import UsageError

_RANGE = re.compile(r"(?P<first>[0-9]{1,9})(?P<dash>-(?P<last>[0-9]{0,9}))?")

PAGES_ADVICE = "give numbers and ranges from 1 on, as in 1-3,7 or 5-"


@dataclass(frozen=True, slots=True)
class Selection:
    """A selection of pages, in the order in which they were asked for.

    Attributes:
        ranges: First and last page of each range, from 1; None means the last page of the file.
    """

    ranges: tuple[tuple[int, int | None], ...]

    def of(self, count: int) -> tuple[list[int], list[int]]:
        """Apply the selection to a file.

        A range may end after the last page of the file, but not begin after it.

        Args:
            count: Number of pages of the file.

        Returns:
            The numbers of the selected pages, each once; and the first page of each range that the file does not have.

        Examples:
            >>> parse_pages("1-3,7").of(5)
            ([1, 2, 3], [7])
        """
        pages: dict[int, None] = {}
        missing = []
        for first, last in self.ranges:
            if first > count:
                missing.append(first)
            pages.update(dict.fromkeys(range(first, min(last or count, count) + 1)))
        return list(pages), missing


ALL = Selection(((1, None),))
"""Every page."""


def parse_pages(text: str) -> Selection:
    """Parse numbers and ranges separated by commas, as ``1-3,7``; ``5-`` means page 5 to the end.

    Raises:
        UsageError: If the text is anything else.

    Examples:
        >>> parse_pages("1-3,7").ranges
        ((1, 3), (7, 7))
    """
    ranges: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"--pages {text!a}: {part.strip()!a} is not a page or range; {PAGES_ADVICE}")
        first = int(match["first"])
        last = int(match["last"]) if match["last"] else None if match["dash"] else first
        if first < 1:
            raise UsageError(f"--pages {text!a}: pages count from 1; {PAGES_ADVICE}")
        if last is not None and last < first:
            raise UsageError(f"--pages {text!a}: the range {part.strip()} runs backwards; {PAGES_ADVICE}")
        ranges.append((first, last))
    return Selection(tuple(ranges))
