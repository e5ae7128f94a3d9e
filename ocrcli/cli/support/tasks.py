"""The tasks of a run of `ocr read`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrcli.cli.support.mirror import Mirror
from ocrcli.cli.support.work import Task
from ocrcli.core.errors import UsageError
from ocrcli.core.files import check_free
from ocrcli.sources import Source

BOXES_SUFFIX = ".ocr-boxes.png"


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of a run, one for each page, made lazily.

    Attributes:
        sources: The pages to read.
        several: Whether there are several pages, including skipped ones.
        draw: Whether to draw the boxes.
        boxes_out: Path for that picture; None for a file beside the photo.
        stages: Folder for the pictures of every stage; None for none.
        mirror: Output folder for files of each page; None for none.
        tables: Whether a format holds nothing but tables, and whether all of them do.
    """

    sources: Sequence[Source]
    several: bool
    draw: bool
    boxes_out: Path | None
    stages: Path | None
    mirror: Mirror | None
    tables: tuple[bool, bool] = (False, False)

    def __iter__(self) -> Iterator[Task]:
        for source in self.sources:
            files = self.mirror.files(source) if self.mirror else None
            yield Task(source, self._boxes(source), self._stages(source), files, *self.tables)

    def check(self, force: bool, read: Iterable[Path]) -> None:
        """Check that the pictures overwrite no other files and not each other.

        Raises:
            UsageError: If one would.
        """
        for target_of in (self._boxes, self._stages) if self.draw or self.stages else ():
            targets = [target for source in self.sources if (target := target_of(source))]
            if len(set(targets)) < len(targets):
                raise UsageError("two images have the same name, so their pictures would too; read them one by one")
        for source in self.sources if self.draw else ():
            check_free(self._boxes(source), force, read)

    def _boxes(self, source: Source) -> Path | None:
        if not self.draw:
            return None
        boxes = source.stem.with_name(source.stem.name + BOXES_SUFFIX)
        if not self.boxes_out:
            return boxes
        return self.boxes_out / boxes.name if self.several or self.boxes_out.is_dir() else self.boxes_out

    def _stages(self, source: Source) -> Path | None:
        return self.stages / source.stem.name if self.stages and self.several else self.stages
