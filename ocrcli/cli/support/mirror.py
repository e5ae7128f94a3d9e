"""The folder of `--output-dir`, with files for each photo, and `--resume`, which skips finished photos.

It mirrors the folders of the photos: ``notes/may/a.jpg`` gives ``DIR/notes/may/a.jpg.txt``. A manifest records the
settings and models. A photo is finished if its files are newer than the manifest and newer than the photo, and the
manifest has the current settings and models.
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

from ocrcli.cli.support.outputs import TextStyle, shown
from ocrcli.core.errors import UsageError
from ocrcli.core.files import check_free, read_text, write_file
from ocrcli.core.folder_lock import make_and_lock, remove_unfinished
from ocrcli.core.page import Page
from ocrcli.formats import FORMATS, Format, encoded
from ocrcli.sources import Source
from ocrcli.sources.folders import SUFFIXES

MANIFEST = ".ocr-manifest.json"

MANIFEST_VERSION = 1
"""Version of the manifest. If the manifest has another version, all photos are read again."""

_OUR_PDF = re.compile(rf"({'|'.join(map(re.escape, sorted(SUFFIXES)))})(-\d+)?\.pdf$", re.IGNORECASE)
"""End of the names of PDF files that this command has written, such as ``a.jpg.pdf``."""


@dataclass(frozen=True, slots=True)
class Files:
    """The output files of one photo. Small and picklable.

    Attributes:
        stem: Path of the files without the suffix of the format.
        formats: Names of the formats.
        look: How text is printed.
    """

    stem: Path
    formats: tuple[str, ...]
    look: TextStyle

    def write(self, source: Source, page: Page) -> None:
        """Write all files, each one atomically.

        Raises:
            InputError: If a file cannot be written, or a format includes the photo and it cannot be loaded again.
        """
        for format in map(FORMATS.__getitem__, self.formats):
            written = format.write([shown(format, source, page, self.look, self.stem.parent)])
            write_file(encoded(written), place(self.stem, format))


def place(stem: Path, format: Format) -> Path:
    """The path of the file of a format; its suffix is added to the name of the photo."""
    return stem.with_name(stem.name + format.suffix)


def mirrored(source: Source, root: Path | None = None) -> Path:
    """The path of the output files of a photo, relative to the output folder and without a suffix.

    It is the path as given, relative to `root`, the current folder or the root and without ``..``; a page of a file
    with several pages has its number. An input that is not a file on disk has the name `Source.stem`.
    """
    if not isinstance(source.origin, str):
        return Path(source.stem.name)
    path = Path(source.origin)
    if root is not None and path.is_relative_to(root):
        path = path.relative_to(root)
    elif path.is_absolute() and path.is_relative_to(here := Path.cwd()):
        path = path.relative_to(here)
    path = Path(
        *(part for part in path.parts if part not in ("..", path.anchor))
    )  # on Windows the anchor may be C: alone
    return path if source.page_number is None else path.with_name(f"{path.name}-{source.page_number}")


class Mirror:
    """The output folder. It is locked while this object lives, so that only one run writes there.

    Args:
        folder: The folder; it is created.
        formats: The formats to write for each photo.
        look: How text is printed.
        made_with: Settings and models, for the manifest.
        resume: Whether to skip finished photos.
        force: Whether to overwrite files that are not from an earlier run.
        root: Folder whose photos are read, if their paths are mirrored from there on.

    Raises:
        InputError: If the folder cannot be created or written to.
        UsageError: If it is a file, or another run writes there.
        MissingExtraError: If a format needs a package that is not installed.
    """

    def __init__(
        self,
        folder: Path,
        formats: Sequence[Format],
        look: TextStyle,
        made_with: dict[str, Any],
        *,
        resume: bool,
        force: bool,
        root: Path | None = None,
    ) -> None:
        for format in formats:
            format.check()
        self._folder, self._formats, self._look, self._root = folder, formats, look, root
        printed = {"min-confidence": look.minimum, "placeholder": look.placeholder}
        if look.front_matter:
            printed["front-matter"] = True
        self._made_with = json.loads(json.dumps({"version": MANIFEST_VERSION, **made_with, "look": printed}))
        locked = make_and_lock(folder, self)
        found = _manifest(folder / MANIFEST)
        self._known = found is not None  # the files here are from an earlier run
        self._same = found == self._made_with
        self._wanted = resume
        self._resume = resume and self._known
        self._force = force or self._resume
        if self._force and locked:  # without the lock, another run may still be writing its temporary files
            remove_unfinished(folder)

    def due(self, sources: Iterable[Source], read: Iterable[Path]) -> list[Source]:
        """The pages to read: each once, without finished pages if `resume` is set.

        Args:
            sources: All pages.
            read: Input files, which must not be overwritten.

        Raises:
            UsageError: If a file exists that must not be overwritten, or two pages would have the same files.
        """
        since = (self._folder / MANIFEST).stat().st_mtime_ns if self._same else None
        held = _Held(read)
        seen: dict[Path, tuple[str, int | None]] = {}
        due = []
        for source in sources:
            if isinstance(source.origin, str) and self.wrote(source.origin):
                continue
            if source.error:  # it will have no files
                due.append(source)
                continue
            relative, origin = mirrored(source, self._root), (_whole(source), source.page_number)
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
        """Write the manifest, before the first file is written.

        Raises:
            InputError: If it cannot be written.
        """
        if not self._same:
            write_file(json.dumps(self._made_with, indent=1).encode() + b"\n", self._folder / MANIFEST)
        self._known = True

    def files(self, source: Source) -> Files:
        """The output files of a page."""
        names = tuple(format.name for format in self._formats)
        return Files(self._folder / mirrored(source, self._root), names, self._look)

    def wrote(self, path: str) -> bool:
        """Whether a PDF in this folder is an output of this or an earlier run, and not an input."""
        if not self._known or not _OUR_PDF.search(path):
            return False
        return Path(path).resolve().is_relative_to(self._folder.resolve())

    def _is_current(self, source: Source, stem: Path, since: int) -> bool:
        if not isinstance(source.origin, str):  # not a file on disk, so its age is not known
            return False
        try:
            since = max(since, Path(source.origin).stat().st_mtime_ns)
            found = [place(stem, format).stat() for format in self._formats]
        except OSError:
            return False
        # A power cut may leave an empty file; none of ours is empty.
        return all(status.st_mtime_ns >= since and status.st_size for status in found)

    def _check_free(self, stem: Path, held: _Held) -> None:
        for format in self._formats:
            path = place(stem, format)
            try:
                path.lstat()
            except OSError:  # it does not exist; if it cannot be written, this photo alone fails later
                continue
            if not self._force:
                advice = "add --resume to continue an earlier run in this folder, or --force to overwrite it"
                if self._wanted:
                    advice = "it is not from a run that can be resumed; add --force to overwrite it"
                raise UsageError(f"{path} exists; {advice}")
            check_free(path, True, held.same_as(path))


class _Held:
    """The input files, which must not be overwritten; indexed once, because there may be very many."""

    def __init__(self, read: Iterable[Path]) -> None:
        self._read = read

    def same_as(self, path: Path) -> list[Path]:
        """The input file that is the same file as `path`, as a list; empty if there is none."""
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
    """The content of the manifest; None if there is none, empty if it is not valid."""
    try:
        held = json.loads(read_text(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
