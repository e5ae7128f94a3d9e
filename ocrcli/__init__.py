"""ocrcli reads photographed handwritten notes, offline, with a confidence for every letter.

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
"""What needs numpy and more: imported when it is first asked for, so that `import ocrcli` stays light."""


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

    Loads the model each time; for many photos make one `Reader` and keep it.

    Args:
        image: A path, the bytes of an image file or a binary stream of them, an image of Pillow's, a `Source`, or an
            array: (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, uint8, uint16, bool, or float from 0 to 1. Of a file
            with several pages the first is read; `expand` makes a `Source` of each.
        settings: How to read; the defaults decide by themselves.

    Raises:
        InputError: If it cannot be read, or nothing is written on it.
        MissingExtraError: If its format needs a package that is not installed.
        ModelError: If the model or the device cannot be used.
        UsageError: If a setting names nothing known.
        TypeError: If it is nothing that can be a photo.
    """
    from ocrcli.pipeline.reading import Reader

    return Reader(settings).read(image)
