"""Characters of fonts as pictures to learn from."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import urllib.error
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe.handwriting import characters, fonts, sampling_weights
from models.recipe.handwriting.characters import FONT_CAPITAL, LABEL_INDEX, Pictures
from models.recipe.letters import batches
from models.recipe.letters.distillation import Teachers
from tests import inked

PILLOWS: bytes = ImageFont.load_default(20).path.getvalue()  # type: ignore[union-attr]
"""The font that Pillow brings."""


def with_fonts(corpus: characters.Corpus) -> characters.Corpus:
    """An L and a T of a font before the other pictures."""
    letters = []
    for rows, columns in ((slice(54, 64), slice(0, 40)), (slice(0, 10), slice(0, 40))):
        letter = np.zeros((64, 40), np.uint8)
        letter[:, 0:10] = 255
        letter[rows, columns] = 255
        letters.append(letter)
    pictures = Pictures(letters, np.array([LABEL_INDEX["L"], LABEL_INDEX["T"]]))
    return replace(corpus, pictures=characters.join_pictures([pictures, corpus.pictures]), fonts=2)


def test_the_list_names_each_font_once_with_its_licence() -> None:
    listed = fonts.listed()
    assert len({font.name for font in listed}) == len(listed) > 200
    for font in listed:
        assert re.fullmatch(r"[0-9a-f]{64}", font.sha256)
        assert font.licence in {"OFL-1.1", "Apache-2.0", "MIT"}


def test_pictures_are_read_as_they_were_written(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    images = [rng.integers(0, 255, shape, np.uint8) for shape in ((3, 5), (64, 2), (1, 1))]
    fonts.save(Pictures(images, np.array([4, 0, 9])), tmp_path / "fonts.npz")
    again = fonts.load(tmp_path / "fonts.npz")
    assert again.labels.tolist() == [4, 0, 9]
    assert all(np.array_equal(one, two) for one, two in zip(images, again.images, strict=True))


def test_characters_of_a_font_have_sizes_and_scans_have_none() -> None:
    corpus = with_fonts(inked.corpus())
    first = len(corpus.ink)
    _, sizes = batches.render_plain(corpus, np.array([first, first + 1, first + 2]), 3)
    assert sizes[0] == pytest.approx([40 / FONT_CAPITAL, 1], abs=0.1)
    assert sizes[1] == pytest.approx([40 / FONT_CAPITAL, 1], abs=0.1)
    assert not sizes[2].any()


def test_fonts_get_their_share_and_their_labels_are_not_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling_weights, "DONOR_SHARE", 1.0)
    corpus = with_fonts(inked.corpus())
    indices = characters.training_indices(corpus)
    weights = sampling_weights.sampling_weights(corpus, indices)
    others = 1 - sampling_weights.PHOTO_SHARE - sampling_weights.WORD_SHARE - sampling_weights.NOT_A_LETTER_SHARE
    assert weights[characters.is_font(corpus, indices)].sum() == pytest.approx(sampling_weights.FONT_SHARE / others)

    class Doubtful(Teachers):
        def probabilities(self, crops: np.ndarray, sizes: np.ndarray, halves: np.ndarray) -> np.ndarray:
            return np.full((len(crops), len(characters.LABELS)), 1 / len(characters.LABELS), np.float32)

    source = batches.Source(corpus, np.array([0, *indices[characters.is_font(corpus, indices)]]), 40, 1, Doubtful(()))
    batch = batches.make_batch(source, 0)
    assert batch.taught is not None
    sure = batch.taught.max(axis=1) == 1
    fonts_labels = {LABEL_INDEX["L"], LABEL_INDEX["T"]}
    assert 0 < sure.sum() < 40
    assert (batch.taught[sure].argmax(axis=1) == batch.labels[sure]).all()
    assert set(batch.labels[sure].tolist()) <= fonts_labels


def test_capitals_are_of_one_height_and_pictures_tight() -> None:
    found = fonts.draw(PILLOWS)
    by_label = {characters.LABELS[label]: image for label, image in zip(found.labels, found.images, strict=True)}
    assert {"H", "x", "g", ".", "@"} <= set(by_label)
    assert by_label["H"].shape[0] == pytest.approx(FONT_CAPITAL, abs=2)
    assert by_label["x"].shape[0] < 0.85 * FONT_CAPITAL
    for image in found.images:
        assert image[0].max() > fonts.INK < image[-1].max()
        assert image[:, 0].max() > fonts.INK < image[:, -1].max()


def archive(name: str, content: bytes) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def test_a_package_must_hold_the_font_that_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    font = fonts.Font("kalam", "5.3.0", "OFL-1.1", hashlib.sha256(b"font").hexdigest())
    asked = []

    def answer(content: bytes, name: str = "package/files/kalam-latin-400-normal.woff") -> None:
        def opened(address: str, **_: float) -> io.BytesIO:
            asked.append(address)
            return archive(name, content)

        monkeypatch.setattr("urllib.request.urlopen", opened)

    answer(b"font")
    assert fonts.fetch(font) == b"font"
    assert asked == ["https://registry.npmjs.org/@fontsource/kalam/-/kalam-5.3.0.tgz"]
    for content, name in ((b"another", "package/files/kalam-latin-400-normal.woff"), (b"font", "package/README.md")):
        answer(content, name)
        with pytest.raises(ConnectionError, match=r"kalam-5.3.0.tgz does not hold"):
            fonts.fetch(font)


def test_no_network_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(_address: str, **_: float) -> io.BytesIO:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    with pytest.raises(ConnectionError, match="cannot fetch https://"):
        fonts.fetch(fonts.listed()[0])
