"""The folder of `--output-dir`: where the files of each photo go, and which of them are there already.

It mirrors the folders of the photos: ``notes/may/a.jpg`` gives ``DIR/notes/may/a.jpg.txt``. A small manifest says what
the files were made with; they are as good as made again if they are newer than it, and newer than their photo.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ocrcli.cli.support.outputs import Look, shown
from ocrcli.core.errors import UsageError
from ocrcli.core.files import check_free, read_text, write_file
from ocrcli.core.folder_lock import make_and_lock, remove_unfinished
from ocrcli.core.page import Page
from ocrcli.formats import FORMATS, Format, encoded
from ocrcli.sources import Source
from ocrcli.sources.folders import SUFFIXES

MANIFEST = ".ocr-manifest.json"

MANIFEST_VERSION = 1
"""Of the manifest: another one is not understood, and all is read again."""

_OUR_PDF = re.compile(rf"({'|'.join(map(re.escape, sorted(SUFFIXES)))})(-\d+)?\.pdf$", re.IGNORECASE)
"""How the names of PDF files end that were made of photos."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files to write of one photo; small, can be pickled.

    Attributes:
        stem: Their name without the formats' suffixes.
        formats: Names of the formats.
        look: How text is written.
    """

    stem: Path
    formats: tuple[str, ...]
    look: Look

    def write(self, source: Source, page: Page) -> None:
        """Write them all, each at once.

        Raises:
            InputError: If one cannot be written, or the photo not be loaded again to be a part of it.
        """
        for format in map(FORMATS.__getitem__, self.formats):
            written = format.write([shown(format, source, page, self.look)])
            write_file(encoded(written), place(self.stem, format))


def place(stem: Path, format: Format) -> Path:
    """The file of a format, whatever the photo's own name ends with."""
    return stem.with_name(stem.name + format.suffix)


def mirrored(source: Source) -> Path:
    """Where the files of a photo go, without suffix, relative to the folder.

    The path as it was given, from the current folder or the root, without steps up; a page of several has its number.
    What is no file on disk has a name of its own.
    """
    if not isinstance(source.origin, str):
        return Path(source.stem.name)
    path = Path(source.origin)
    if path.is_absolute() and path.is_relative_to(here := Path.cwd()):
        path = path.relative_to(here)
    path = Path(*(part for part in path.parts if part not in ("..", path.anchor)))  # Windows: C: alone is one, too
    return path if source.page_number is None else path.with_name(f"{path.name}-{source.page_number}")


class Mirror:
    """The folder, locked while this object lives, so that no two runs write there at once.

    Args:
        folder: The folder; it is made.
        formats: What to write of each photo.
        look: How text is written.
        made_with: What the files are made with: settings, models.
        resume: Whether what is there already is left as it is.
        force: Whether files may be overwritten that no such run has written.

    Raises:
        InputError: If the folder cannot be made or written to.
        UsageError: If it is a file, or another run writes there.
        MissingExtraError: If a format needs a package that is not installed.
    """

    def __init__(
        self,
        folder: Path,
        formats: Sequence[Format],
        look: Look,
        made_with: dict[str, Any],
        *,
        resume: bool,
        force: bool,
    ) -> None:
        for format in formats:
            format.check()
        self._folder, self._formats, self._look = folder, formats, look
        told = {"min-confidence": look.minimum, "placeholder": look.placeholder}
        self._made_with = json.loads(json.dumps({"version": MANIFEST_VERSION, **made_with, "look": told}))
        locked = make_and_lock(folder, self)
        found = _manifest(folder / MANIFEST)
        self._known = found is not None  # what lies here was written by such a run
        self._same = found == self._made_with
        self._wanted = resume
        self._resume = resume and self._known
        self._force = force or self._resume
        if self._force and locked:  # what another run is writing is no rubbish
            remove_unfinished(folder)

    def due(self, sources: Iterable[Source], read: Iterable[Path]) -> list[Source]:
        """The pages that are to be read: each once, without those whose files are there if that is wanted.

        Args:
            sources: All pages.
            read: Files that may not be overwritten.

        Raises:
            UsageError: If a file would be overwritten that may not, or two pages would have the same files.
        """
        since = (self._folder / MANIFEST).stat().st_mtime_ns if self._same else None
        held = _Held(read)
        seen: dict[Path, tuple[str, int | None]] = {}
        due = []
        for source in sources:
            if self._is_ours(source):
                continue
            if source.error:  # it has no files
                due.append(source)
                continue
            relative, origin = mirrored(source), (_whole(source), source.page_number)
            if relative in seen:
                if seen[relative] != origin:
                    message = f"{seen[relative][0]} and {origin[0]} would have the same files in {self._folder}"
                    raise UsageError(f"{message}; read them into two folders")
                continue
            seen[relative] = origin
            stem = self._folder / relative
            if self._resume and since is not None and self._is_current(source, stem, since):
                continue
            self._check_free(stem, held)
            due.append(source)
        return due

    def begin(self) -> None:
        """Say what the files that are about to be written are made with.

        Raises:
            InputError: If that cannot be written.
        """
        if not self._same:
            write_file(json.dumps(self._made_with, indent=1).encode() + b"\n", self._folder / MANIFEST)

    def files(self, source: Source) -> Files:
        """What to write of a page."""
        names = tuple(format.name for format in self._formats)
        return Files(self._folder / mirrored(source), names, self._look)

    def _is_ours(self, source: Source) -> bool:
        """Whether a PDF was made by an earlier run, and only looks like something to read."""
        if not self._known or not isinstance(source.origin, str) or not _OUR_PDF.search(source.origin):
            return False
        return Path(source.origin).resolve().is_relative_to(self._folder.resolve())

    def _is_current(self, source: Source, stem: Path, since: int) -> bool:
        if not isinstance(source.origin, str):  # of what has no file nobody knows when it was written
            return False
        try:
            since = max(since, Path(source.origin).stat().st_mtime_ns)
            found = [place(stem, format).stat() for format in self._formats]
        except OSError:
            return False
        # A power cut may leave a file without its content; none of ours is empty.
        return all(status.st_mtime_ns >= since and status.st_size for status in found)

    def _check_free(self, stem: Path, held: _Held) -> None:
        for format in self._formats:
            path = place(stem, format)
            try:
                path.lstat()
            except OSError:  # it is not there; whether it can be is told of this photo alone, when it is written
                continue
            if not self._force:
                advice = "add --resume to go on with what an earlier run began here, or --force to overwrite it"
                if self._wanted:
                    advice = "no run that could be resumed has written it; add --force to overwrite it"
                raise UsageError(f"{path} exists; {advice}")
            check_free(path, True, held.same_as(path))


class _Held:
    """Files that may not be overwritten, to be asked for one after the other, however many they are."""

    def __init__(self, read: Iterable[Path]) -> None:
        self._read = read

    def same_as(self, path: Path) -> list[Path]:
        """Those that are the same file as one that is there."""
        try:
            status = path.stat()
        except OSError:  # a broken link
            return []
        same = self._by_number.get((status.st_dev, status.st_ino))
        return [same] if same else []

    @cached_property
    def _by_number(self) -> dict[tuple[int, int], Path]:
        found = {}
        for path in self._read:
            with contextlib.suppress(OSError):
                status = path.stat()
                found[status.st_dev, status.st_ino] = path
        return found


def _whole(source: Source) -> str:
    return str(Path(source.origin).resolve()) if isinstance(source.origin, str) else source.name


def _manifest(path: Path) -> dict[str, Any] | None:
    """What the manifest says; None if there is none, an empty one if it is not understood."""
    try:
        held = json.loads(read_text(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
