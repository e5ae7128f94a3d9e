"""Which pages of a file: ``1-3,7``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ocrcli.core.errors import UsageError

_RANGE = re.compile(r"(?P<first>[0-9]{1,9})(?P<dash>-(?P<last>[0-9]{0,9}))?")

PAGES_ADVICE = "give numbers and ranges from 1 on, as in 1-3,7 or 5-"


@dataclass(frozen=True, slots=True)
class Selection:
    """Pages in the order in which they were asked for.

    Attributes:
        ranges: First and last page of each range, from 1; None is the last page of the file.
    """

    ranges: tuple[tuple[int, int | None], ...]

    def of(self, count: int) -> tuple[list[int], list[int]]:
        """Apply it to a file.

        A range may reach beyond the file's end, but not begin there.

        Args:
            count: Pages of the file.

        Returns:
            The numbers of the pages, each once; and the numbers at which ranges begin that the file does not reach.
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
    """Parse ``1-3,7``: numbers and ranges separated by commas; ``5-`` reaches to the end.

    Raises:
        UsageError: If it is anything else.
    """
    ranges: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None:
            raise UsageError(f"--pages {text!a}: {part.strip()!a} is no page or range; {PAGES_ADVICE}")
        first = int(match["first"])
        last = int(match["last"]) if match["last"] else None if match["dash"] else first
        if first < 1:
            raise UsageError(f"--pages {text!a}: pages count from 1; {PAGES_ADVICE}")
        if last is not None and last < first:
            raise UsageError(f"--pages {text!a}: the range {part.strip()} runs backwards; {PAGES_ADVICE}")
        ranges.append((first, last))
    return Selection(tuple(ranges))
