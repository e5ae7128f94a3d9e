"""`ocr serve`: read photos that are sent by HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from ocrcli.cli import options
from ocrcli.cli.support.progress import Notices
from ocrcli.core.settings import Settings
from ocrcli.workers import pool

HostOption = Annotated[
    str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on; any but this computer's needs --token.")
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port to listen on; 0: any that is free.")
]
TokenOption = Annotated[
    str,
    typer.Option("--token", metavar="TOKEN", help="Secret that a request must have: Authorization: Bearer TOKEN."),
]
MaxSizeOption = Annotated[
    float, typer.Option("--max-size", min=0.001, metavar="MB", help="Largest request, in megabytes.")
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout", min=0.1, metavar="SECONDS", help="Longest time of an upload, and of reading one request."
    ),
]
InFlightOption = Annotated[
    int, typer.Option("--in-flight", min=1, metavar="N", help="Most requests at once; others are told to wait (429).")
]
JobsOption = Annotated[int, options.jobs_option("requests")]


@options.with_settings
def command(
    *,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8642,
    token: TokenOption = "",
    max_size: MaxSizeOption = 32.0,
    timeout: TimeoutOption = 60.0,
    in_flight: InFlightOption = 32,
    jobs: JobsOption = 2,
    quiet: options.QuietOption = False,
    settings: Settings,
) -> None:
    """Read photos that are sent by HTTP, and show a page to drop or photograph a note on.

    POST /read answers with JSON, or what ?format= or Accept asks for. It listens to this computer alone, and keeps
    nothing. GET /openapi.json describes it.
    """
    from ocrcli.serve.run import check_rules, serve

    rules = check_rules(host, token)
    serve(
        settings, host, port, rules, int(max_size * 1e6), timeout, in_flight, jobs or pool.cores(),
        Notices(quiet, verbose=False).say,
    )  # fmt: skip
