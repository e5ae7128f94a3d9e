"""Shared code of the XML formats.

They are built with ElementTree of the standard library, which escapes markup. `printable` first escapes the control
characters that XML 1.0 cannot hold.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from ocrcli.core.errors import UsageError
from ocrcli.core.page import Page
from ocrcli.formats import Document

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def root(tag: str, namespace: str, schema: str, **attributes: str) -> Element:
    """The root of a document of a schema.

    Args:
        tag: Its name.
        namespace: Of all its elements.
        schema: Address of the schema.
        attributes: Of the root besides.
    """
    from xml.etree.ElementTree import Element

    places = {"xmlns": namespace, "xmlns:xsi": INSTANCE, "xsi:schemaLocation": f"{namespace} {schema}"}
    return Element(tag, places | attributes)


def turned(page: Page) -> str | None:
    """What was done to a photo before it was read; None if nothing was."""
    return f"photo turned clockwise by {page.turned} degrees before reading" if page.turned else None


def software() -> tuple[str, str]:
    """Name and version of this program."""
    return "ocrcli", version("ocrcli")


def source_date() -> datetime | None:
    """The time in the environment variable ``SOURCE_DATE_EPOCH`` (seconds since 1970); None if it is not set."""
    try:
        return datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"][:20]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def four_decimals(confidence: float) -> str:
    """A confidence, 0 to 1, as text with four decimals.

    Examples:
        >>> four_decimals(0.5)
        '0.5000'
    """
    return f"{confidence:.4f}"


def single_document(documents: Iterable[Document], what: str) -> Document:
    """The only document, for formats that hold one page.

    Args:
        documents: The documents.
        what: Name of the format, for the message.

    Raises:
        UsageError: If there is not exactly one document.
    """
    held = list(documents)
    if len(held) != 1:
        raise UsageError(f"a file of {what} holds one page, not {len(held)}; read the photos one by one")
    return held[0]


def serialize(root: Element) -> str:
    """The text of an XML file, indented."""
    from xml.etree import ElementTree

    ElementTree.indent(root, " ")
    return f"{DECLARATION}{ElementTree.tostring(root, encoding='unicode')}\n"
