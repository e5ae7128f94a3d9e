"""Read a photo: run all stages, from pixels to a `Page`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ocrcli.core.errors import NothingWrittenError, check_name
from ocrcli.core.page import Page
from ocrcli.core.printable import printable
from ocrcli.core.settings import Settings
from ocrcli.hands.hand import Hand
from ocrcli.language import charset
from ocrcli.language.model import KNOWN, Language, evidence, load_language, read_words
from ocrcli.layout import cut_off
from ocrcli.letters import spaces
from ocrcli.letters.row_reading import RowReading
from ocrcli.lines.recognize import RowOutput
from ocrcli.pipeline import arbitration, confidence, noise, recognition
from ocrcli.pipeline.models import Models, load_models
from ocrcli.pipeline.result import page_of
from ocrcli.pipeline.segmentation import NO_WRITING, OnStage, Segmented, check_settings, ignore_stage, segment
from ocrcli.sources import Picture, source_of


def read_page(page: Segmented, settings: Settings, models: Models, tell: OnStage = ignore_stage) -> Page:
    """Recognize the rows of a segmented page.

    Args:
        page: The page, segmented into rows of marks.
        settings: How to read it.
        models: The models.
        tell: Callback for the result of each stage: `pieces` (`Marks`, after over-segmentation), `rows` (list of
            `Row`), `crops` (n, 32, 32) uint8, `proposals` (list of `ScoredRow`), `paths` (list of `RowReading`, letter
            by letter), `strips` (list of (HEIGHT, w) uint8, line images) and `wholes` (list of `RowReading`) of the
            rows read by the line recognizer, `language` (`Language` or None) that was used, and `judged` (list of
            `RowReading`, and their (n, 6) `noise.FEATURES`). `paths` come twice if the page is found to be in another
            language.

    Raises:
        NothingWrittenError: If nothing on the page can be read.
        UsageError: If a setting names no known method.
    """
    if not page.rows:
        raise NothingWrittenError(NO_WRITING)
    name, language = first_language(settings), known_by(settings, models.hand)
    letters = recognition.by_letters(page, settings, models, language, tell)
    seen = recognition.line_outputs(page, letters, settings, models, tell)
    if settings.language == "auto" and (found := _language_of(letters, seen, settings, models)) != name:
        name, language = found, known_by(replace(settings, language=found), models.hand)
        letters = recognition.read_in_language(letters, language, tell)
    rows = recognition.arbitrate(page, letters, seen, settings, language, tell)
    if settings.language == "auto":
        rows = _in_own_languages(rows, page, letters, seen, settings, models, name or KNOWN[0])
    tell("language", language)
    features = noise.features(page.rows, rows, page.seen, page.marks)
    tell("judged", (rows, features))
    probabilities = noise.load_noise_model().probabilities(features)
    if any(page.seen):  # without the page model, writing has no known size
        probabilities = noise.unless_cut_off(probabilities, cut_off.evidence(page.rows, page.marks))
    if not noise.is_writing(rows, probabilities):
        raise NothingWrittenError(NO_WRITING + ("" if settings.threshold == "auto" else "; try --threshold auto"))
    written = noise.without_noise(rows, probabilities)
    return page_of(confidence.scaled(written, language), page, name)


def _language_of(
    letters: Sequence[RowReading | None], seen: dict[int, RowOutput], settings: Settings, models: Models
) -> str:
    """Detect the language of a page from its rough text; where that leaves doubt, by reading its rows in each.

    A rough text has wrong letters, which speak for no language.
    """
    found = evidence(recognition.rough_text(letters, seen))
    if found.is_clear or found.gain <= 0:
        return found.language
    fits = [recognition.fit(seen, known_by(replace(settings, language=name), models.hand)) for name in KNOWN]
    best = max(fits)
    return KNOWN[fits.index(best)] if best > fits[0] + found.enough else KNOWN[0]


def _in_own_languages(
    rows: Sequence[RowReading],
    page: Segmented,
    letters: Sequence[RowReading | None],
    seen: dict[int, RowOutput],
    settings: Settings,
    models: Models,
    usual: str,
) -> list[RowReading]:
    """Read the text lines again that are clearly in another language than the page.

    Args:
        rows: Reading of each row in the language of the page.
        page: The segmented page.
        letters: Reading of each row letter by letter; None for rows not read so.
        seen: Outputs of the line recognizer, by row index.
        settings: Settings, as for `recognition.arbitrate`.
        models: The models; `hand` is used.
        usual: The language of the page.
    """
    lines = defaultdict[int, list[int]](list)
    for row, line in enumerate(page.line_of):
        lines[line].append(row)
    spoken = defaultdict[str, list[int]](list)
    for own in lines.values():
        text = " ".join(spaces.text_of(rows[row].glyphs) for row in own)
        spoken[evidence(text, usual).language] += own
    found = list(rows)
    for name in spoken.keys() - {usual}:
        own = spoken[name]
        language = known_by(replace(settings, language=name), models.hand)
        # Stages are shown of all rows at once.
        again = recognition.read_in_language(
            [row if i in own else None for i, row in enumerate(letters)], language, ignore_stage
        )
        outputs = {row: output for row, output in seen.items() if row in own}
        changed = recognition.arbitrate(page, again, outputs, settings, language, ignore_stage)
        for row in own:
            found[row] = changed[row]
    return found


def first_language(settings: Settings) -> str | None:
    """The language that a page is first read with; None for no language."""
    return {"none": None, "auto": KNOWN[0]}.get(settings.language, settings.language)


def known_by(settings: Settings, hand: Hand | None = None) -> Language | None:
    """Load the language model with the user's own words; None if nothing asks for either.

    Args:
        settings: Settings; `language` and `words` are used.
        hand: The hand, whose words are expected, too; None for none.

    Raises:
        UsageError: If there is no such language.
        InputError: If the word list cannot be read.
    """
    own = read_words(settings.words) if settings.words else ()
    return load_language(settings.language, tuple(sorted({*own, *(hand.words if hand else ())})))


class Reader:
    """Reads any number of photos with models that are loaded once.

    It can be pickled: only the settings are sent, and the models are loaded again by the process that gets them.

    Args:
        settings: How to read.
        models: Those of another reader, if its settings name the same models; None to load them.

    Raises:
        ModelError: If a model or the device cannot be used.
        UsageError: If a setting has an unknown value.
        InputError: If the word list cannot be read.

    Examples:
        >>> from ocrcli import Reader, Settings
        >>> reader = Reader(Settings(language="en"))  # doctest: +SKIP
        >>> reader.read("note.jpg").text  # doctest: +SKIP
    """

    def __init__(self, settings: Settings | None = None, models: Models | None = None) -> None:
        self.settings = settings or Settings()
        with ThreadPoolExecutor() as pool:
            language = pool.submit(known_by, self.settings)
            self.models = models or load_models(self.settings)
        check_name("recognizer", self.settings.recognizer, arbitration.RECOGNIZERS)
        check_settings(self.settings)
        language.result()  # report a wrong setting before the first photo
        if self.settings.allow is not None:
            charset.kept(self.settings.allow, self.models.letters.labels)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.settings,)

    @property
    def device(self) -> str:
        """Name of the device that the letter classifier runs on."""
        return self.models.letters.device

    def read(self, image: Picture, name: str | None = None, on_stage: OnStage = ignore_stage) -> Page:
        """Read one photo.

        Several threads may call it at the same time.

        Args:
            image: A path, the bytes of an image file, an array ((h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA), a
                Pillow image, a binary stream, or a `Source`. Of a file with several pages, the first is read;
                `ocrcli.expand` makes a `Source` of each.
            name: Name of the photo in messages.
            on_stage: Callback for the result of each stage, as in `read_page`.

        Raises:
            InputError: If the photo cannot be loaded.
            NothingWrittenError: If nothing is written on it.
            MissingExtraError: If its format needs a package that is not installed.
            ModelError: If the line recognizer is needed and cannot be used.
            TypeError: If the image has a type that cannot be a photo.
        """
        source = source_of(image, name)
        try:
            photo, page = segment(source, self.settings, self.models, on_stage)
            read = read_page(page, self.settings, self.models, on_stage)
        except NothingWrittenError as error:
            raise NothingWrittenError(f"{printable(source.name)}: {error}") from error
        return replace(read, source=source.kept(photo))
