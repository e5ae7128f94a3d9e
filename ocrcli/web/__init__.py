"""Self-contained HTML pages: one file, no network, and no code from the content.

A page is built with ElementTree of the standard library, which escapes all text. It is ASCII, so the encoding of a pipe
does not matter. A Content-Security-Policy allows only the scripts and styles of ocrcli, by their hashes.
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
"""WebP quality of the pictures; the files are about a quarter of the size of a JPEG that looks the same."""


def node(tag: str, *children: Element | str | None, **attributes: str) -> Element:
    """Make an HTML element. All text is escaped, so it may come from outside.

    Args:
        tag: Name of the element.
        children: Elements and texts in order; None is left out.
        attributes: Attributes; ``_`` in a name becomes ``-``, and a trailing ``_`` is dropped, as in ``class_``.

    Examples:
        >>> tostring(node("p", "a < b", class_="note"))
        b'<p class="note">a &lt; b</p>'
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
    """Encode a picture as a ``data:`` URI, downscaled to a longest side in pixels; also return its width and height."""
    small = picture.convert("RGB")
    small.thumbnail((long_side, long_side))
    held = io.BytesIO()
    small.save(held, "WEBP", quality=QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(held.getvalue()).decode(), small.size


def short_names(names: Sequence[str]) -> list[str]:
    """Names without their folders, unless two would then be the same.

    Examples:
        >>> short_names(["in/a.jpg", "in/b.jpg"])
        ['a.jpg', 'b.jpg']
    """
    short = [re.split(r"[/\\]", name)[-1] or name for name in names]
    return short if len(set(short)) == len(short) else list(names)


def web_page(
    title: str, body: Iterable[Element], styles: Sequence[str], scripts: Sequence[str] = (), data: object = None
) -> str:
    """Make a whole HTML page.

    Args:
        title: Title of the window.
        body: Elements of the body.
        styles: Style sheets, names of files in this folder.
        scripts: Scripts, names of files in this folder; they are joined to one script at the end of the page.
        data: Data for the script, written as JSON into the element `data`; None for none.

    Returns:
        The HTML file: ASCII, ended by a newline.
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
        node("link", rel="icon", href="data:,"),  # otherwise browsers request an icon from a server
        _raw("style", style),
    )
    whole = node("body", *body)
    if data is not None:
        whole.append(_raw("script", _json(data), type="application/json", id="data"))
    if scripts:
        whole.append(_raw("script", script))
    root = node("html", head, whole, lang="en")
    return "<!DOCTYPE html>\n" + tostring(root, encoding="us-ascii", method="html").decode() + "\n"


def policy_sources(styles: Sequence[str], scripts: Sequence[str]) -> tuple[str, str]:
    """What a Content-Security-Policy says of the styles and of the scripts of `web_page`: a hash of each."""
    return _hash(_joined(styles)), _hash(_joined(scripts))


def _joined(names: Sequence[str]) -> str:
    return "".join((files(__name__) / name).read_text(encoding="ascii") for name in names)


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _raw(tag: str, content: str, **attributes: str) -> Element:
    """A script or style element, whose content is not escaped."""
    made = Element(tag, attributes)
    made.text = content
    return made


def _json(data: object) -> str:
    """JSON that is safe inside HTML: no ``<``, ``>`` or ``&``, and ASCII, so U+2028 is escaped, too."""
    written = json.dumps(data, separators=(",", ":"))
    for character in "<>&\x7f":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def _plain(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
