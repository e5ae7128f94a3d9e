"""Files that are still being copied or uploaded: they are waited for until they stand still."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocrcli.watch.stamps import Stamp, stamp_of

STILL = 1.0
"""Seconds for which size and time of a file must not change before it is read."""


@dataclass(frozen=True, slots=True)
class _Seen:
    stamp: Stamp | None
    since: float
    still: float


class Settling:
    """The files that are waited for. Times are in seconds, of any clock that never goes back."""

    def __init__(self) -> None:
        self._seen: dict[Path, _Seen] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def see(self, path: Path, now: float, still: float = STILL) -> None:
        """Wait for a file, unless it is waited for already.

        Args:
            path: The file.
            now: The time.
            still: Seconds for which it must stand still; as soon as it changes, `STILL`.
        """
        self._seen.setdefault(path, _Seen(stamp_of(path), now, still))

    def settled(self, now: float) -> list[Path]:
        """The files that stand still, which are then no longer waited for; files that are gone are forgotten."""
        done = []
        for path, seen in list(self._seen.items()):
            stamp = stamp_of(path)
            if stamp is None:
                del self._seen[path]
            elif stamp != seen.stamp:
                self._seen[path] = _Seen(stamp, now, STILL)
            elif now - seen.since >= seen.still:
                del self._seen[path]
                done.append(path)
        return done
