"""Markdown: what a reader of CommonMark makes of it says what was written, and is what was meant."""

from __future__ import annotations

import pages
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ocrcli.core.page import Page
from ocrcli.formats import Document
from ocrcli.formats.markdown import letter_size, to_markdown

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def written(text: str) -> str:
    return to_markdown([Document("a.jpg", pages.page(text))])


def blocks(markdown: str) -> list[str]:
    """What opens, with its text: `h1 TEXT`, `p TEXT`, `ul`, `ol START`, `li`."""
    found: list[str] = []
    for token in READER.parse(markdown):
        if token.type == "inline":
            assert {child.type for child in token.children or []} <= {"text", "hardbreak"}, markdown
            found[-1] += " " + "".join("|" if c.type == "hardbreak" else c.content for c in token.children or [])
        elif token.nesting == 1:
            found.append(token.tag + (f" {token.attrs.get('start', 1)}" if token.tag == "ol" else ""))
        else:
            assert token.nesting == -1, token  # rules, code and HTML stand alone
    return found


def test_paragraphs_and_lines() -> None:
    assert blocks(written("one\ntwo\n\nthree")) == ["p one|two", "p three"]
    assert written("one\ntwo\n\nthree") == "one\\\ntwo\n\nthree\n"


def test_bullets_become_a_list() -> None:
    assert written("TO BUY\n- milk\n* bread\n• tea\n-salt\nand more") == (
        "TO BUY\n\n- milk\n- bread\n- tea\n- salt\n\nand more\n"
    )


def test_boxes_and_ticks_are_check_boxes() -> None:
    assert written("☐ milk\n☑ bread\n✓ tea\n- ☐ oats\n[✓] salt\n• eggs") == (
        "- [ ] milk\n- [x] bread\n- [x] tea\n- [ ] oats\n- [x] salt\n- eggs\n"
    )


def test_check_boxes() -> None:
    assert written("[ ] milk\n[x] bread\n[X] tea\n[] salt\n- [ ] oats") == (
        "- [ ] milk\n- [x] bread\n- [x] tea\n- [ ] salt\n- [ ] oats\n"
    )


def test_numbers_become_a_list() -> None:
    assert written("1. milk\n2) bread\n3.tea") == "1. milk\n2. bread\n3. tea\n"


def test_a_number_out_of_turn_is_kept() -> None:
    text = written("1. milk\n3. bread\n4. tea\n\n1. oats")
    assert [block for block in blocks(text) if block[0] == "o"] == ["ol 1", "ol 3", "ol 1"]


@pytest.mark.parametrize(
    "text", ["-5 degrees", "12.50 for milk", "1.5 litres", "-", "*", "1.", "--", "2 eggs", "(1) x"]
)
def test_what_only_looks_like_a_list_is_text(text: str) -> None:
    assert blocks(written(text)) == [f"p {text}"]


def test_an_item_goes_on_where_the_next_line_is_indented() -> None:
    first, more = pages.line("- milk and", 50, 100), pages.line("oats", 100, 170)
    text = to_markdown([Document("a", Page((first, more, pages.line("rest", 50, 240)), 900, 900))])
    assert text == "- milk and\\\n  oats\n\nrest\n"
    assert blocks(text) == ["ul", "li", "p milk and|oats", "p rest"]


def test_headings_are_written_larger() -> None:
    rows = (
        ("Great Title", 2.2),
        ("a part", 1.5),
        ("some words", 1),
        ("more words", 1),
        ("and more", 1.15),
        ("the end", 1),
    )
    lines = [pages.line(text, top=100 + 120 * i, size=size) for i, (text, size) in enumerate(rows)]
    text = to_markdown([Document("a", Page(tuple(lines), 1200, 1200))])
    assert blocks(text) == ["h1 Great Title", "h2 a part", "p some words|more words|and more|the end"]


def test_capitals_are_no_larger_than_small_letters() -> None:
    assert letter_size(pages.line("CAPITALS")) == pages.HEIGHT
    assert letter_size(pages.line("vowels")) == pytest.approx(pages.HEIGHT, abs=1)
    assert letter_size(pages.line("...")) == 0
    assert blocks(written("CAPITALS\nsea\nsome\nnouns")) == ["p CAPITALS|sea|some|nouns"]


def test_two_lines_are_no_scale() -> None:
    lines = (pages.line("Large", size=3), pages.line("small", top=300))
    assert blocks(to_markdown([Document("a", Page(lines, 900, 900))])) == ["p Large|small"]


def test_several_documents_have_headings() -> None:
    rows = ("Title", 2.2), ("some", 1), ("more", 1), ("words", 1)
    page = Page(tuple(pages.line(t, top=100 + 120 * i, size=s) for i, (t, s) in enumerate(rows)), 900, 900)
    text = to_markdown([Document("a_b.jpg", page), Document("<b>\n", pages.page("x"))])
    assert blocks(text) == ["h1 a_b.jpg", "h2 Title", "p some|more|words", "h1 <b>\\n", "p x"]


def test_nothing() -> None:
    assert to_markdown([]) == to_markdown([Document("a", Page((), 9, 9))]) == ""


MARKUP = st.sampled_from("#-+*_`~[]()<>!&;|=:.1 x\\$^\"'{}/") | pages.LABELS


@settings(max_examples=settings().max_examples * 6)
@given(st.lists(st.text(MARKUP, min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=3))
@example(["Foo", "==="])
@example(["Foo", "---"])
@example(["a # b #", "# c", "1234567. x", "    code"])
@example(["[a]: /url", "[a]", "![b](c)", "<script>", "&copy;", "http://x.y", "```", "~~~", "a | b", "- | -"])
def test_text_is_never_markup(rows: list[str]) -> None:
    lines = tuple(pages.line(f"word {row}", top=100 + 70 * i) for i, row in enumerate(rows))
    starts = tuple(pages.line(row, top=400 + 70 * i, paragraph=1 + i) for i, row in enumerate(rows))
    for line in (*lines, *starts):
        (*_, text) = blocks(to_markdown([Document("a", Page((line,), 900, 900))]))
        assert line.text.replace(" ", "").endswith(
            text.split(" ", 1)[1].replace(" ", "").removeprefix("[]").removeprefix("[x]")
        )
    assert blocks(to_markdown([Document("a", Page(lines, 900, 900))])) == ["p " + "|".join(x.text for x in lines)]


@settings(max_examples=settings().max_examples * 2)
@given(pages.NAMES, pages.pages(pages.ANY), pages.pages(MARKUP))
def test_any_page_is_blocks_of_text(name: str, first: Page, second: Page) -> None:
    found = blocks(to_markdown([Document(name, first), Document(name, second)]))
    assert sum(block[:2] == "h1" for block in found) >= 2


def test_a_table_stands_where_its_words_are() -> None:
    page = pages.with_table(pages.page("A|B 2\n*C 3\nAFTER"), 2, 2)
    lines = to_markdown([Document("a.jpg", page)]).splitlines()
    assert lines == ["| A\\|B | 2 |", "| --- | --- |", "| \\*C | 3 |", "", "AFTER"]
    tokens = [t.content for t in READER.parse("\n".join(lines)) if t.type == "inline"]
    assert tokens[1:] == ["2", "\\*C", "3", "AFTER"]


def test_front_matter_is_yaml_and_quoted() -> None:
    facts = {"source": 'in/a "b": c.jpg', "confidence": 0.9}
    document = Document("a.jpg", pages.page("MILK"), front_matter=facts, link="../a (1) b.jpg")
    head, rest = to_markdown([document]).split("---\n\n")
    assert head == '---\nsource: "in/a \\"b\\": c.jpg"\nconfidence: 0.9\n'
    assert rest == "![](../a%20%281%29%20b.jpg)\n\nMILK\n"
