"""Very many photos: from folders, lists, tables or buckets to a folder or bucket of Parquet, one row a page.

`items` finds the photos, `rows` reads one and makes its rows, `store` keeps the rows and knows which are there, `run`
has it done on this machine, `blocks` is what engines for many machines call.
"""

from ocrcli.batch.blocks import TableReader

__all__ = ["TableReader"]
