"""Writing of results in the wanted formats, to stdout or to files with a common stem."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocrcli.cli.support.console import out, to_stdout
from ocrcli.core.errors import OcrError, UsageError
from ocrcli.core.files import GrowingFile, check_free, write_file
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.formats import Document, Format, document, encoded
from ocrcli.formats.masking import FOR_PEOPLE, PLACEHOLDER, masked
from ocrcli.formats.text import plain, to_text

if TYPE_CHECKING:
    from ocrcli.sources import Source


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How text is printed.

    Attributes:
        minimum: Letters with a confidence below this are replaced.
        placeholder: The replacement.
        confidence: Whether to print the confidence of each line and a tab before it.
        front_matter: Whether Markdown begins with front matter and a link to the photo.
    """

    minimum: float = 0.0
    placeholder: str = PLACEHOLDER
    confidence: bool = False
    front_matter: bool = False


@dataclass(slots=True)
class Outputs:
    """Takes pages in order and writes them in all wanted formats.

    As a context manager it deletes half-written files after an error.

    Attributes:
        formats: The formats; at most one without a stem.
        stem: Start of the names of the files; None for stdout.
        several: Whether there may be several pages, so that texts have headers.
        look: How text is printed.
        force: Whether to overwrite existing files.
        read: Input files, which must not be overwritten.
        paused: Context in which text is printed, to hide the progress bar.
        copy: Puts the text of all pages on the clipboard at the end; None to leave that as it is.
    """

    formats: Sequence[Format]
    stem: Path | None
    several: bool
    look: TextStyle
    force: bool
    read: Iterable[Path]
    paused: Callable[[], AbstractContextManager[None]]
    copy: Callable[[str], None] | None = None
    _copied: list[Document] = field(default_factory=list)
    _held: list[tuple[Source, Page]] = field(default_factory=list)
    _growing: dict[str, GrowingFile] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        for format in self.formats:
            format.check()
            if self.stem:  # check the first file only: the number of files is known when all is read
                first = target(self.stem, format, 1 if format.one_page and self.several else None)
                check_free(first, self.force, self.read)
        if self.stem is None and self.formats:
            _check_stdout(self.formats, self.several)

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, *_error: object) -> None:
        for growing in self._growing.values():
            growing.drop()

    def add(self, source: Source, page: Page) -> None:
        """Add a page. It is written at once in formats that stream, and kept for the others."""
        self._count += 1
        if self.copy:
            self._copied.append(Document(source.name, masked(page, self.look.minimum, self.look.placeholder)))
        for format in self.formats:
            if format.streams:
                self._write_part(format, source, page)
        if not all(format.streams for format in self.formats):
            self._held.append((source, page))

    def add_failed(self, source: Source, error: OcrError) -> None:
        """Add a page that could not be read; only JSON Lines has a record of it."""
        from ocrcli.formats import jsonl

        for format in self.formats:
            if format.name == "jsonl":
                self._move_into_place(format, jsonl.failed(source.name, error))

    def close(self) -> list[Path]:
        """Write the formats that need all pages.

        Returns:
            The files that were written.

        Raises:
            InputError: If a file cannot be written, or a format includes a photo that cannot be loaded again.
            UsageError: If a file exists already.
        """
        if self.copy and self._copied:
            self.copy(to_text(self._copied))
        if self.stem is None:
            if self._held:
                with self.paused():
                    _print(self.formats[0].write(self._documents(self.formats[0], self._held)))
            return []
        return [path for format in self.formats for path in self._write_files(self.stem, format)]

    def _write_files(self, stem: Path, format: Format) -> Iterator[Path]:
        if format.streams:
            if format.name in self._growing:
                yield self._growing[format.name].close()
            return
        apart = format.one_page and self.several
        parts = [[held] for held in self._held] if apart else [self._held] if self._held else []
        paths = [target(stem, format, number if apart else None) for number in range(1, len(parts) + 1)]
        for path in paths:
            check_free(path, self.force, self.read)
        for path, part in zip(paths, parts, strict=True):
            write_file(encoded(format.write(self._documents(format, part))), path)
            yield path

    def _documents(self, format: Format, held: Iterable[tuple[Source, Page]]) -> Iterator[Document]:
        """The documents, one by one, so that only one photo is in memory."""
        for source, page in held:
            yield shown(format, source, page, self.look, self._folder)

    @property
    def _folder(self) -> Path:
        """The folder of the files; the current one for stdout."""
        return self.stem.parent if self.stem else Path()

    def _write_part(self, format: Format, source: Source, page: Page) -> None:
        if self.stem is None and format.name == "text":
            with self.paused():
                self._print_text(source.name, page)
            return
        seen = shown(format, source, page, self.look, self._folder)
        self._move_into_place(format, format.part(seen, self._count) if self.several else format.write([seen]))

    def _move_into_place(self, format: Format, written: str | bytes) -> None:
        if self.stem is None:
            with self.paused():
                _print(written)
            return
        if format.name not in self._growing:
            self._growing[format.name] = GrowingFile(target(self.stem, format))
        self._growing[format.name].write(encoded(written))

    def _print_text(self, name: str, page: Page) -> None:
        from ocrcli.cli.support.terminal import print_coloured

        if self.several:
            out(f"{chr(10) if self._count > 1 else ''}==> {printable(name)} <==")
        sure = masked(page, self.look.minimum, self.look.placeholder)
        if self.look.confidence:
            for line in sure.lines:
                out(f"{line.confidence:.2f}\t{line.text}")
        elif sys.stdout.isatty():
            print_coloured(sure)
        else:
            out(plain(sure).removesuffix("\n"))


def shown(format: Format, source: Source, page: Page, look: TextStyle, folder: Path) -> Document:
    """The document of a page for a format; in formats for people, uncertain letters are replaced.

    Args:
        format: The format.
        source: The photo.
        page: What was read.
        look: How text is printed.
        folder: The folder of the file, from which a note links to its photo.
    """
    made = document(format, source, masked(page, look.minimum, look.placeholder) if format.name in FOR_PEOPLE else page)
    if not look.front_matter or format.name != "markdown":
        return made
    from ocrcli.cli.support.notes import front_matter, link_to

    return replace(made, front_matter=front_matter(source, page), link=link_to(source, folder))


def check_front_matter(look: TextStyle, formats: Iterable[Format], one_file: bool) -> None:
    """Check that front matter can be written.

    Args:
        look: How text is printed.
        formats: The formats.
        one_file: Whether several photos share a file.

    Raises:
        UsageError: If it cannot.
    """
    if look.front_matter and "markdown" not in {format.name for format in formats}:
        raise UsageError("--front-matter is for Markdown; add --format markdown")
    if look.front_matter and one_file:
        raise UsageError("--front-matter needs a file for each photo; add --output-dir DIR")


def place_of(output: str | None, folder: Path | None) -> tuple[Path | None, Path | None]:
    """Parse `--output` and `--output-dir`.

    Args:
        output: Value of `--output`. An existing folder with a slash at the end means the same as `folder`.
        folder: Value of `--output-dir`.

    Returns:
        The start of the names of files, and the folder for files of each photo; at most one of them is not None. Both
        are None for stdout.

    Raises:
        UsageError: If both are given, or `output` is not a file name.
    """
    if output is None:
        return None, folder
    if folder is not None:
        raise UsageError("--output and --output-dir contradict each other; leave one out")
    path = Path(output)
    if output.endswith(("/", os.sep)) and path.name not in ("", "..") and path.is_dir():
        return None, path
    return stem_of(output), None


def stem_of(text: str) -> Path:
    """The start of the names of files, from the value of `--output`.

    Raises:
        UsageError: If it is empty or names a folder.
    """
    path = Path(text)
    if not text or path.name in ("", ".", "..") or text.endswith(("/", "/.", os.sep)):
        shown = printable(text.rstrip("/") or "results")
        advice = f"as in --output {shown}/note, or use --output-dir for files of each photo"
        raise UsageError(f"--output {text!a} is not a file name; add the start of a name, {advice}")
    return path


def target(stem: Path, format: Format, number: int | None = None) -> Path:
    """The path of the file of a format.

    Examples:
        >>> from ocrcli.formats import FORMATS
        >>> target(Path("notes"), FORMATS["json"]).name, target(Path("notes"), FORMATS["alto"], 2).name
        ('notes.json', 'notes-2.alto.xml')
    """
    name = stem.name.removesuffix(format.suffix) or stem.name
    return stem.with_name(f"{name}{'' if number is None else f'-{number}'}{format.suffix}")


def _check_stdout(formats: Sequence[Format], several: bool) -> None:
    if len(formats) > 1:
        raise UsageError("several formats cannot share stdout; add --output STEM to write files")
    if formats[0].one_page and several:
        raise UsageError(f"a file of {formats[0].name} holds one page; add --output STEM to write several files")
    if formats[0].binary and sys.stdout.isatty():
        raise UsageError(f"{formats[0].name} is binary and not for a terminal; add --output STEM, or use a pipe")


def _print(written: str | bytes) -> None:
    """Print a whole document: with control characters escaped in a terminal, byte for byte as in a file in a pipe."""
    if isinstance(written, str) and sys.stdout.isatty():
        out(written.removesuffix("\n"))
        return
    with to_stdout():
        sys.stdout.flush()
        sys.stdout.buffer.write(encoded(written))
        sys.stdout.buffer.flush()
