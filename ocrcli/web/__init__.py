"""Web pages that are one file: no network, nothing from outside runs, whatever they are about is only shown.

A page is built as a tree by the standard library's ElementTree, which escapes, and is ASCII, so that it survives any
pipe. A Content-Security-Policy lets run only the script and the styles that come with ocrcli, told by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from ocrcli.core.printable import printable

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 80
"""Of the pictures, as WebP counts: a quarter of a JPEG's size at the same look."""


def node(tag: str, *children: Element | str | None, **attributes: str) -> Element:
    """An element; text in it and in its attributes may come from anywhere.

    Args:
        tag: Its name.
        children: Elements and text in their order; None is left out.
        attributes: Their names have ``_`` for ``-`` and may end in one, as ``class_`` does.
    """
    made = Element(tag, {name.rstrip("_").replace("_", "-"): _plain(value) for name, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            if len(made):
                made[-1].tail = (made[-1].tail or "") + _plain(child)
            else:
                made.text = (made.text or "") + _plain(child)
        elif child is not None:
            made.append(child)
    return made


def picture_uri(picture: Image.Image, long_side: int) -> tuple[str, tuple[int, int]]:
    """A picture as a ``data:`` address, scaled down to a long side in pixels; and its width and height then."""
    small = picture.convert("RGB")
    small.thumbnail((long_side, long_side))
    held = io.BytesIO()
    small.save(held, "WEBP", quality=QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(held.getvalue()).decode(), small.size


def short_names(names: Sequence[str]) -> list[str]:
    """Names without their folders, which are nobody's business, unless there are two alike."""
    short = [re.split(r"[/\\]", name)[-1] or name for name in names]
    return short if len(set(short)) == len(short) else list(names)


def web_page(
    title: str, body: Iterable[Element], styles: Sequence[str], scripts: Sequence[str] = (), data: object = None
) -> str:
    """A whole page.

    Args:
        title: Of the window.
        body: What is in it.
        styles: Files of this folder, one after the other.
        scripts: Files of this folder, joined to one script that runs once the page is there.
        data: What the script finds as JSON in the element `data`; None for nothing.

    Returns:
        The file: ASCII, ended by a newline.
    """
    style, script = _joined(styles), _joined(scripts)
    allowed = f"script-src {_hash(script)}; " if scripts else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; {allowed}base-uri 'none'; form-action 'none'"
    )
    head = node(
        "head",
        node("meta", charset="utf-8"),
        Element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        node("meta", name="viewport", content="width=device-width, initial-scale=1"),
        node("meta", name="color-scheme", content="light dark"),
        node("meta", name="referrer", content="no-referrer"),
        node("meta", name="generator", content="ocrcli"),
        node("title", title),
        node("link", rel="icon", href="data:,"),  # else a browser asks a server for one
        _raw("style", style),
    )
    whole = node("body", *body)
    if data is not None:
        whole.append(_raw("script", _json(data), type="application/json", id="data"))
    if scripts:
        whole.append(_raw("script", script))
    root = node("html", head, whole, lang="en")
    return "<!DOCTYPE html>\n" + tostring(root, encoding="us-ascii", method="html").decode() + "\n"


def _joined(names: Sequence[str]) -> str:
    return "".join((files(__name__) / name).read_text(encoding="ascii") for name in names)


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _raw(tag: str, content: str, **attributes: str) -> Element:
    """A script or style, whose content is not escaped."""
    made = Element(tag, attributes)
    made.text = content
    return made


def _json(data: object) -> str:
    """JSON that no parser of HTML or JavaScript takes for anything else; ASCII, so U+2028 is escaped as well."""
    written = json.dumps(data, separators=(",", ":"))
    for character in "<>&\x7f":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def _plain(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
