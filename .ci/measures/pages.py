"""How well whole pages are read: a row of figures for every photo, and what they come to for each tier."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from measures.photos import Photo, photos
from measures.runner import Reading, read, spread
from measures.text import Row
from ocrcli.evaluation.scoring import Tally, score
from ocrcli.evaluation.unordered import score_unordered

LOST = 0.5
"""Of the letters wrong: a page that is worse is lost."""

HEAD = (
    "",
    "photos",
    "letters",
    "exact",
    "letters, lines in any order",
    "exact, any order",
    "letters, each page's errors at most its length",
    "letters, median page",
    f"lost pages (letters > {str(LOST).removeprefix('0')})",
)
"""Of a table of tiers."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a photo.

    Attributes:
        name: Of the file, without its ending.
        tier: Its tier.
        letters: Edits and length in letters A-Z and digits, see `ocrcli.evaluation.scoring.Score`.
        exact: In characters.
        any_letters: As `letters`, with the lines in any order.
        any_exact: As `exact`, with the lines in any order.
        turned: Degrees clockwise by which the reader turned the photo; None if nothing was read.
        seconds: That reading took, with another process beside it.
        lines: How many text lines were read.
        text: What was read.
        error: What went wrong; empty if nothing did.
    """

    name: str
    tier: str
    letters: Tally
    exact: Tally
    any_letters: Tally
    any_exact: Tally
    turned: int | None
    seconds: float
    lines: int
    text: str
    error: str = ""

    @property
    def lost(self) -> bool:
        """Whether more than half of it is wrong."""
        return self.letters.rate > LOST


def result(photo: Photo, reading: Reading) -> Result:
    """Compare a reading with the transcript. What was not read for whatever reason counts as nothing read."""
    ordered = score(photo.truth, reading.text, spaces=photo.spaces)
    unordered = score_unordered(photo.truth, reading.text, spaces=photo.spaces)
    page = reading.page
    return Result(
        photo.name,
        photo.tier,
        ordered.letters,
        ordered.characters,
        unordered.letters,
        unordered.characters,
        None if page is None else page.turned,
        round(reading.seconds, 2),
        0 if page is None else len(page.lines),
        reading.text,
        reading.error,
    )


def read_photo(reader: Any, photo: Photo) -> Result:
    """Read a photo and compare."""
    return result(photo, read(reader, photo.path))


def results(found: Sequence[Photo], flags: Sequence[str] = ()) -> Iterator[Result]:
    """Those of all photos, in their order, each as soon as it is there.

    Args:
        found: The photos.
        flags: Settings, see `measures.runner.settings_of`.
    """
    yield from spread(read_photo, found, flags)


def pooled(tallies: Iterable[Tally]) -> Tally:
    """Edits and lengths of several photos together."""
    return sum(tallies, start=Tally())


def capped(tally: Tally) -> Tally:
    """With no more edits than its length: reading nothing is then the worst that a page can do to a pool."""
    return Tally(min(tally.edits, max(1, tally.length)), tally.length)


def summary(name: str, of: Sequence[Result]) -> Row:
    """A row of figures of several photos, as `HEAD` says."""
    if not of:
        return (name, "0", *[""] * (len(HEAD) - 2))
    pools = (
        pooled(r.letters for r in of),
        pooled(r.exact for r in of),
        pooled(r.any_letters for r in of),
        pooled(r.any_exact for r in of),
        pooled(capped(r.letters) for r in of),
    )
    median = statistics.median(r.letters.rate for r in of)
    lost = sum(r.lost for r in of)
    return (name, str(len(of)), *(f"{pool.rate:.3f}" for pool in pools), f"{median:.3f}", str(lost))


def table(of: Sequence[Result]) -> Iterator[Row]:
    """The head, a row for each tier, and one for all."""
    yield HEAD
    for tier in sorted({r.tier for r in of}):
        yield summary(f"tier {tier}", [r for r in of if r.tier == tier])
    yield summary("all", of)


def wild() -> Iterator[Row]:
    """The table of the photos in ``wild/``."""
    yield from table(list(results(photos("wild"))))


def save(of: Sequence[Result], path: Path) -> None:
    """Keep results for a later `load`."""
    path.write_text(json.dumps([asdict(r) for r in of], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> list[Result]:
    """What `save` kept."""
    counts = ("letters", "exact", "any_letters", "any_exact")
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return [Result(**{**row, **{name: Tally(**row[name]) for name in counts}}) for row in rows]
