"""Tables of photos -> tables of rows: what Ray, Spark and Dask call on each block of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocrcli.batch import rows, store
from ocrcli.batch.items import in_table
from ocrcli.batch.keys import NO_KEYS
from ocrcli.core.settings import Settings

if TYPE_CHECKING:
    import pyarrow


class TableReader:
    """Reads tables of photos; made once in every process, as engines do with a class.

    It can be pickled: the models are loaded again where it arrives.

    Args:
        settings: How to read.

    Raises:
        OcrError: If the model, the device or a setting cannot be used.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._maker = rows.prepare(settings or Settings(), NO_KEYS)

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        """Read the photos of a table.

        Args:
            table: With a column of paths, as ``path``, or of bytes, as ``bytes``, or both.

        Returns:
            A row for each page, with the columns of `ocr batch`; what goes wrong with a photo is a row, too.

        Raises:
            InputError: If there is no such column.
        """
        made = [row for item in in_table(table, "table") for row in self._maker(item).rows]
        return store.table(made)
