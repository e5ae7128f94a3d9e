"""Markdown (CommonMark with GitHub's check boxes and tables): headings by letter size, lists, paragraphs, tables.

Characters of the text that Markdown would take for markup are escaped. Line breaks are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import median
from urllib.parse import quote

from ocrcli.core.page import Line, Page, Table
from ocrcli.core.printable import printable
from ocrcli.formats import Document

HEADINGS = ((1.9, "# "), (1.35, "## "))
"""Smallest letter height of a heading, as a multiple of the page's median, and its marker; the largest first.

Lines of the same letter size measure 0.85 to 1.23."""
FEWEST_LINES = 3
"""Fewest lines from which the usual letter size of a page can be estimated."""

HEIGHTS = {**dict.fromkeys("acemnorsuvwxz", 0.68), **dict.fromkeys("gpqy", 0.95)}
"""Heights of handwritten lowercase letters, in capital heights; all other characters count as capitals."""

_CHECK = re.compile(r"(?:[-*•] ?)?(?:\[ ?([xXvV✓]?) ?\]|☐|([☑✓])) ?(?=\S)")
_BULLET = re.compile(r"[-*•](?: |(?=[^\W\d]))(?=\S)")
_NUMBER = re.compile(r"(0|[1-9]\d{0,2})[.)](?: |(?=[^\W\d]))(?=\S)")
_MARKUP = re.compile(r"[\\`*_\[\]<>&~|$#]")
_STARTS = re.compile(r"^(?=[-+](?:[ +-]|$)|=)|^(\d{1,9})(?=[.)](?: |$))")


@dataclass
class _Block:
    """Consecutive lines of one kind: `kind` is heading, bullet, number, text or table."""

    kind: str
    lines: list[str]
    item: Line | None = None
    indent: str = ""


def to_markdown(documents: Iterable[Document]) -> str:
    """Write all documents as one file; several documents have a heading with their name each.

    A document's front matter is YAML at the top of the file, and a link to its photo follows. Of several documents
    neither is written.
    """
    held = list(documents)
    if len(held) == 1:
        return _front(held[0]) + _page(held[0].page, "")
    return "\n".join(f"# {_escaped(printable(d.name))}\n\n{_page(d.page, '#')}" for d in held)


def _front(document: Document) -> str:
    """The front matter of a note and the link to its photo; empty if there is none."""
    if document.front_matter is None:
        return ""
    # A string of JSON is one of YAML, too, whatever is in it.
    facts = "".join(f"{name}: {json.dumps(value)}\n" for name, value in document.front_matter.items())
    link = f"![]({quote(document.link, safe='/:')})\n\n" if document.link else ""
    return f"---\n{facts}---\n\n{link}"


def letter_size(line: Line) -> float:
    """Capital height of a line in pixels: the median over its letters; 0 if it has none."""
    sizes = [g.box.height / HEIGHTS.get(g.text, 1) for g in line.glyphs if g.text.isalnum()]
    return median(sizes) if sizes else 0


def _page(page: Page, deeper: str) -> str:
    sizes = [letter_size(line) for line in page.lines]
    usual = median(sizes) if len(sizes) >= FEWEST_LINES else 0
    numbering = _Numbering()
    blocks: list[_Block] = []
    for part in _parts(page):
        blocks += [_table(page, part)] if isinstance(part, Table) else _blocks(part, usual, deeper, numbering)
    return "\n".join("".join(f"{line}\n" for line in block.lines) for block in blocks)


def _parts(page: Page) -> Iterator[list[Line] | Table]:
    """The paragraphs without the words in tables, and each table where its first word is."""
    table_of = {place: table for table in page.tables for cell in table.cells for place in cell.words}
    shown: list[Table] = []
    paragraph, lines = 0, list[Line]()
    for number, line in enumerate(page.lines):
        if line.paragraph != paragraph:
            yield lines
            paragraph, lines = line.paragraph, []
        outside = []
        for place, word in enumerate(line.words):
            table = table_of.get((number, place))
            if table is None:
                outside.append(word)
            elif table not in shown:
                yield lines
                shown, lines = [*shown, table], []
                yield table
        if outside:
            lines.append(line if len(outside) == len(line.words) else replace(line, words=tuple(outside)))
    yield lines


def _table(page: Page, table: Table) -> _Block:
    """A table of GitHub's; its first row is the header, as there has to be one."""
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        lines = (_MARKUP.sub(r"\\\g<0>", printable(line)) for line in page.cell_lines(cell))
        rows[cell.row][cell.column] = "<br>".join(lines)
    rows.insert(1, ["---"] * table.columns)
    return _Block("table", [f"| {' | '.join(row)} |" for row in rows])


def _blocks(lines: Iterable[Line], usual: float, deeper: str, numbering: _Numbering) -> list[_Block]:
    blocks: list[_Block] = []
    for line in lines:
        kind, marker, text = _parsed(line, usual, numbering)
        last = blocks[-1] if blocks else None
        if not text:
            continue
        if last and kind == "text" and (last.kind == "text" or _continues(line, last)):
            last.lines[-1] += "\\"  # a hard line break
            last.lines.append(last.indent + text)
        elif last and kind == last.kind != "heading":
            last.lines.append(marker + text)
        else:
            blocks.append(_Block(kind, [(deeper if kind == "heading" else "") + marker + text]))
        if kind in ("bullet", "number"):
            blocks[-1].item, blocks[-1].indent = line, " " * (2 if kind == "bullet" else len(marker))
    return blocks


def _parsed(line: Line, usual: float, numbering: _Numbering) -> tuple[str, str, str]:
    """The kind of a line, its marker in Markdown, and the rest of its text, escaped."""
    text = printable(line.text).strip()
    for times, marker in HEADINGS:
        if usual and letter_size(line) >= times * usual:
            return "heading", marker, _escaped(text)
    if match := _CHECK.match(text):
        return "bullet", f"- [{'x' if match[1] or match[2] else ' '}] ", _escaped(text[match.end() :])
    if match := _BULLET.match(text):
        return "bullet", "- ", _escaped(text[match.end() :])
    if match := _NUMBER.match(text):
        return "number", numbering.marker(int(match[1])), _escaped(text[match.end() :])
    return "text", "", _escaped(text)


def _continues(line: Line, block: _Block) -> bool:
    """Whether a line continues the last item of a list: it starts to the right of the item's marker."""
    return block.item is not None and line.box.left > block.item.glyphs[0].box.right


class _Numbering:
    """Markers of numbered items. Markdown numbers a list itself, so a number out of sequence must start a new list."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._delimiter = "."

    def marker(self, number: int) -> str:
        """The number with a delimiter; the delimiter changes, to start a new list, if the number is out of sequence."""
        if self._last is not None and number != self._last + 1:
            self._delimiter = ")" if self._delimiter == "." else "."
        self._last = number
        return f"{number}{self._delimiter} "


def _escaped(text: str) -> str:
    return _STARTS.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", text))
