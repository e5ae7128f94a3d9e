"""HTML report of an evaluation: charts, confusions, calibration, and the worst lines with their crops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from ocrcli.core.page import Box, Page
from ocrcli.evaluation.calibration import Answer, answers, bins, calibration_error
from ocrcli.evaluation.charts import bar, heat_table, reliability_chart
from ocrcli.evaluation.measure import Measured
from ocrcli.evaluation.scoring import LineDiff, located_diffs, pool
from ocrcli.web import node, picture_uri, short_names, web_page

if TYPE_CHECKING:
    from PIL import Image

STYLE_SHEETS = ("common.css", "evaluation.css")
WORST = 20
"""Number of worst lines that are shown."""
CROP = 1000
"""Longest side of a crop in pixels; larger crops are downscaled."""
CHARACTERS = 14
"""Largest number of rows and of columns of the confusion table."""

NAMES = {"": "nothing", " ": "space"}


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line with errors.

    Attributes:
        file: Index of its image.
        diff: The written line and the line that was read.
        box: Its box on the photo; None if the line was not found.
    """

    file: int
    diff: LineDiff
    box: Box | None

    @property
    def edits(self) -> int:
        """Number of wrong characters."""
        return self.diff.marks.count("^")


def evaluation_report(
    measured: Sequence[Measured],
    photo: Callable[[Measured], Image.Image | None],
    failures: Sequence[str] = (),
    *,
    spaces: bool = True,
) -> str:
    """Make the report.

    Args:
        measured: The images with their results; at least one.
        photo: Function that returns the photo of an image, at any scale, turned like its page; None if it is gone.
        failures: Names of images that could not be measured.
        spaces: Whether white space counts.

    Returns:
        The HTML file.
    """
    names = short_names([m.name for m in measured])
    given = [answer for m in measured if m.page for answer in answers(m.page, m.truth, spaces=spaces)]
    confusions: Counter[tuple[str, str]] = sum((m.confusions for m in measured), start=Counter())
    lines = worst_lines(measured, WORST, spaces=spaces)
    crops = _crops(lines, measured, photo)
    title = f"How well {names[0]} was read" if len(measured) == 1 else f"How well {len(measured)} images were read"
    header = node(
        "header",
        node("h1", title),
        _tiles(measured, given),
        node("p", f"Not measured: {', '.join(failures)}", class_="missing") if failures else None,
    )
    main = node(
        "main",
        _files(measured, names),
        node("div", _confusions(confusions), _reliability(given), class_="pair"),
        _worst(lines, crops, names),
    )
    return web_page(f"{title} - ocr eval", [header, main], STYLE_SHEETS)


def worst_lines(measured: Sequence[Measured], count: int, *, spaces: bool = True) -> list[WrongLine]:
    """The `count` lines with the most wrong characters, the worst first."""
    wrong = [
        WrongLine(number, diff, None if row is None or m.page is None else m.page.lines[row].box)
        for number, m in enumerate(measured)
        for diff, row in located_diffs(m.truth, _rows(m.page), spaces=spaces)
    ]
    return sorted(wrong, key=lambda line: -line.edits)[:count]


def common_characters(confusions: Counter[tuple[str, str]], count: int) -> tuple[list[str], list[str]]:
    """The written and the read characters of the most frequent confusions, at most `count` of each, both sorted."""
    written: set[str] = set()
    read: set[str] = set()
    for (above, below), _ in sorted(confusions.items(), key=lambda item: (-item[1], item[0])):
        if len(written | {above}) <= count and len(read | {below}) <= count:
            written.add(above)
            read.add(below)
    return sorted(written), sorted(read)


def _rows(page: Page | None) -> list[str]:
    return [line.text for line in page.lines] if page else []


def _tiles(measured: Sequence[Measured], given: Sequence[Answer]) -> Element:
    pooled = pool(m.score for m in measured)
    has_words = pooled.words.length or pooled.words.edits
    words = f"{pooled.words.edits} of {pooled.words.length} words wrong"
    figures = [
        ("Letter accuracy", f"{pooled.letter_accuracy:.4f}", "A\u2013Z and 0\u20139, ignoring case"),
        ("CER", f"{pooled.cer:.4f}", f"{pooled.characters.edits} of {pooled.characters.length} characters wrong"),
        ("WER", f"{pooled.wer:.4f}", words) if has_words else None,
        ("Calibration error", f"{calibration_error(bins(given)):.4f}", "how far confidences are off, on average"),
    ]
    tiles = (
        node("div", node("dt", name), node("dd", node("strong", value), node("span", note)))
        for name, value, note in filter(None, figures)
    )
    return node("dl", *tiles, class_="tiles")


def _files(measured: Sequence[Measured], names: Sequence[str]) -> Element:
    largest = max(m.cer for m in measured) or 1
    order = sorted(range(len(measured)), key=lambda number: -measured[number].cer)
    rows = [
        node(
            "tr",
            node("th", names[number], scope="row"),
            node("td", bar(m.cer / largest), class_="bar"),
            node("td", f"{m.cer:.4f}"),
            node("td", f"{m.letter_accuracy:.4f}"),
            node("td", f"{m.wer:.4f}" if m.score.words.length or m.score.words.edits else "\u2013"),
            node("td", str(m.score.characters.length)),
        )
        for number, m in ((number, measured[number]) for number in order)
    ]
    titles = ("Image", "", "CER", "Letter accuracy", "WER", "Characters")
    head = node("tr", *(node("th", title, scope="col") if title else node("td") for title in titles))
    table = node("table", node("thead", head), node("tbody", *rows), class_="files")
    return _section("Character error rate of each image", "The worst first; 0 is perfect.", _scrolling("Images", table))


def _confusions(confusions: Counter[tuple[str, str]]) -> Element:
    written, read = common_characters(confusions, CHARACTERS)
    if not written:
        return _section("Confusions", "There are none.")
    shown = heat_table(
        [NAMES.get(character, character) for character in written],
        [NAMES.get(character, character) for character in read],
        [[confusions[above, below] for below in read] for above in written],
        ("written", "read as"),
    )
    held = sum(confusions[above, below] for above in written for below in read)
    note = f"What was read for what, of the most frequent: {held} of {confusions.total()} wrong characters."
    return _section("Confusions", note, _scrolling("Confusions", shown))


def _reliability(given: Sequence[Answer]) -> Element:
    gathered = bins(given)
    note = (
        f"{len(given)} letters by their confidence, and the share of them that is right. On the line, a confidence"
        " means what it says; below it, letters are less often right than they claim. Larger circles stand for more"
        " letters; the bars hold 95 % intervals."
    )
    return _section("Reliability", note, *([reliability_chart(gathered)] if gathered else []))


def _worst(lines: Sequence[WrongLine], crops: Sequence[Element], names: Sequence[str]) -> Element:
    items = [
        node(
            "li",
            crop,
            _scrolling(
                "Written and read",
                _row("written", line.diff.reference, line.diff.marks),
                _row("read", line.diff.hypothesis, line.diff.marks),
            ),
            node("p", f"{names[line.file]}: {line.edits} wrong", class_="from"),
        )
        for line, crop in zip(lines, crops, strict=True)
    ]
    if not items:
        return _section("Worst lines", "Every line was read as it is written.")
    return _section("Worst lines", "The most wrong characters first.", node("ol", *items, class_="worst"))


def _row(name: str, text: str, marks: str) -> Element:
    """A row of text with its wrong characters highlighted."""
    parts: list[Element | str] = [node("b", name)]
    for character, mark in zip(text, marks, strict=True):
        parts.append(node("mark", character) if mark == "^" else character)
    return node("p", *parts, class_="row")


def _crops(
    lines: Sequence[WrongLine], measured: Sequence[Measured], photo: Callable[[Measured], Image.Image | None]
) -> list[Element]:
    """A crop of each line, or a note if there is none. Only one photo at a time is in memory."""
    made: dict[int, Element] = {}
    for file in sorted({line.file for line in lines}):
        here = [number for number, line in enumerate(lines) if line.file == file]
        page = measured[file].page
        picture = photo(measured[file]) if page and any(lines[number].box for number in here) else None
        for number in here:
            box = lines[number].box
            if page and picture and box:
                made[number] = _crop(picture, page, box)
            else:
                reason = "The photo is not there any more." if box else "No line was found here."
                made[number] = node("p", reason, class_="no-crop")
    return [made[number] for number in range(len(lines))]


def _crop(picture: Image.Image, page: Page, box: Box) -> Element:
    scale, margin = picture.width / page.width, box.height / 4
    left, top = max(0, round((box.left - margin) * scale)), max(0, round((box.top - margin) * scale))
    right = max(left + 1, min(picture.width, round((box.right + margin) * scale)))
    bottom = max(top + 1, min(picture.height, round((box.bottom + margin) * scale)))
    uri, (width, height) = picture_uri(picture.crop((left, top, right, bottom)), CROP)
    return node("img", src=uri, alt="The line on the photo", width=str(width), height=str(height))


def _section(title: str, note: str, *content: Element) -> Element:
    return node("section", node("h2", title), node("p", note, class_="note"), *content)


def _scrolling(name: str, *content: Element) -> Element:
    """A container for content wider than a small screen, which the keyboard can scroll."""
    return node("div", *content, class_="scrolling", tabindex="0", role="group", aria_label=name)
