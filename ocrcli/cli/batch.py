"""`ocr batch`: read very many photos into a Parquet table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ocrcli.batch.run import ENGINES
from ocrcli.cli import options
from ocrcli.cli.support.progress import Bar, Notices, is_drawn
from ocrcli.core.errors import InputError, SomeFailedError, UsageError
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS
from ocrcli.workers import pool

if TYPE_CHECKING:
    from ocrcli.batch.rows import Row
    from ocrcli.batch.run import Count


SourcesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="Folders with their subfolders, patterns, Parquet tables with a column path or bytes, lists of paths; "
        "or addresses of these, as s3://bucket/notes.",
        show_default=False,
    ),
]
ToOption = Annotated[
    str, typer.Option("--to", metavar="DEST", help="Folder, or address of a bucket, for the Parquet files.")
]
ResumeOption = Annotated[
    bool,
    typer.Option("--resume", help="Skip photos that have a row in DEST with the same content and settings."),
]
RetryFailedOption = Annotated[
    bool, typer.Option("--retry-failed", help="Read only the photos that failed; their rows are replaced.")
]
FormatOption = Annotated[
    list[str] | None,
    options.format_option(
        "Also write files of each photo, as DEST/_files/notes/a.jpg.json; several, repeated or with commas."
    ),
]
EngineOption = Annotated[
    str,
    options.choice("--engine", ENGINES, "Engine: processes of this machine, or Ray."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="ADDRESS",
        help="Address of a Ray cluster, as 10.0.0.1:6379, ray://... or auto; implies --engine ray.",
    ),
]
JobsOption = Annotated[int, options.jobs_option("photos")]


@options.with_settings
def command(
    sources: SourcesArgument,
    *,
    to: ToOption,
    resume: ResumeOption = False,
    retry_failed: RetryFailedOption = False,
    format: FormatOption = None,
    engine: EngineOption = ENGINES[0],
    address: AddressOption = None,
    jobs: JobsOption = 0,
    quiet: options.QuietOption = False,
    settings: Settings,
) -> None:
    """Read very many photos into a Parquet table, one row a page.

    A row has the path, hash, text, confidence, lines and words of a page, or its error. A photo that fails does not
    end the run.
    """
    from ocrcli.batch import items
    from ocrcli.batch.run import batch
    from ocrcli.batch.store import open_store

    for name in format or ():
        FORMATS[name].check()
    if resume and retry_failed:
        raise UsageError("--resume and --retry-failed contradict each other; leave one out")
    notices = Notices(quiet, verbose=False)
    items.check(sources)
    drawn = not quiet and is_drawn()
    with Bar(items.count(sources) if drawn and not retry_failed else None, drawn) as bar:

        def tell(count: Count, new: tuple[Row, ...]) -> None:
            for row in new:
                if row["error"]:
                    with bar.paused():
                        notices.error(row["error"])
            bar.step(count.items, count.failed, count.skipped)

        store = open_store(to)
        count = batch(
            sources, store, settings, jobs or pool.cores(), engine="ray" if address else engine, address=address,
            formats=tuple(format or ()), resume=resume, retry_failed=retry_failed, tell=tell,
        )  # fmt: skip
    failed = f", {count.failed} failed" if count.failed else ""
    notices.say(f"{to}: {count.read} read{failed}, {count.skipped} skipped")
    if not count.items and not retry_failed:
        raise InputError(f"no photo in {', '.join(map(printable, sources))}; check the name")
    if count.failed:
        raise SomeFailedError(f"{count.failed} of {count.pages} pages could not be read; see --retry-failed")
