"""Reading of a table of photos, for engines such as Ray, Spark and Dask, which process blocks of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrcli.batch import rows, store
from ocrcli.batch.items import in_table
from ocrcli.batch.keys import NO_KEYS
from ocrcli.core.settings import Settings

if TYPE_CHECKING:
    import pyarrow


class TableReader:
    """Callable that reads the photos of a table. Make one in each process: it loads the models.

    It can be pickled; the models are loaded again in the other process.

    Args:
        settings: How to read.

    Raises:
        OcrError: If a model, the device or a setting cannot be used.

    Examples:
        >>> table = pyarrow.table({"path": ["note.jpg"]})  # doctest: +SKIP
        >>> TableReader()(table)["text"]  # doctest: +SKIP
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._maker = rows.prepare(settings or Settings(), NO_KEYS)

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """Read the photos of a table.

        Args:
            table: A table with a column of paths, such as ``path``, or of file contents, such as ``bytes``, or both.

        Returns:
            A row for each page, with the columns of `ocr batch`; a photo that fails has a row with its error.

        Raises:
            InputError: If it has no such column.
        """
        made = [row for item in in_table(table, "table") for row in self._maker(item).rows]
        return store.table(made)
