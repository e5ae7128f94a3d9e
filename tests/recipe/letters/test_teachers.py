"""Teachers say what they take a crop for only where they have not seen its writer."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")
pytest.importorskip("onnx")
pytest.importorskip("pyarrow")

from models.recipe.handwriting import characters, fonts
from models.recipe.letters import __main__ as recipe
from models.recipe.letters import batches, export, network, prepare, train
from models.recipe.letters.distillation import Teachers
from tests import inked

T, EYE = characters.LABEL_INDEX["T"], characters.LABEL_INDEX["I"]


def sure_of(label, path):
    """A model that takes everything for ``label``."""
    net = network.LetterNet(widths=(8, 8, 16), hidden=16)
    with torch.no_grad():
        net.mix[-1].weight.zero_()
        net.mix[-1].bias.zero_()
        net.mix[-1].bias[label] = 20
    export.export(net, path, 1.0)
    return path


@pytest.fixture
def teachers(tmp_path):
    """The first half's is sure of I, the second half's of T."""
    return Teachers((sure_of(EYE, tmp_path / "a.onnx"), sure_of(T, tmp_path / "b.onnx")))


@pytest.fixture
def corpus():
    """Writers 2 to 7 in the first half, 10 to 15 in the second."""
    made = inked.corpus()
    both = characters.join_ink(made.ink, replace(made.ink, writers=made.ink.writers + characters.FOLDS))
    return replace(made, ink=both)


def test_a_writer_is_in_one_half_only(corpus):
    indices = characters.training_indices(corpus)
    halves = characters.half_of(corpus, indices)
    assert set(halves.tolist()) == {0, 1}
    ink = indices < len(corpus.ink)
    writers = corpus.ink.writers[indices[ink]]
    assert not set(writers[halves[ink] == 0]) & set(writers[halves[ink] == 1])


@pytest.mark.parametrize("halves", [[0, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
def test_each_sample_goes_to_its_own_teacher(teachers, halves):
    crops, sizes = np.zeros((4, 32, 32), np.uint8), np.zeros((4, 2), np.float32)
    said = teachers.probabilities(crops, sizes, np.array(halves))
    assert said.argmax(axis=1).tolist() == [(EYE, T)[half] for half in halves]
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)


def test_teachers_are_given_the_size_that_is_withheld_from_the_pupil(corpus, monkeypatch):
    monkeypatch.setattr(batches, "UNKNOWN_SIZE", 1.0)
    seen = []

    class Witness:
        def probabilities(self, crops, sizes, halves):
            seen.append(sizes)
            return np.full((len(crops), len(characters.LABELS)), 1 / len(characters.LABELS), np.float32)

    letters = np.arange(2, 8)
    batch = batches.make_batch(batches.Source(corpus, letters, 8, 1, teachers=Witness()), 0)
    assert not batch.sizes.any()
    assert (seen[0] > 0).all()


def test_a_teacher_outweighs_the_label_by_its_share(corpus, tmp_path):
    """Loss is least at the mixture of label and teacher."""
    indices = characters.training_indices(corpus)
    plan = train.LetterPlan(steps=1, smoothing=0, taught=0.6)
    trainer = train.LetterTrainer(corpus, indices, plan, tmp_path / "checkpoint.pt")
    said = np.zeros((1, len(characters.LABELS)), np.float32)
    said[0, EYE] = 1
    batch = batches.Batch(np.zeros((1, 32, 32), np.uint8), np.zeros((1, 2), np.float32), np.array([T]), said)

    def loss(share):
        odds = np.full(len(characters.LABELS), 1e-6)
        odds[EYE], odds[T] = share, 1 - share
        trainer.network = lambda crops, sizes: torch.from_numpy(np.log(odds / odds.sum())[None]).float()
        return float(trainer.loss(batch))

    shares = np.linspace(0.05, 0.95, 19)
    assert shares[np.argmin([loss(share) for share in shares])] == pytest.approx(0.6)


def test_labels_that_a_teacher_contradicts_are_found_and_kept(corpus, teachers, tmp_path, monkeypatch):
    indices = characters.training_indices(corpus)
    found = prepare.contradicted(corpus, indices, teachers, tmp_path)
    ink = indices[indices < len(corpus.ink)]
    assert found.tolist() == ink[characters.half_of(corpus, ink) == 0].tolist()  # the Ts that are taken for an I
    monkeypatch.setattr(prepare, "render_plain", lambda *_: pytest.fail("drawn again"))
    assert prepare.contradicted(corpus, indices, teachers, tmp_path).tolist() == found.tolist()
    with pytest.raises(pytest.fail.Exception):
        prepare.contradicted(corpus, indices[1:], teachers, tmp_path)


@pytest.fixture
def job(corpus, tmp_path):
    """The recipe at work on a few letters, with a pool of its own."""
    pool = characters.Pool(
        np.zeros((3, 32, 32), np.uint8), np.zeros((3, 2), np.float32), np.full(3, characters.NOT_A_LETTER)
    )
    files = (tmp_path / "x.onnx", 1, 1, tmp_path / "lines.onnx", None, ())
    plans = (train.FIRST, train.TEACHER, train.SECOND)
    return recipe.Job(tmp_path, tmp_path, *files, *plans, replace(corpus, pool=pool))


def test_words_and_fonts_are_trained_on_beside_all_else(job, corpus):
    """Words are ink and pictures, fonts are pictures, and they move the place of all that stands behind these."""
    words = inked.corpus()
    written = replace(words.ink, writers=words.ink.writers + characters.FIRST_WORD_WRITER)
    (job.work / prepare.FROM_WORDS).write_bytes(pickle.dumps((written, words.pictures)))
    np.save(job.work / prepare.WRONG, np.zeros(0, np.int64))
    with pytest.raises(FileNotFoundError, match="letters fonts"):
        job.samples()
    letter = characters.Pictures([np.full((64, 9), 255, np.uint8)], np.array([characters.LABEL_INDEX["l"]]))
    fonts.save(letter, job.work / prepare.FONTS)
    with pytest.raises(FileNotFoundError, match=prepare.POOL):
        job.samples()
    (job.work / prepare.POOL).touch()
    samples, indices = job.samples()
    held_out = np.isin(characters.fold_of(corpus.ink), (characters.TEST_FOLD, characters.VALIDATION_FOLD))
    assert len(indices) == len(samples.labels) - held_out.sum()
    assert (samples.labels[indices] == characters.NOT_A_LETTER).sum() == 3
    assert samples.labels[characters.is_font(samples, np.arange(len(samples.labels)))].tolist() == [
        characters.LABEL_INDEX["l"]
    ]


def test_training_asks_for_the_teachers_first(job):
    with pytest.raises(FileNotFoundError, match="teachers"):
        recipe.train_second(job)
