"""OCR for photographed handwritten notes, offline, with a calibrated confidence for every letter.

>>> import ocrcli
>>> page = ocrcli.read("examples/shopping_list.jpg")  # doctest: +SKIP
>>> print(page.text)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ocrcli.core.errors import InputError, OcrError
from ocrcli.core.page import Box, Glyph, Line, Page, Word
from ocrcli.core.settings import Settings

if TYPE_CHECKING:
    __version__: str
    from ocrcli.evaluation.measure import Evaluation, evaluate
    from ocrcli.pipeline.many import Result, read_many
    from ocrcli.pipeline.reading import Reader
    from ocrcli.sources import Picture, Source, expand

__all__ = [
    "Box",
    "Evaluation",
    "Glyph",
    "InputError",
    "Line",
    "OcrError",
    "Page",
    "Reader",
    "Result",
    "Settings",
    "Source",
    "Word",
    "__version__",
    "evaluate",
    "expand",
    "read",
    "read_many",
]

_LATER = {
    "Evaluation": "ocrcli.evaluation.measure",
    "Reader": "ocrcli.pipeline.reading",
    "Result": "ocrcli.pipeline.many",
    "Source": "ocrcli.sources",
    "evaluate": "ocrcli.evaluation.measure",
    "expand": "ocrcli.sources",
    "read_many": "ocrcli.pipeline.many",
}
"""Name -> module. These need numpy and more, so they are imported on first use, and `import ocrcli` stays fast."""


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("ocrcli")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def read(image: Picture, settings: Settings | None = None) -> Page:
    """Read one photo.

    It loads the models each time; for many photos, make one `Reader` and keep it.

    Args:
        image: A path, the bytes of an image file, a binary stream, a Pillow image, a `Source`, or an array: (h, w)
            grey, (h, w, 3) RGB or (h, w, 4) RGBA, uint8, uint16, bool, or float from 0 to 1. Only the first page of a
            file is read; `expand` makes a `Source` for each page.
        settings: How to read.

    Raises:
        InputError: If it cannot be read, or has no writing.
        MissingExtraError: If its format needs a package that is not installed.
        ModelError: If a model or the device cannot be used.
        UsageError: If a setting is not valid.
        TypeError: If `image` is of another type.

    Examples:
        >>> read("examples/shopping_list.jpg").lines[0].text  # doctest: +SKIP
        'SHOPPING'
    """
    from ocrcli.pipeline.reading import Reader

    return Reader(settings).read(image)
