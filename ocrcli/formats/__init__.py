"""Ways to write down what was read.

Every format is one module with one function, `to_NAME`, which takes `Document`s and returns text or bytes; `FORMATS`
knows them all and loads a module when it is first written with. Whatever comes from outside, names of images and
recognised text alike, is data in all of them: it never becomes markup or control characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ocrcli.core.extras import import_extra
from ocrcli.core.page import Page

if TYPE_CHECKING:
    from PIL import Image

    from ocrcli.sources import Source


@dataclass(frozen=True, slots=True)
class Document:
    """One photo that was read.

    Attributes:
        name: What the image is called; any characters, also such as no file or terminal could hold.
        page: What was read on it.
        picture: The photo itself, RGB, `page.width` x `page.height`, upright and turned by `page.turned` degrees: the
            picture that the boxes are in. None where the format does not need it.
    """

    name: str
    page: Page
    picture: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write documents down.

    Attributes:
        name: What `--format` calls it.
        suffix: Ending of its files, with the dot.
        title: What it is, in a few words, for help texts.
        binary: Whether `write` gives bytes; text otherwise.
        needs_picture: Whether documents need their `picture`.
        one_page: Whether a file holds one document alone; several make several files.
        streams: Whether one of several documents can be written when it is there, by `part`.
        needs: An optional module that it needs, a key of `ocrcli.core.extras.PACKAGES`; empty if none.
    """

    name: str
    suffix: str
    title: str
    binary: bool = False
    needs_picture: bool = False
    one_page: bool = False
    streams: bool = False
    needs: str = ""

    def check(self) -> None:
        """Find out, before any work is done, whether it can be written here.

        Raises:
            MissingExtraError: If not.
        """
        if self.needs:
            import_extra(self.needs, f"to write {self.name.upper()} files")

    def write(self, documents: Iterable[Document]) -> str | bytes:
        """The whole file; text ends with a newline, and is to be encoded as UTF-8.

        Args:
            documents: In the order wanted. They are taken one after the other and not kept, so that a generator need
                not hold all pictures at once.

        Raises:
            UsageError: If a package is missing that this format needs, or `one_page` and there is not just one.
        """
        written: str | bytes = getattr(self._module, f"to_{self.name}")(documents)
        return written

    def part(self, document: Document, number: int) -> str:
        """What one of several documents adds to the file; of formats that stream.

        Args:
            document: The document.
            number: Which one it is, from 1.
        """
        written: str = self._module.part(document, number)
        return written

    @property
    def _module(self) -> Any:
        return import_module(f"{__name__}.{self.name}")


def document(format: Format, source: Source, page: Page) -> Document:
    """A page as a format takes it: with its photo, if it needs that.

    Raises:
        InputError: If the photo cannot be loaded again.
    """
    return Document(source.name, page, _picture(source, page) if format.needs_picture else None)


def encoded(written: str | bytes) -> bytes:
    """What a format wrote, as it goes into a file."""
    return written if isinstance(written, bytes) else written.encode("utf-8", "backslashreplace")


def _picture(source: Source, page: Page) -> Image.Image:
    """The whole photo, turned as the page is."""
    from PIL import Image

    from ocrcli.sources import turned

    return Image.fromarray(turned(source.colour(max(page.width, page.height)), page.turned))


FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("text", ".txt", "the text alone", streams=True),
        Format("json", ".json", "page, lines, words, letters"),
        Format("jsonl", ".jsonl", "JSON, one page a line", streams=True),
        Format("tsv", ".tsv", "tesseract's table", streams=True),
        Format("hocr", ".hocr", "hOCR 1.2"),
        Format("alto", ".alto.xml", "ALTO 4", one_page=True),
        Format("page", ".page.xml", "PAGE 2019", one_page=True),
        Format("markdown", ".md", "headings, lists, check boxes"),
        Format("html", ".html", "a report to proof-read in a browser", needs_picture=True),
        Format("pdf", ".pdf", "the photos, searchable", binary=True, needs_picture=True, needs="fpdf"),
    )
}
"""All formats by name."""
