"""Samples for the line reader: which kind of row is drawn how often, and how each is put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.recipe.drawing.accents import DOT, accented, split
from models.recipe.drawing.signs import digit_of, draw_sign
from models.recipe.drawing.text_lines import MILD, WILD, Part, lay_out, render
from models.recipe.handwriting.words import CIRCLED, INDEX, SIGNS, InkItem, PhotoItem
from models.recipe.lines import texts
from models.recipe.lines.font_rows import FontRows
from models.recipe.lines.sources import Sources
from models.recipe.training.shards import Packed
from ocrcli.language.model import plain

ACCENTED = 0.7
"""Share of the accents that are written; the rest of the letters stay without, and so does the text."""

FRENCH = 0.3
"""Share of the rows of characters whose words are those of the scanned rows."""

DOTTED = 0.1
"""Share of the hands that put a dot over capital I."""

SHARES = {
    "word": 0.177, "row": 0.119, "signed row": 0.062, "characters": 0.116, "photo": 0.093, "photo row": 0.07,
    "scanned row": 0.054, "archive row": 0.063, "name": 0.019, "composed row": 0.097, "font row": 0.13,
}  # fmt: skip
"""Sampling weights of the kinds of rows. Where there are no line images out of drawn pages
(`models.recipe.lines.composed`), or no fonts, the others take their share."""

COMPOSED, FONT = "composed row", "font row"


class LineSampler:
    """Draws samples.

    Args:
        sources: What to draw.
        composed: Line images out of drawn pages.
        fonts: Draws rows of handwriting fonts.
    """

    def __init__(self, sources: Sources, composed: Sequence[Packed] = (), fonts: FontRows | None = None) -> None:
        self.sources, self.composed, self.fonts = sources, composed, fonts
        missing = {kind for kind, there in ((COMPOSED, composed), (FONT, fonts)) if not there}
        shares = {kind: share for kind, share in SHARES.items() if kind not in missing}
        self.shares = {kind: share / sum(shares.values()) for kind, share in shares.items()}
        self.by_writer: dict[int, list[InkItem]] = defaultdict(list)
        self.words = [item for item in sources.words if " " not in item.text]
        for item in self.words:
            self.by_writer[item.writer].append(item)
        self.photos_of: dict[str, list[PhotoItem]] = defaultdict(list)
        for photo in sources.photos:
            self.photos_of[photo.writer].append(photo)
        self.characters: dict[str, list[InkItem]] = defaultdict(list)
        own: dict[int, dict[str, list[InkItem]]] = defaultdict(lambda: defaultdict(list))
        for item in sources.characters:
            if len(item.text) == 1:
                self.characters[item.text].append(item)
                own[item.writer][item.text].append(item)
        self.hands = [dict(hand) for hand in own.values() if len(hand) > 20]
        signs = {sign for sign, found in self.characters.items() if found}
        self.drawn = {sign for sign in SIGNS if sign not in CIRCLED or digit_of(sign) in signs}
        signs |= {"w", " ", *self.drawn}
        self.patterns = [p for p in texts.SIGNED if {*p.replace("9", "0123456789")} <= signs]
        vocabularies = [[w for item in kind for w in item.text.split()] for kind in (sources.words, sources.rows)]
        self.vocabularies = [words for words in vocabularies if words]

    def sample(self, rng: np.random.Generator, wild: float) -> tuple[NDArray[np.uint8], str]:
        """One line image and its text; ``wild`` is the share of the line images that vary strongly."""
        kind = list(self.shares)[int(rng.choice(len(self.shares), p=list(self.shares.values())))]
        if kind == COMPOSED:  # it has been photographed
            return self.composed[int(rng.integers(len(self.composed)))].sample()
        parts, text = getattr(self, "_" + kind.replace(" ", "_"))(rng)
        return render(parts, WILD if rng.random() < wild else MILD, rng), text

    def letters(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str]:
        """A line image of single letters by one hand, which does not vary strongly, and its text."""
        parts, text = self._characters(rng)
        return render(parts, MILD, rng), text

    def _word(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        item = self._written(rng)
        return lay_out([item], [0.0], rng), item.text

    def _written(self, rng: np.random.Generator) -> InkItem:
        """A word of pen ink, or a text of several."""
        return self.sources.words[rng.integers(len(self.sources.words))]

    def _row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        first = self._written(rng)
        if " " in first.text:
            return lay_out([first], [0.0], rng), first.text
        own = self.by_writer[first.writer]
        items = [first] + [own[rng.integers(len(own))] for _ in range(int(rng.integers(1, 5)))]
        return self._spaced(items, rng)

    def _signed_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        """Words of one writer, joined or not, with signs and digits of one hand, mostly another, between them."""
        first = self.words[rng.integers(len(self.words))]
        own, hand = self.by_writer[first.writer], self.hands[rng.integers(len(self.hands))]
        pattern = " ".join(rng.choice(self.patterns, int(rng.integers(1, 3))))
        tight, loose = rng.uniform(0.02, 0.2), rng.uniform(0.3, 0.9)
        items: list[InkItem | PhotoItem] = []
        gaps: list[float] = []
        text = ""
        for sign in pattern:
            if sign == " ":
                gaps[-1] += float(loose * np.exp(rng.normal(0, 0.25)))
                text += " "
                continue
            character = str(rng.integers(10)) if sign == "9" else sign
            found = own if sign == "w" else self._by(hand, character, rng)
            items.append(found[rng.integers(len(found))])
            gaps.append(float(tight))
            text += items[-1].text
        return lay_out(items, gaps, rng), text

    def _spaced(self, items: list[Any], rng: np.random.Generator) -> tuple[list[Part], str]:
        usual = rng.uniform(0.3, 0.9)
        gaps = [float(usual * np.exp(rng.normal(0, 0.25))) for _ in items]
        return lay_out(items, gaps, rng), " ".join(item.text for item in items)

    def _characters(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        # Pen ink is mostly English, and has thirty times the words that scanned rows have.
        words = self.vocabularies[-1 if rng.random() < FRENCH else 0]
        made = texts.make_text(words, rng)
        spelt = "".join(c if c in INDEX and rng.random() < ACCENTED else plain(c) for c in made)
        known = (c for c in spelt if c == " " or c in self.drawn or self.characters[split(c)[0]])
        text = " ".join("".join(known).split()) or "A"
        hand = self.hands[rng.integers(len(self.hands))]
        dotted = rng.random() < DOTTED
        tight, loose = rng.uniform(0.0, 0.35), rng.uniform(0.35, 1.1)
        items: list[InkItem | PhotoItem] = []
        gaps: list[float] = []
        for character in text:
            if character == " ":
                gaps[-1] += loose
                continue
            base, accent = ("I", DOT) if dotted and character == "I" else split(character)
            found = self._by(hand, base, rng)
            letter = found[rng.integers(len(found))]
            items.append(accented(letter, accent, rng) if accent else letter)
            gaps.append(float(tight + rng.normal(0, 0.05)))
        return lay_out(items, gaps, rng), text

    def _by(self, hand: dict[str, list[InkItem]], character: str, rng: np.random.Generator) -> list[InkItem]:
        """A character by a hand, by others where the hand has it not, or drawn where nobody has."""
        if character not in self.drawn:
            return hand.get(character) or self.characters[character]
        digit = digit_of(character)
        return [draw_sign(character, hand.get(digit) or self.characters[digit], rng)]

    def _photo(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        item = self.sources.photos[rng.integers(len(self.sources.photos))]
        return lay_out([item], [0.0], rng), item.text

    def _photo_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        first = self.sources.photos[rng.integers(len(self.sources.photos))]
        own = self.photos_of[first.writer]
        return self._spaced([first] + [own[rng.integers(len(own))] for _ in range(int(rng.integers(1, 4)))], rng)

    def _scanned_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        return self._one_of(self.sources.rows, rng)

    def _archive_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        return self._one_of(self.sources.archives, rng)

    def _name(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        return self._one_of(self.sources.names, rng)

    def _font_row(self, rng: np.random.Generator) -> tuple[list[Part], str]:
        assert self.fonts is not None
        return self.fonts.sample(rng)

    def _one_of(self, items: list[PhotoItem], rng: np.random.Generator) -> tuple[list[Part], str]:
        item = items[rng.integers(len(items))]
        return lay_out([item], [0.0], rng), item.text
