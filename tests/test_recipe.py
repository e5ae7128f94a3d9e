"""The recipe of the letter model, on made-up strokes: no data needed."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from models.recipe import batches, data, evaluate, export, network, render, train  # noqa: E402
from ocrcli.glyphs import GEOMETRY  # noqa: E402

LETTER_T = np.array([[0, 0], [300, 5], [600, 0], [300, 0], [305, 500], [300, 1000]], np.int16)
T_STROKES = np.array([0, 3, 6], np.int32)
T_SIZE = np.array([0.6, 1.0], np.float32)


def draw_t(seed, style=None):
    rng = np.random.default_rng(seed)
    return render.render_ink(LETTER_T, T_STROKES, T_SIZE, style or render.Style(), rng)


@pytest.fixture
def corpus():
    """Eight writers of one T each, one T of another source, and one picture of a bar."""
    count = 9
    ink = data.Ink(
        points=np.tile(LETTER_T, (count, 1)),
        stroke_off=np.arange(0, 3 * 2 * count + 1, 3, dtype=np.int32),
        char_off=np.arange(0, 2 * count + 1, 2, dtype=np.int32),
        labels=np.full(count, data.LABEL_INDEX["T"]),
        writers=np.array([*range(8), 1003], np.int32),
        relwh=np.tile(T_SIZE, (count, 1)),
    )
    bar = np.zeros((64, 64), np.uint8)
    bar[8:56, 28:36] = 255
    return data.Corpus(ink, data.Pictures([bar], np.array([data.LABEL_INDEX["I"]])))


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return network.LetterNet(widths=(8, 8, 16), hidden=16)


def test_stroke_becomes_a_crop():
    crop, (width, height) = draw_t(3, render.PLAIN)
    assert crop.shape == (32, 32)
    assert crop.dtype == np.uint8
    assert crop.max() == 255
    assert 0.4 < width < 0.9
    assert 0.85 < height < 1.15


def test_plain_letter_is_upright():
    crop, _ = draw_t(3, render.PLAIN)
    assert np.count_nonzero(crop[5:8].max(axis=0) > 100) > np.count_nonzero(crop[24:27].max(axis=0) > 100)


def test_rendering_repeats_under_a_seed_and_varies_without():
    np.testing.assert_array_equal(draw_t(1)[0], draw_t(1)[0])
    assert not np.array_equal(draw_t(1)[0], draw_t(2)[0])


@pytest.mark.parametrize("points", [[[0, 0]], [[0, 0], [0, 0]], [[0, 0], [1000, 0]]])
def test_dots_and_bars_are_drawn(points):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        offsets = np.array([0, len(points)], np.int32)
        crop, _ = render.render_ink(np.array(points, np.int16), offsets, np.zeros(2), render.Style(), rng)
        assert crop.max() == 255


def test_held_out_writers_are_not_trained_on(corpus):
    indices = data.training_indices(corpus)
    assert indices.tolist() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert data.sampling_weights(corpus, indices).sum() == pytest.approx(1)


def test_batch_repeats_under_a_seed(corpus):
    indices = data.training_indices(corpus)
    chances = np.cumsum(data.sampling_weights(corpus, indices))
    first, second = (batches.make_batch(corpus, indices, chances, [1, 2], 16) for _ in range(2))
    np.testing.assert_array_equal(first.crops, second.crops)
    np.testing.assert_array_equal(first.sizes, second.sizes)
    assert first.sizes.dtype == np.float32
    pictures = first.labels == data.LABEL_INDEX["I"]
    assert not first.sizes[pictures].any()


def test_merged_classes_join_look_alikes_only():
    merged = data.merged_classes()
    same = {
        (a, b): merged[data.LABEL_INDEX[a]] == merged[data.LABEL_INDEX[b]] for a, b in ["0O", "lI", "Cc", "Aa", "5S"]
    }
    assert same == {("0", "O"): True, ("l", "I"): True, ("C", "c"): True, ("A", "a"): False, ("5", "S"): False}


def test_network_output_shape(tiny):
    logits = tiny.eval()(torch.zeros(3, 32, 32, dtype=torch.uint8), torch.zeros(3, 2))
    assert logits.shape == (3, 94)


def test_unknown_size_gives_no_features():
    features = network.size_features(torch.tensor([[0.0, 0.0], [0.5, 1.0]]))
    assert not features[0].any()
    assert features[1, 0] == 1


def test_wrong_labels_spares_confusable_ones():
    logits = np.full((3, 94), -5, np.float32)
    logits[:, data.LABEL_INDEX["O"]] = 9
    labels = np.array([data.LABEL_INDEX[c] for c in "O0T"])
    assert train.wrong_labels(logits, labels).tolist() == [False, False, True]


def test_temperature_cools_an_overconfident_model():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (4000, 5))
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(5, p=p) for p in odds])
    assert evaluate.fit_temperature((2 * logits).astype(np.float32), labels) == pytest.approx(2, rel=0.1)
    assert evaluate.calibration_error(odds, labels) < 0.05


def test_exported_model_honours_the_contract(tiny, tmp_path):
    path = tmp_path / "letters.onnx"
    assert export.export(tiny, path, 1.25) < 1e-3
    assert [p.name for p in tmp_path.iterdir()] == ["letters.onnx"]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert {i.name: (i.type, i.shape[1:]) for i in session.get_inputs()} == {
        "crops": ("tensor(uint8)", [32, 32]),
        "size": ("tensor(float)", [2]),
    }
    for n in (1, 5):
        feed = {"crops": np.zeros((n, 32, 32), np.uint8), "size": np.zeros((n, 2), np.float32)}
        (logits,) = session.run(["logits"], feed)
        assert logits.shape == (n, 94)
        assert logits.dtype == np.float32
    properties = session.get_modelmeta().custom_metadata_map
    assert properties["ocrcli.format"] == "letters/1"
    assert properties["ocrcli.crop"] == GEOMETRY
    assert json.loads(properties["ocrcli.labels"]) == [chr(c) for c in range(33, 127)]
    assert float(properties["ocrcli.temperature"]) == 1.25
    assert properties["ocrcli.licence"] == "MIT"


def test_training_goes_on_from_its_checkpoint(corpus, tmp_path, monkeypatch):
    def in_this_process(corpus, indices, seed, steps, n):
        chances = np.cumsum(data.sampling_weights(corpus, indices))
        return (batches.make_batch(corpus, indices, chances, [seed, step], n) for step in steps)

    monkeypatch.setattr(train, "stream", in_this_process)
    plan = train.Plan(steps=4, turn=2, batch=8, warm_up=1, save_every=1)
    killed = train.Trainer(corpus, plan, tmp_path)
    killed.run(3)
    resumed = train.Trainer(corpus, plan, tmp_path)
    assert resumed.step == 3
    resumed.train()
    assert resumed.step == 4
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pt"]
    assert train.load_network(tmp_path)(torch.zeros(1, 32, 32, dtype=torch.uint8), torch.zeros(1, 2)).shape == (1, 94)
    assert train.Trainer(corpus, train.Plan(steps=5), tmp_path).step == 0


def test_rate_warms_up_falls_and_starts_again():
    plan = train.Plan(steps=200, turn=100, warm_up=10)
    rates = [train.learning_rate(plan, step) for step in range(200)]
    assert max(rates[:100]) == pytest.approx(plan.rate)
    assert max(rates[100:]) == pytest.approx(plan.second_rate)
    assert rates[99] < 0.02 * plan.rate
    assert rates[199] < 0.02 * plan.rate
