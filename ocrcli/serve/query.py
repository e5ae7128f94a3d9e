"""The query of a request: what is safe of the flags of `ocr read`; nothing that names a file of the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from ocrcli.binarize.denoise import DENOISERS
from ocrcli.binarize.threshold import METHODS
from ocrcli.core.errors import UsageError
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.formats import FORMATS
from ocrcli.formats.masking import PLACEHOLDER
from ocrcli.language.model import LANGUAGES
from ocrcli.pipeline.arbitration import RECOGNIZERS
from ocrcli.pipeline.segmentation import ORIENTATIONS
from ocrcli.sources.selection import parse_pages

LONGEST = 1000
"""Longest value of a parameter, in characters."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a request asks for.

    Attributes:
        format: Name of the format; empty to let the header Accept decide.
        pages: Pages of PDF and TIFF files; empty for all.
        minimum: Letters with a confidence below this are replaced in formats for people.
        placeholder: The replacement.
        confidence: Whether each line of a text begins with its confidence and a tab.
        settings: Name and value of each setting that differs from those of the server.
    """

    format: str = ""
    pages: str = ""
    minimum: float = 0.0
    placeholder: str = PLACEHOLDER
    confidence: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    def applied(self, settings: Settings) -> Settings:
        """The settings of the server with those of this request."""
        changes: dict[str, Any] = dict(self.settings)
        return replace(settings, **changes) if changes else settings


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query.

    Attributes:
        help: What it does.
        names: The values that it may have; empty for any.
        check: Makes its value of the text, or raises ValueError.
        type: Its type in the OpenAPI document.
        field: The field of `Query`; empty for one of `Settings`.
    """

    help: str
    names: tuple[str, ...] = ()
    check: Callable[[str], Any] = str
    type: str = "string"
    field: str = ""


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def _flag(text: str) -> bool:
    return {"true": True, "1": True, "": True, "false": False, "0": False}[text]


def _pages(text: str) -> str:
    parse_pages(text)
    return text


PARAMETERS = {
    "format": Parameter("Output format; by default what Accept asks for, or json.", tuple(FORMATS), field="format"),
    "pages": Parameter("Pages of PDF and TIFF files, as 1-3,7.", check=_pages, field="pages"),
    "threshold": Parameter("Binarization method.", tuple(METHODS)),
    "denoise": Parameter("Denoising filter.", tuple(DENOISERS)),
    "recognizer": Parameter("Read letter by letter, or whole text lines.", tuple(RECOGNIZERS)),
    "language": Parameter("Language model for unclear letters.", tuple(LANGUAGES)),
    "orientation": Parameter("Degrees to turn the photo clockwise.", tuple(ORIENTATIONS)),
    "allow": Parameter("Read only these characters, as 0-9A-Z."),
    "min-confidence": Parameter(
        "Text and Markdown: ? for letters with a lower confidence.", (), _probability, "number", "minimum"
    ),
    "placeholder": Parameter("Text instead of ? for these letters.", field="placeholder"),
    "confidence": Parameter(
        "Text: the confidence of each line and a tab before it.", (), _flag, "boolean", "confidence"
    ),
}
"""All parameters, named as the flags of `ocr read`."""


def parse(pairs: Iterable[tuple[str, str]]) -> Query:
    """Parse the parameters of a request.

    Raises:
        UsageError: If one is unknown, is given twice, or has a wrong value.

    Examples:
        >>> parse([("language", "fr")]).settings
        (('language', 'fr'),)
    """
    fields: dict[str, Any] = {}
    settings: dict[str, str] = {}
    for name, text in pairs:
        if name not in PARAMETERS:
            raise UsageError(f"no parameter {_shown(name)}; {_nearest(name, PARAMETERS)}")
        parameter = PARAMETERS[name]
        held = fields if parameter.field else settings
        key = parameter.field or name
        if key in held:
            raise UsageError(f"{name} is given twice; leave one out")
        held[key] = _value(name, parameter, text)
    return Query(**fields, settings=tuple(sorted(settings.items())))


def _value(name: str, parameter: Parameter, text: str) -> Any:
    if parameter.names and text not in parameter.names:
        raise UsageError(f"{name} is not {_shown(text)}; {_nearest(text, parameter.names)}")
    if len(text) > LONGEST:
        raise UsageError(f"{name} is longer than {LONGEST} characters; shorten it")
    try:
        return parameter.check(text)
    except (ValueError, KeyError) as error:
        wanted = {"number": "a number from 0 to 1", "boolean": "true or false"}[parameter.type]
        raise UsageError(f"{name} is not {_shown(text)}; give {wanted}") from error


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(name, names, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"


def _shown(text: str) -> str:
    return repr(printable(text[:40]))
