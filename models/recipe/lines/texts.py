"""Texts that notes hold and word lists do not: capitals, prices, times, telephone numbers, codes, variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Rng = np.random.Generator

SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_{|}~"
OPERATORS = (
    "=", "==", "+", "-", "*", "/", "<", ">", "+=", "!=", "<=", ">=", "->", "%", "&&", "||", "→", "←", "≤", "≥", "÷",
)  # fmt: skip
FORMATS = (
    "9.99",
    "$9.99",
    "99:99",
    "9/9/99",
    "99-99-99",
    "999-9999",
    "(999) 999-9999",
    "9,999",
    "99%",
    "#9",
    "9.",
    "9)",
    "9,99 €",
    "9 €",
    "£9.99",
    "99°",
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 36

LIST_MARKS = (
    "- ", "- ", "* ", "1. ", "2) ", "+ ", "[ ] ", "[x] ", "# ", "• ", "• ", "→ ", "☐ ", "☑ ", "✓ ", "① ", "④ ", "⑤ ",
    "⑥ ", "⑦ ", "⑧ ", "⑨ ",
)  # fmt: skip
"""What the lines of a list begin with."""

SIGNED = (
    "w_w", "w_w", "w_w_w", "w(w)", "w()", "w(w, w)", "w.w(w)", "w_w(w_w):", "w[w]", "w[9]", "(w)", "[w, w]",
    '"w"', '"w w"', "'w'", "'w', 'w'", "w = w", "w = 9", "w = 'w'", "w == w", "w += 9", "w - w", "w + w", "w:", "w w:",
    "w;", "w, w", "w, w,", "w.", "w w.", "w?", "w!", "w-w", "w/w", "- w", "- w w", "* w", "9. w", "9) w w", "w: 9",
    "w 99", "w $9.99", "w & w", "#w", "# w", "w -> w", "99% w", "w's", "__w__", "w @ 9:99",
    "• w", "• w w", "• w: 9", "→ w", "→ w w", "w → w", "w ← w", "w ← 9", "w ≤ 9", "w ≥ w", "☐ w", "☐ w w",
    "☑ w", "☑ w w", "✓ w", "w ✓", "o w", "o w w", "① w", "② w w", "③ w", "9 €", "w 9,99 €", "w £9",
)  # fmt: skip
"""Rows of words with signs between: `w` is any word of the hand, `9` any digit."""


def make_text(words: Sequence[str], rng: Rng) -> str:
    """One row of text.

    Args:
        words: To take words from.
        rng: Source of chance.
    """
    chosen = _KINDS[int(rng.choice(len(_KINDS), p=_CHANCES))]
    return " ".join(chosen(words, rng)[:LONGEST].split()) or "A"


def _pick(words: Sequence[str], rng: Rng) -> str:
    return words[int(rng.integers(len(words)))]


def _capitals(words: Sequence[str], rng: Rng) -> str:
    return " ".join(_pick(words, rng) for _ in range(int(rng.integers(1, 4)))).upper()


def _mixed(words: Sequence[str], rng: Rng) -> str:
    return " ".join(_pick(words, rng) for _ in range(int(rng.integers(1, 4))))


def _number(_words: Sequence[str], rng: Rng) -> str:
    pattern = FORMATS[int(rng.integers(len(FORMATS)))] if rng.random() < 0.6 else "9" * int(rng.integers(1, 9))
    return "".join(str(int(rng.integers(10))) if c == "9" else c for c in pattern)


def _listed(words: Sequence[str], rng: Rng) -> str:
    mark = LIST_MARKS[int(rng.integers(len(LIST_MARKS)))]
    text = mark + (_capitals if rng.random() < 0.4 else _mixed)(words, rng)
    return text + (" " + _number(words, rng) if rng.random() < 0.4 else "")


def _name(words: Sequence[str], rng: Rng) -> str:
    parts = ["".join(c for c in _pick(words, rng) if c.isalpha() and c.isascii()).lower() for _ in range(2)]
    joined = "_".join(p for p in parts if p) if rng.random() < 0.5 else parts[0] + parts[1].capitalize()
    return (joined if rng.random() < 0.5 else parts[0]) or "x"


def _program(words: Sequence[str], rng: Rng) -> str:
    u = rng.random()
    value = str(int(rng.integers(100))) if rng.random() < 0.4 else _name(words, rng)
    if u < 0.35:
        return f"{_name(words, rng)} {OPERATORS[int(rng.integers(len(OPERATORS)))]} {value}" + ";" * (
            rng.random() < 0.4
        )
    if u < 0.6:
        return f"{_name(words, rng)}({value})" + (";" if rng.random() < 0.3 else ":" if rng.random() < 0.3 else "")
    if u < 0.75:
        return f"{('if', 'for', 'while', 'return', 'print', 'def', 'else')[int(rng.integers(7))]} {value}:"
    if u < 0.87:
        return f"{_name(words, rng)} = [{', '.join(_value(words, rng) for _ in range(int(rng.integers(2, 6))))}]"
    return f"{_name(words, rng)}[{value}] = {_value(words, rng)}"


def _value(words: Sequence[str], rng: Rng) -> str:
    """A number, a letter or a word in quotes, or a name."""
    u, quote = rng.random(), "'\""[int(rng.integers(2))]
    if u < 0.35:
        return str(int(rng.integers(100)))
    if u < 0.6:
        return quote + LETTERS[int(rng.integers(26))].lower() + quote
    return f"{quote}{_pick(words, rng)}{quote}" if u < 0.8 else _name(words, rng)


def _noise(_words: Sequence[str], rng: Rng) -> str:
    pool = (LETTERS, LETTERS + "0123456789", LETTERS + LETTERS.lower() + "0123456789" + SIGNS)[int(rng.integers(3))]
    return "".join(pool[int(rng.integers(len(pool)))] for _ in range(int(rng.integers(1, 10))))


_KINDS: tuple[Callable[[Sequence[str], Rng], str], ...] = (
    _capitals, _mixed, _number, _listed, _program, _noise,
)  # fmt: skip
_CHANCES = (0.35, 0.18, 0.14, 0.1, 0.13, 0.1)
