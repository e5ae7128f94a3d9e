"""``python -m models.recipe.language weights``: fit how much each source of knowledge counts.

It fits on the development pages. Every photo is read once up to the classifier's scores; from there on a trial takes a
second. Coordinate search finds the `Weights` of `ocrcli.letters.decode` with the lowest error; cross-validation by page
says what they are worth on pages that they were not fitted on. Then one temperature is fitted to the lattice, so that
confidences are true, and the reliability of glyphs, words and lines is shown. Nothing is written: put
what it prints into `ocrcli/letters/decode.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from models.recipe.handwriting.characters import DATA
from ocrcli.core.errors import InputError, NothingWrittenError
from ocrcli.evaluation.scoring import Score, pool, score
from ocrcli.language.model import Language, load_language
from ocrcli.letters.decode import WEIGHTS, Weights, read_rows
from ocrcli.letters.row_reading import RowReading, ScoredRow
from ocrcli.pipeline.reading import Reader

STEPS = {
    "place": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0),
    "language": (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2),
    "skip": (-4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5),
    "touching": (-2.0, -1.5, -1.0, -0.5, 0.0),
}
"""What is tried of each weight. That of one's own words is set by hand: the development pages have none."""

TEMPERATURES = (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0)
FOLDS = 5
BINS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0001)


@dataclass(frozen=True)
class Sample:
    """A photo up to the classifier's scores.

    Attributes:
        name: Of the file.
        group: Name of its folder, and its tier if there is one.
        truth: What is written on it.
        rows: Its scored rows.
    """

    name: str
    group: str
    truth: str
    rows: list[ScoredRow]


@dataclass
class Bench:
    """The photos, and what was found of them under each setting of the weights.

    Attributes:
        samples: The photos.
        language: What is known of their language.
    """

    samples: list[Sample]
    language: Language | None
    _scores: dict[Weights, list[Score]] = field(default_factory=dict)

    def scores(self, weights: Weights) -> list[Score]:
        """The score of each photo."""
        if weights not in self._scores:
            read = [read_rows(sample.rows, self.language, weights) for sample in self.samples]
            self._scores[weights] = [
                score(sample.truth, text_of(rows)) for sample, rows in zip(self.samples, read, strict=True)
            ]
        return self._scores[weights]

    def error(self, weights: Weights, pages: Sequence[int]) -> float:
        """What is made small: the mean over pages of letters CER and exact CER, neither counted above 1."""
        found = self.scores(weights)
        return float(np.mean([min(found[i].letters.rate, 1) + min(found[i].cer, 1) for i in pages])) / 2


def text_of(rows: list[RowReading]) -> str:
    """The text of rows that were read."""
    lines = ("".join(" " * glyph.starts_word + glyph.text for glyph in row.glyphs) for row in rows)
    return "\n".join(line.strip() for line in lines)


def collect(folders: Sequence[Path]) -> list[Sample]:
    """Read all photos of the folders that have a truth beside them, up to the classifier's scores."""
    reader, samples = Reader(), []
    for folder in folders:
        tiers = _tiers(folder)
        for truth in sorted(folder.glob("*.gt.txt")):
            name = truth.name.removesuffix(".gt.txt")
            told: dict[str, Any] = {}
            try:
                reader.read(truth.with_name(f"{name}.jpg"), on_stage=told.__setitem__)
            except NothingWrittenError:
                told["proposals"] = []
            group = f"{folder.name} {tiers.get(name, '')}".strip()
            samples.append(Sample(name, group, truth.read_text(encoding="utf-8"), told["proposals"]))
    return samples


def _tiers(folder: Path) -> dict[str, str]:
    manifest = folder / "manifest.tsv"
    if not manifest.is_file():
        return {}
    cells = [line.split("\t") for line in manifest.read_text(encoding="utf-8").splitlines()[1:]]
    return {Path(row[0]).stem: f"tier {row[1]}" for row in cells}


def descend(error: Callable[[Weights], float], start: Weights) -> Weights:
    """Coordinate search: one weight after the other takes its best value, until none changes."""
    best, lowest = start, error(start)
    while True:
        before = best
        for name, values in STEPS.items():
            for value in values:
                trial = replace(best, **{name: value})
                if (found := error(trial)) < lowest - 1e-6:
                    best, lowest = trial, found
        if best == before:
            return best


def cross_validated(bench: Bench, start: Weights) -> list[Score]:
    """Each photo's score under weights that were fitted on the other folds."""
    folds = np.arange(len(bench.samples)) % FOLDS
    found: list[Score] = [Score()] * len(bench.samples)
    for fold in range(FOLDS):
        others = np.flatnonzero(folds != fold).tolist()
        fitted = descend(lambda weights, pages=others: bench.error(weights, pages), start)  # type: ignore[misc]
        for page in np.flatnonzero(folds == fold).tolist():
            found[page] = bench.scores(fitted)[page]
    return found


@dataclass(frozen=True)
class Reliability:
    """Confidences, and what share of the glyphs they are of was right.

    Attributes:
        confidence: (n,) of glyphs, words or lines.
        right: (n,) share of right glyphs, 0 to 1.
        size: (n,) glyphs.
    """

    confidence: NDArray[np.float64]
    right: NDArray[np.float64]
    size: NDArray[np.float64]

    @property
    def ece(self) -> float:
        """Expected calibration error: how far confidence and truth are apart, over bins, weighted by glyphs."""
        return sum(abs(seen - said) * count for _, said, seen, count in self.bins()) / max(1, self.size.sum())

    def bins(self) -> list[tuple[float, float, float, float]]:
        """Lower end, mean confidence, share right, and glyphs of each bin that is not empty."""
        which = np.digitize(self.confidence, BINS) - 1
        found = []
        for number in np.unique(which).tolist():
            inside = which == number
            said, seen = (np.average(v[inside], weights=self.size[inside]) for v in (self.confidence, self.right))
            found.append((BINS[number], float(said), float(seen), float(self.size[inside].sum())))
        return found


def reliability(samples: list[Sample], read: list[list[RowReading]]) -> dict[str, Reliability]:
    """How true the confidences of glyphs, words and lines are; each text is aligned with its truth by fewest edits."""
    parts: dict[str, list[tuple[float, float, int]]] = {"glyphs": [], "words": [], "lines": []}
    for sample, rows in zip(samples, read, strict=True):
        glyphs = [glyph for row in rows for glyph in row.glyphs]
        written = "".join(sample.truth.split())
        wrong = np.zeros(len(glyphs), bool)
        for edit in Levenshtein.editops("".join(glyph.text for glyph in glyphs), written):
            if edit.tag != "insert":  # what was missed has no glyph
                wrong[edit.src_pos] = True
        line = np.repeat(np.arange(len(rows)), [len(row.glyphs) for row in rows])
        starts = np.array([glyph.starts_word for glyph in glyphs], bool) | (np.diff(line, prepend=-1) != 0)
        confidence = np.array([glyph.confidence for glyph in glyphs])
        for name, group in (("glyphs", np.arange(len(glyphs))), ("words", np.cumsum(starts)), ("lines", line)):
            for number in np.unique(group).tolist():
                inside = group == number
                parts[name].append((confidence[inside].mean(), 1 - wrong[inside].mean(), int(inside.sum())))
    return {name: Reliability(*np.array(found, float).reshape(-1, 3).T) for name, found in parts.items()}


def fit_temperature(bench: Bench, weights: Weights) -> Weights:
    """The temperature under which the glyphs' confidences have the least cross entropy."""

    def loss(temperature: float) -> float:
        trial = replace(weights, temperature=temperature)
        found = reliability(bench.samples, [read_rows(s.rows, bench.language, trial) for s in bench.samples])["glyphs"]
        p = np.clip(found.confidence, 1e-4, 1 - 1e-4)
        return -float(np.mean(found.right * np.log(p) + (1 - found.right) * np.log(1 - p)))

    return replace(weights, temperature=min(TEMPERATURES, key=loss))


def report(bench: Bench, title: str, found: list[Score]) -> None:
    """Print letters CER and exact CER of each group of photos."""
    print(title)
    for group in sorted({sample.group for sample in bench.samples}):
        pooled = pool(s for s, sample in zip(found, bench.samples, strict=True) if sample.group == group)
        print(f"  {group:16} letters {pooled.letters.rate:.4f}  exact {pooled.cer:.4f}")


def report_reliability(bench: Bench, weights: Weights) -> None:
    """Print how true confidences are under a setting."""
    read = [read_rows(sample.rows, bench.language, weights) for sample in bench.samples]
    for name, found in reliability(bench.samples, read).items():
        print(f"  {name}: {len(found.size)}, expected calibration error {found.ece:.3f}")
        for low, said, seen, count in found.bins():
            print(f"    from {low:.2f}: said {said:.3f}, right {seen:.3f} of {count:.0f} glyphs")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of ``python -m models.recipe.language weights``."""
    parser.add_argument("folders", type=Path, nargs="*", default=[DATA / "coursework", DATA / "pages"])
    parser.add_argument("--language", default="en", help="what is known of their language (default: %(default)s)")


def fit(options: argparse.Namespace) -> None:
    """Fit, and print the figures.

    Raises:
        InputError: If the folders hold no photo with its text.
    """
    bench = Bench(collect(options.folders), load_language(options.language))
    everything = range(len(bench.samples))
    if not everything:
        raise InputError("no photo with its text beside it (NAME.jpg, NAME.gt.txt) in these folders")
    report(bench, f"now: {asdict(WEIGHTS)}", bench.scores(WEIGHTS))
    fitted = descend(lambda weights: bench.error(weights, everything), WEIGHTS)
    report(bench, "fitted, cross-validated by page:", cross_validated(bench, WEIGHTS))
    calibrated = fit_temperature(bench, fitted)
    report(bench, f"fitted on all: {asdict(calibrated)}", bench.scores(fitted))
    for title, weights in (("as scores say", replace(fitted, temperature=1.0)), ("with the temperature", calibrated)):
        print(f"reliability {title}:")
        report_reliability(bench, weights)
