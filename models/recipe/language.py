"""``python -m models.recipe.language``: make ``models/en.npz`` and ``models/fr.npz`` again: what is known of English
and French.

English words and their frequencies are those of symspellpy's dictionary (MIT; derived from Google Books
Ngrams, CC BY 3.0, and SCOWL). Rare words count for more than their share, so that names and plain
nouns are not drowned by `the`.

French has no such dictionary under a free licence. How its letters follow each other within words is what
lingua-language-detector knows (Apache 2.0; counted on 98 million letters of the Wortschatz corpora of Leipzig); how
words begin and end, and which they are, is counted on the transcripts of Copiste d'un jour (CC BY 4.0), without the
documents that pages are used of and without lines that several documents share. Accents do not count.

Counts of letters become probabilities by Witten-Bell interpolation (Witten and Bell 1991, "The zero-frequency
problem"); of words only hashes and what each earns are kept.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.recipe.data import DATA, PAGE_WRITERS, document_of
from ocrcli.language import BONUS_STEP, ORDER, STEP, SYMBOLS, Language, from_table, plain, symbol_of, with_words

DICTIONARY = "frequency_dictionary_en_82_765.txt"
POWER = 0.6
"""Of a word's frequency; 1 would be running text, 0 a list of words."""

LEAST_BONUS = 0.2
"""A word that earns less is not worth its bytes."""

UNKNOWN = 0.3
"""Share of all words that are not in the language: names, codes, other languages."""

MODELS = Path(__file__).resolve().parents[1]


def words_of(text: str, power: float = POWER) -> list[tuple[list[int], float]]:
    """Each word's symbols and weight, from lines of a word and a count."""
    found = []
    for line in text.splitlines():
        word, _, count = line.partition(" ")
        symbols = [symbol_of(c) for c in word]
        if symbols and all(0 < symbol < SYMBOLS for symbol in symbols):
            found.append((symbols, float(count) ** power))
    return found


def count(words: list[tuple[list[int], float]]) -> NDArray[np.float64]:
    """(SYMBOLS,) * ORDER weighted counts of symbol runs; words stand between edges."""
    counts = np.zeros((SYMBOLS,) * ORDER)
    for symbols, weight in words:
        padded = [0] * (ORDER - 1) + symbols + [0]
        for i in range(len(symbols) + 1):
            counts[tuple(padded[i : i + ORDER])] += weight
    # A rare run is one that few words have: weights in units of the lightest word.
    return counts / min(weight for _, weight in words)


def probabilities(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Witten-Bell: each order leans on the shorter one by how many different symbols follow its histories."""
    if counts.ndim == 0:
        return np.full((), 1.0)
    shorter = probabilities(counts.sum(axis=0)) if counts.ndim > 1 else np.full(SYMBOLS, 1 / SYMBOLS)
    total = counts.sum(axis=-1, keepdims=True)
    kinds = (counts > 0).sum(axis=-1, keepdims=True)
    share = np.divide(total, total + kinds, out=np.zeros_like(total), where=total > 0)
    own = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    return np.asarray(share * own + (1 - share) * shorter)


def shares(text: str) -> dict[str, float]:
    """How much of all text each word is. Of `don't` the `don` is one: an apostrophe is the edge of a word."""
    damped: dict[str, float] = {}
    for line in text.splitlines():
        entry, _, count = line.partition(" ")
        word = entry.partition("'")[0]
        if word.isascii() and word.isalpha() and (len(word) > 1 or word == entry):
            damped[word] = max(damped.get(word, 0.0), float(count) ** POWER)
    total = sum(damped.values())
    return {word: weight / total for word, weight in damped.items()}


def known_words(language: Language, text: str) -> Language:
    """The language with the words of a frequency list that its letters do not tell already."""
    share = shares(text)
    language = with_words(language, list(share), np.array(list(share.values())))
    worth = language.bonuses >= LEAST_BONUS
    return Language(language.advantage, language.words[worth], language.bonuses[worth])


def doubted(p: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of text that is in the language or anything else, which the last three letters tell apart.

    After `tio` an `n` is expected; after `xqz`, which no word has, nothing is: a code is not pulled into
    words letter by letter.

    Args:
        p: (SYMBOLS,) * ORDER, of the language.
        counts: (SYMBOLS,) * ORDER, how often each run occurs in it.
    """
    runs = counts.sum(axis=-1) + 1
    known = runs / runs.sum()
    letters = SYMBOLS ** -np.minimum(np.indices(known.shape).astype(bool).sum(axis=0) + 1.0, ORDER - 1)
    belief = (1 - UNKNOWN) * known / ((1 - UNKNOWN) * known + UNKNOWN * letters)
    belief[0, 0, 0] = 1 - UNKNOWN
    return np.asarray(belief[..., None] * p + (1 - belief[..., None]) / SYMBOLS)


def word_counts(rows: Iterable[tuple[str, str]]) -> str:
    """Lines of a word and its count, from rows of writing and the documents that they are in; what stands twice in one
    counts once."""
    documents: dict[str, set[str]] = defaultdict(set)
    for text, document in rows:
        documents[text].add(document)
    own = [text for text, found in documents.items() if len(found) == 1 and not found & {*PAGE_WRITERS}]
    counts = Counter(word for text in own for word in re.findall("[a-z]+", "".join(map(plain, text.lower()))))
    return "\n".join(f"{word} {count}" for word, count in sorted(counts.items()))


def run_counts(known: dict[str, float]) -> NDArray[np.float64]:
    """(SYMBOLS,) * ORDER how often runs of letters occur within words.

    Args:
        known: What share of the runs with the same beginning each run of up to ORDER letters is; of single letters,
            their share of all.
    """
    counts = np.zeros((SYMBOLS,) * ORDER)
    for run, share in known.items():
        symbols = [symbol_of(plain(c)) for c in run]
        if len(run) == ORDER and all(0 < symbol < SYMBOLS for symbol in symbols):
            counts[tuple(symbols)] += share * np.prod([known.get(run[:n], 0.0) for n in range(1, ORDER)])
    return counts


def with_runs(counts: NDArray[np.float64], runs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Counts of which those within words are replaced by better ones, at the same weight."""
    within = (np.s_[1:],) * ORDER
    mixed = counts.copy()
    mixed[within] = runs[within] * (counts[within].sum() / runs[within].sum())
    return mixed


def english(_data: Path) -> tuple[NDArray[np.float64], str]:
    """Counts of letters, and lines of a word and its count."""
    text = (_installed("symspellpy") / DICTIONARY).read_text(encoding="utf-8-sig")
    return count(words_of(text)), text


def french(data: Path) -> tuple[NDArray[np.float64], str]:
    """Counts of letters, and lines of a word and its count."""
    folder = _installed("lingua") / "language-models" / "fr"
    import brotli
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(data / "words" / "copiste_lines.parquet", columns=["text", "file"])
    text = word_counts(zip(table["text"].to_pylist(), map(document_of, table["file"].to_pylist()), strict=True))
    known: dict[str, float] = {}
    for name in ("unigrams", "bigrams", "trigrams", "quadrigrams"):
        stored = json.loads(brotli.decompress((folder / f"{name}.json.br").read_bytes()))["ngrams"]
        for fraction, runs in stored.items():
            above, below = map(int, fraction.split("/"))
            known |= dict.fromkeys(runs.split(), above / below)
    return with_runs(count(words_of(text, power=1.0)), run_counts(known)), text


def _installed(module: str) -> Path:
    """Folder of a package.

    Raises:
        SystemExit: If it is not installed.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{module} is not installed; run: pip install -e '.[language]'")
    return Path(spec.origin).parent


MAKERS = {"en": english, "fr": french}


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m models.recipe.language", description="Make the letter statistics.")
    parser.add_argument("language", choices=[*MAKERS, "all"], default="all", nargs="?", help="which (default: all)")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with words/ (default: %(default)s)")
    wanted = parser.parse_args()
    for name in MAKERS if wanted.language == "all" else (wanted.language,):
        counts, text = MAKERS[name](wanted.data)
        p = doubted(probabilities(counts), counts).reshape(-1, SYMBOLS)
        table = np.minimum(np.round(-np.log(p) * STEP), 255).astype(np.uint8)
        language = known_words(from_table(table), text)
        bonuses = np.round(language.bonuses * BONUS_STEP).astype(np.uint8)
        path = MODELS / f"{name}.npz"
        np.savez_compressed(path, minus_log=table, words=language.words, bonuses=bonuses)
        print(f"{path}: {path.stat().st_size:,} bytes, perplexity of its own words {perplexity(p, words_of(text)):.2f}")
        print(f"{len(bonuses):,} words, worth {language.bonuses.mean():.1f} each beyond their letters")


def perplexity(p: NDArray[np.float64], words: list[tuple[list[int], float]]) -> float:
    """Of the words, weighted, in letters: how many letters it is as unsure between as if all were alike."""
    table = p.reshape((SYMBOLS,) * ORDER)
    total = bits = 0.0
    for symbols, weight in words:
        padded = [0] * (ORDER - 1) + symbols + [0]
        for i in range(len(symbols) + 1):
            bits -= weight * float(np.log(table[tuple(padded[i : i + ORDER])]))
            total += weight
    return float(np.exp(bits / total))


if __name__ == "__main__":
    main()
