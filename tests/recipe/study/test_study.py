"""The study on made-up strokes: no data needed."""

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")
pytest.importorskip("onnx")
pytest.importorskip("matplotlib")

from models.recipe.handwriting import characters
from models.recipe.letters import export, network
from models.recipe.letters.batches import Batch
from models.recipe.study import (
    card,
    networks,
    plots,
    reading,
    samples,
    writers,
)
from models.recipe.training import markdown

CROSS = [np.array([[0.0, 0.5], [1.0, 0.5]]), np.array([[0.5, 0.0], [0.5, 1.0]])]
"""A plus: two strokes, one capital height wide."""


@pytest.fixture(autouse=True)
def one_thread():
    """Networks this small lose time to a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return network.LetterNet(widths=(8, 12, 16), hidden=16).eval()


def test_piece_keeps_one_side_of_a_cut():
    left = samples.piece([np.array([[0.0, 0], [0.2, 0], [0.8, 0], [1.0, 0]]), np.array([[0.5, 0.0]])], 0.4, True)
    assert [s.tolist() for s in left] == [[[0.0, 0.0], [0.2, 0.0]]]


def test_piece_parts_a_stroke_that_comes_back():
    stroke = np.array([[0.0, 0], [1.0, 0], [0.0, 1]])
    assert len(samples.piece([stroke], 0.5, True)) == 2


def test_pair_is_aligned_at_the_foot():
    small = [stroke * 0.5 for stroke in CROSS]
    strokes = np.concatenate(samples.pair(CROSS, small, 0.1))
    assert strokes[:, 0].max() == pytest.approx(1.6)
    assert samples.pair(CROSS, small, 0.1)[3][:, 1].max() == pytest.approx(1.0)


def test_strokes_are_drawn_at_their_size():
    crop, (width, height) = samples.draw(CROSS, np.random.default_rng(0))
    assert crop.shape == (32, 32)
    assert 0.85 < width < 1.2
    assert 0.85 < height < 1.2


def test_only_classes_relabels():
    labels = np.array([samples.CHARACTERS.index(c) for c in "a7Z"])
    kept = samples.only_classes(Batch(np.zeros((3, 32, 32), np.uint8), np.zeros((3, 2), np.float32), labels), "Z7")
    assert kept.labels.tolist() == [1, 0]


def test_cached_crops_are_drawn_once(tmp_path):
    made = []

    def make():
        made.append(1)
        return Batch(np.ones((2, 32, 32), np.uint8), np.zeros((2, 2), np.float32), np.array([3, 4]))

    first, second = (samples.cached(tmp_path, "x", make) for _ in range(2))
    assert len(made) == 1
    np.testing.assert_array_equal(first.labels, second.labels)


def test_components_reconstruct_what_they_span():
    rng = np.random.default_rng(0)
    ink = (0.5 + rng.uniform(-0.1, 0.1, (50, 2)) @ np.eye(2, 1024)).astype(np.float32)
    components = networks.principal_components(ink, rank=2)
    np.testing.assert_allclose(components.reconstruct(ink), ink, atol=1e-5)
    np.testing.assert_allclose(components.axes @ components.axes.T, np.eye(2), atol=1e-5)


def test_psnr_of_a_known_error():
    assert networks.psnr(np.array([0.01, 0.01])) == pytest.approx(20)


def test_roc_area():
    assert networks.roc_area(np.array([2.0, 3]), np.array([0.0, 1])) == 1
    assert networks.roc_area(np.array([1.0]), np.array([1.0])) == 0.5
    assert networks.roc_area(np.array([0.0, 2]), np.array([1.0])) == 0.5


def test_autoencoder_learns_its_crops():
    ink = (np.random.default_rng(0).random((64, 1024)) < 0.1).astype(np.float32)
    short, long = (networks.fit_autoencoder(ink, epochs, batch=16) for epochs in (1, 20))
    errors = [networks.squared_errors(ink, networks.reconstruct(coder, ink)).mean() for coder in (short, long)]
    assert errors[1] < errors[0]


def test_fit_learns_and_keeps_the_curve():
    crops = np.zeros((40, 32, 32), np.uint8)
    crops[::2, :16] = 255
    batch = Batch(crops, np.zeros((40, 2), np.float32), np.arange(40) % 2)
    torch.manual_seed(0)
    made = networks.FullyConnected(2)
    optimizer = torch.optim.SGD(made.parameters(), 0.5)
    curve = networks.fit(made, optimizer, batch, batch, networks.Schedule(points=3, steps=10, batch=8), seed=0)
    assert curve.crops == [80, 160, 240]
    assert curve.loss[-1] < curve.loss[0]
    assert curve.accuracy[-1] == 1


def test_worst_pairs_count_both_directions():
    matrix = np.array([[90, 10, 0], [20, 80, 0], [0, 0, 5]])
    assert reading.worst_pairs(matrix, count=2, fewest=50) == [(0, 1)]
    assert reading.pair_rate(matrix, 0, 1) == pytest.approx(0.15)


def test_confusion_matrix_has_the_truth_in_rows():
    matrix = reading.confusion_matrix(np.array([0, 0, 1]), np.array([1, 0, 1]), 2)
    assert matrix.tolist() == [[1, 1], [0, 1]]


def test_share_of_one_writer():
    assert reading.one_writers_share(np.array([1, 1, 1, 0], bool), np.array([7, 7, 8, 9])) == pytest.approx(2 / 3)
    assert reading.one_writers_share(np.zeros(2, bool), np.array([7, 8])) == 0


def test_unfold_is_the_inverse_of_the_networks_folding(tiny):
    kernels = tiny.body[0][0].weight.detach()
    crops = torch.rand(1, 1, 32, 32)
    folded = torch.nn.functional.conv2d(torch.nn.functional.pixel_unshuffle(crops, 2), kernels)
    pixels = torch.from_numpy(reading.unfold(kernels.numpy()))[:, None]
    torch.testing.assert_close(torch.nn.functional.conv2d(crops, pixels, stride=2), folded)


def test_shipped_model_is_read_with_and_without_a_class_for_no_letter(tiny, tmp_path):
    model = tmp_path / "tiny.onnx"
    export.export(tiny, model, 1.5)
    batch = Batch(np.zeros((2, 32, 32), np.uint8), np.zeros((2, 2), np.float32), np.zeros(2, np.int64))
    log_p, none = reading.Shipped(model).log_probabilities(batch, sized=False)
    assert log_p.shape == (2, 94)
    assert (none is None) == ("" not in characters.LABELS)
    total = np.exp(log_p).sum(axis=1) + (0 if none is None else np.exp(none))
    np.testing.assert_allclose(total, 1, rtol=1e-4)


def test_a_writers_parts_do_not_overlap():
    count = 12
    points = np.array([[0, 0], [500, 1000]], np.int16)
    ink = characters.Ink(
        np.tile(points, (count, 1)),
        np.arange(0, 2 * count + 1, 2, dtype=np.int32),
        np.arange(count + 1, dtype=np.int32),
        np.array([0] * 7 + [1] * 4 + [2]),
        np.zeros(count, np.int32),
        np.ones((count, 2), np.float32),
    )
    mine = writers.part(characters.Corpus(ink, characters.Pictures([], np.zeros(0, np.int64))), 0)
    assert len(mine.measure) == 3 + 2 + 0
    assert len(mine.learn(3)) == 3 + 2 + 1
    assert not set(mine.measure) & set(mine.learn(99))


def test_card_section_is_replaced_and_nothing_else(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("# Model\n\n## Study\n\nold\n\n### Sub\n\nold\n\n## Limits\n\nkept\n")
    for _ in range(2):
        markdown.put_into_card(path, "## Study\n\nnew\n")
    assert path.read_text() == "# Model\n\n## Study\n\nnew\n\n## Limits\n\nkept\n"


def test_card_without_the_section_gets_one(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("# Model\n")
    markdown.put_into_card(path, "## Study\n\nnew\n")
    assert path.read_text() == "# Model\n\n## Study\n\nnew\n"


def test_characters_that_break_a_table_are_escaped():
    assert markdown.code("|") == "`\\|`"
    assert markdown.code("`") == "`` ` ``"


def test_prose_is_wrapped_and_tables_are_not():
    table = "| " + "x " * 100 + "|"
    lines = markdown.wrapped("word " * 60 + "\n\n" + table).splitlines()
    assert max(map(len, lines[:3])) <= 116
    assert lines[-1] == table


def test_fragment_holds_only_what_was_run():
    assert "###" not in card.fragment({})
    assert "### First-layer" in card.fragment({"weights": {}})


def test_pictures_are_small(tmp_path):
    curve = {"crops": [1000, 2000], "loss": [3.0, 2.0], "accuracy": [0.2, 0.5]}
    rates = {
        name: {"rate": 0.5, "runs": [{"factor": f, **curve} for f in (0.1, 1, 10)]}
        for name in ("fully connected", "convolutional")
    }
    plots.plot_rates(rates, tmp_path / "rates.png")
    plots.plot_reconstructions([("as cut", np.random.default_rng(0).random((3, 1024)))], tmp_path / "again.png")
    for path in tmp_path.iterdir():
        assert Image.open(path).format == "PNG"
        assert path.stat().st_size < 100_000


def test_mosaic_leaves_gaps():
    sheet = plots.mosaic(np.ones((3, 2, 2)), columns=2)
    assert sheet.shape == (5, 5)
    assert np.isnan(sheet).sum() == 25 - 12
