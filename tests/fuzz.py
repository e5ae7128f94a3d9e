"""Feeds damaged files to what reads files from outside; run by hand: ``python tests/fuzz.py TARGET COUNT [SEED]``.

The targets are those of `fuzz_targets`. Each input is made from a number, so that a finding can be made again:
``python tests/fuzz.py photo 1 12345`` runs that one alone. Inputs run in a process of their own with at most 1 GB and
20 seconds of the processor each; of `heic` and `pdf`, whose decoders ours ends with, a process that ends itself is no
finding.
With ``pip install atheris``, ``python tests/fuzz.py --atheris TARGET [-max_total_time=300] CORPUS`` looks where the
code goes; CORPUS is filled if it is empty. What either finds belongs among the tests.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import signal
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from fuzz_targets import TARGETS, damaged, seeds

from ocrcli.core.errors import OcrError

SECONDS, WAITING = 20, 200
"""Of the processor, which a busy machine does not lengthen; by the clock, for what waits for ever."""

MEMORY = 1_000_000_000
MAY_END = ("heic", "pdf")


def made(target: str, number: int) -> bytes:
    """The input of a number."""
    chance = random.Random(number)
    return damaged(chance.choice(seeds(target)), chance)


def once(target: str, data: bytes) -> None:
    """Run a target on one input; raises what is a finding."""
    try:
        TARGETS[target](data)
    except OcrError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 1000


def work(target: str, numbers: range, told: Connection) -> None:
    """Run inputs one after the other, and tell of each before and after."""
    with suppress(Exception):
        TARGETS[target](seeds(target)[0])  # what a target loads first is not an input's time
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        told.send((number, ""))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(WAITING)
        try:
            once(target, made(target, number))
        except Exception:
            told.send((number, traceback.format_exc()))
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
    told.send((numbers.stop, ""))


def run(target: str, count: int, first: int) -> int:
    """Run inputs from a number on; how many findings there are."""
    at, findings = first, 0
    while at < first + count:
        here, there = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=work, args=(target, range(at, first + count), there)
        )
        process.start()
        there.close()
        try:
            while True:
                at, found = here.recv()
                if found:
                    findings += 1
                    print(f"{target} {at}:\n{found}")
        except EOFError:
            process.join()
        if at < first + count:
            if target not in MAY_END or process.exitcode in (-signal.SIGPROF, -signal.SIGALRM):
                findings += 1
                print(f"{target} {at}: the process ended with {process.exitcode}")
            at += 1
    return findings


def with_atheris(arguments: list[str]) -> None:
    """Let atheris choose the inputs."""
    import atheris

    target, corpus = arguments[0], Path(arguments[-1])
    if corpus.is_dir() and not any(corpus.iterdir()):
        for number, data in enumerate(seeds(target)):
            (corpus / str(number)).write_bytes(data)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *arguments[1:]], lambda data: once(target, data))
    atheris.Fuzz()


def main() -> None:
    """Do what the arguments ask for."""
    if sys.argv[1] == "--atheris":
        with_atheris(sys.argv[2:])
        return
    target, count, first = sys.argv[1], int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])
    findings = run(target, count, first)
    print(f"{target}: {count} inputs from {first} on, {findings} findings")
    raise SystemExit(1 if findings else 0)


if __name__ == "__main__":
    main()
