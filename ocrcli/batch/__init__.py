"""Batch reading of very many photos into a Parquet table, one row a page.

`items` finds the photos in folders, lists, tables and buckets. `rows` reads one photo and makes its rows. `store`
writes the rows and finds existing ones. `run` runs a batch on this machine, `ray_engine` on a Ray cluster. `blocks` is
the entry point for other engines, such as Spark and Dask.
"""

from ocrcli.batch.blocks import TableReader

__all__ = ["TableReader"]
