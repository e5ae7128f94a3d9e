"""`ocr hands`: list the hands that were learnt, and remove them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ocrcli.cli.support.console import err, out
from ocrcli.core.errors import InputError, ModelError, UsageError
from ocrcli.core.printable import printable
from ocrcli.hands import hand as hands

REMOVE = "remove"


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar=f"[{REMOVE} NAME]", help="Remove hands instead of listing them.", show_default=False),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the hands that `ocr learn` has learnt: what from, and what each is worth; or remove some.

    A hand that was learnt with other models than those that ship now is marked; learn it anew from its photos.
    """
    if words and words[0] != REMOVE:
        raise UsageError(f"no such action {printable(words[0])!r}; there is: ocr hands {REMOVE} NAME")
    if words:
        _remove(words[1:])
        return
    found = [_told(name) for name in hands.names()]
    if as_json:
        out(json.dumps({"hands": found}, indent=1))
        return
    for told in found:
        out(printable(_row(told)))
    if not found:
        err("no hand was learnt yet; see: ocr learn --help")


def _remove(names: list[str]) -> None:
    if not names:
        raise UsageError(f"name the hand, as in: ocr hands {REMOVE} me")
    paths = {name: hands.path_of(name) for name in names}
    for name, path in paths.items():
        if not path.is_file():
            known = ", ".join(hands.names()) or "none"
            raise UsageError(f"there is no hand {name!r}; there are: {known}")
    for name, path in paths.items():
        try:
            path.unlink()
        except OSError as error:
            raise InputError(f"{path}: cannot be removed ({error.strerror})") from error
        err(f"removed: {name}")


def _told(name: str) -> dict[str, Any]:
    from ocrcli.pipeline.models import digests

    try:
        hand = hands.load(name)
    except ModelError as error:
        return {"name": name, "error": str(error)}
    return {
        "name": name,
        **asdict(hand.worth),
        "photos": list(hand.photos),
        "words": len(hand.words),
        "fits": dict(hand.models) == digests(None),
        "bytes": hands.path_of(name).stat().st_size,
    }


def _row(told: dict[str, Any]) -> str:
    if "error" in told:
        return f"{told['name']}  {told['error']}"
    before, after = (f"{100 * told[key] / max(told['characters'], 1):.1f} %" for key in ("before", "after"))
    photos = f"{told['photos'][0]}" + (f" and {len(told['photos']) - 1} more" if len(told["photos"]) > 1 else "")
    other = "" if told["fits"] else "; learnt with other models"
    return f"{told['name']}  characters wrong {before} → {after}, {told['lines']} lines of {photos}{other}"
