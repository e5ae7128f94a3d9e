"""The recipe of the letter model, on made-up strokes: no data needed."""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from conftest import REAL_DATA

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")
pytest.importorskip("matplotlib")
pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("pyarrow.parquet")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from models.recipe.drawing import compose, render, strokes
from models.recipe.drawing.style import PLAIN, STEADY, Style
from models.recipe.handwriting import characters, photographed, sampling_weights, spans, words, wrong_labels
from models.recipe.letters import (
    batches,
    evaluate,
    export,
    finished,
    frontier,
    network,
    quantize,
    report,
    train,
)
from models.recipe.letters.crops import rejection, word_crops
from models.recipe.training import loop, onnx_file
from ocrcli.letters.letter_crop import GEOMETRY
from tests import inked
from tests.inked import LETTER_T, T_STROKES


def draw_t(seed, style=None):
    rng = np.random.default_rng(seed)
    return render.render_ink(LETTER_T / np.float32(1000), T_STROKES, style or Style(), rng)


@pytest.fixture
def corpus():
    return inked.corpus()


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return network.LetterNet(widths=(8, 8, 16), hidden=16)


def test_stroke_becomes_a_crop():
    crop, (width, height) = draw_t(3, PLAIN)
    assert crop.shape == (32, 32)
    assert crop.dtype == np.uint8
    assert crop.max() == 255
    assert 0.4 < width < 0.9
    assert 0.85 < height < 1.15


def test_plain_letter_is_upright():
    crop, _ = draw_t(3, PLAIN)
    assert np.count_nonzero(crop[5:8].max(axis=0) > 100) > np.count_nonzero(crop[24:27].max(axis=0) > 100)


def test_rendering_repeats_under_a_seed_and_varies_without():
    np.testing.assert_array_equal(draw_t(1)[0], draw_t(1)[0])
    assert not np.array_equal(draw_t(1)[0], draw_t(2)[0])


@pytest.mark.parametrize("points", [[[0, 0]], [[0, 0], [0, 0]], [[0, 0], [1000, 0]]])
def test_dots_and_bars_are_drawn(points):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        offsets = np.array([0, len(points)], np.int32)
        crop, _ = render.render_ink(np.array(points, np.float32) / 50000, offsets, Style(), rng)
        assert crop.max() == 255


def test_held_out_writers_are_not_trained_on(corpus):
    indices = characters.training_indices(corpus)
    assert indices.tolist() == [2, 3, 4, 5, 6, 7, 8, 9]
    assert sampling_weights.sampling_weights(corpus, indices).sum() == pytest.approx(1)


def test_words_do_not_change_how_often_a_letter_is_drawn(corpus, monkeypatch):
    """Written words are full of E and have no Q; single characters have as many of both."""
    monkeypatch.setattr(sampling_weights, "DONOR_SHARE", 1.0)  # the few donors here would all be held back
    e, q = characters.LABEL_INDEX["E"], characters.LABEL_INDEX["Q"]
    own = replace(corpus.ink, labels=np.array([e, q, e, q, e, q, e, q, e]))
    words = replace(
        corpus.ink, labels=np.full(9, e), writers=np.arange(9, dtype=np.int32) + characters.FIRST_WORD_WRITER
    )
    both = characters.Corpus(characters.join_ink(own, words), corpus.pictures, photographed=1)

    def share(corpus, label):
        indices = characters.training_indices(corpus)
        weights = sampling_weights.sampling_weights(corpus, indices)
        return weights[(corpus.labels[indices] == label) & (indices < len(corpus.ink))].sum()

    alone = replace(corpus, ink=own, photographed=1)
    assert share(both, e) / share(both, q) == pytest.approx(share(alone, e) / share(alone, q))
    assert share(both, e) == pytest.approx(share(alone, e))


def test_a_letter_out_of_a_word_always_has_its_size(corpus, monkeypatch):
    monkeypatch.setattr(batches, "UNKNOWN_SIZE", 1.0)
    monkeypatch.setattr(sampling_weights, "DONOR_SHARE", 1.0)  # the few donors here would all be held back
    words = replace(corpus.ink, writers=corpus.ink.writers + characters.FIRST_WORD_WRITER)
    both = characters.Corpus(characters.join_ink(corpus.ink, words), corpus.pictures)
    single, written = np.arange(2, 8), len(corpus.ink) + np.arange(2, 8)
    assert characters.is_from_word(both, np.concatenate([single, written, [len(both.ink)]])).tolist() == [False] * 6 + [
        True
    ] * 6 + [False]
    known = batches.make_batch(batches.Source(both, np.concatenate([single, written]), 90, 1), 0).sizes.all(axis=1)
    assert 0.15 < known.mean() < 0.5  # a third of the ink is words'


def test_a_crop_without_its_size_may_be_by_a_broader_pen(corpus, monkeypatch):
    monkeypatch.setattr(sampling_weights, "DONOR_SHARE", 1.0)
    words = replace(corpus.ink, writers=corpus.ink.writers + characters.FIRST_WORD_WRITER)
    both = characters.Corpus(characters.join_ink(corpus.ink, words), corpus.pictures)
    source = batches.Source(both, np.concatenate([np.arange(2, 8), len(corpus.ink) + np.arange(2, 8)]), 90, 1)
    seen, render_all = [], batches.render

    def watched(corpus, indices, style, rng, hands=None):
        seen.append((style, indices))
        return render_all(corpus, indices, style, rng, hands)

    monkeypatch.setattr(batches, "render", watched)
    monkeypatch.setattr(batches, "UNKNOWN_SIZE", 0.5)
    batch = batches.make_batch(source, 0)
    (_, wild), (lone, without), (mild, known) = seen
    assert len(wild) == round(batches.WILD_SHARE * 90)
    assert lone.pen[1] > mild.pen[1]
    sized = batch.sizes[len(wild) :].any(axis=1)
    assert len(without) == (~sized).sum() > 0
    assert len(known) == sized.sum() > 0
    assert not characters.is_from_word(both, without).any()


def test_a_stroke_of_one_point_is_a_dot():
    canvas = np.zeros((20, 20), np.uint8)
    strokes.draw_strokes(canvas, np.array([[5.0, 5.0], [12.0, 12.0], [12.0, 16.0]]), np.array([0, 1, 3]), 3)
    assert canvas[5, 5] == canvas[14, 12] == 255
    assert canvas[5, 12] == canvas[10, 5] == 0


def test_a_steady_test_has_one_size_and_no_photo():
    """Two drawings differ in the pen alone."""
    sizes = {draw_t(seed, STEADY)[1] for seed in range(12)}
    heights = [height for _, height in sizes]
    assert max(heights) - min(heights) < 0.1
    assert STEADY.photo == 0


def test_selected_ink_is_the_same_ink(corpus):
    some = characters.select_ink(corpus.ink, np.array([1, 8]))
    assert some.writers.tolist() == [1, 1003]
    points, offsets = some.character(1)
    np.testing.assert_array_equal(points, LETTER_T)
    np.testing.assert_array_equal(offsets, T_STROKES)


def test_batch_repeats_under_a_seed(corpus):
    indices = characters.training_indices(corpus)
    first, second = (batches.make_batch(batches.Source(corpus, indices, 16, 1), 2) for _ in range(2))
    np.testing.assert_array_equal(first.crops, second.crops)
    np.testing.assert_array_equal(first.sizes, second.sizes)
    assert first.sizes.dtype == np.float32
    pictures = first.labels == characters.LABEL_INDEX["I"]
    assert not first.sizes[pictures].any()


def test_merged_classes_join_look_alikes_only():
    merged = characters.merged_classes()
    same = {
        (a, b): merged[characters.LABEL_INDEX[a]] == merged[characters.LABEL_INDEX[b]]
        for a, b in ["0O", "lI", "Cc", "Aa", "5S"]
    }
    assert same == {("0", "O"): True, ("l", "I"): True, ("C", "c"): True, ("A", "a"): False, ("5", "S"): False}


def test_network_output_shape(tiny):
    logits = tiny.eval()(torch.zeros(3, 32, 32, dtype=torch.uint8), torch.zeros(3, 2))
    assert logits.shape == (3, 95)


def test_unknown_size_gives_no_features():
    features = network.size_features(torch.tensor([[0.0, 0.0], [0.5, 1.0]]))
    assert not features[0].any()
    assert features[1, 0] == 1


def test_wrong_labels_spare_look_alikes():
    probability = np.full((3, len(characters.LABELS)), 1e-5)
    probability[:, characters.LABEL_INDEX["O"]] = 0.99
    given = np.array([characters.LABEL_INDEX[c] for c in "O0T"])
    wrong = wrong_labels.find_wrong_labels(probability, given)
    assert wrong.tolist() == [False, False, True]
    assert wrong_labels.wrong_by_class(given, wrong)[0] == ("T", 1, 1)


def test_temperature_cools_an_overconfident_model():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (4000, 5))
    odds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(5, p=p) for p in odds])
    assert evaluate.fit_temperature((2 * logits).astype(np.float32), labels) == pytest.approx(2, rel=0.1)
    assert evaluate.error_of(odds, labels) < 0.05


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
        assert logits.shape == (n, 95)
        assert logits.dtype == np.float32
    properties = session.get_modelmeta().custom_metadata_map
    assert properties["ocrcli.format"] == "letters/1"
    assert properties["ocrcli.crop"] == GEOMETRY
    assert json.loads(properties["ocrcli.labels"]) == [*(chr(c) for c in range(33, 127)), ""]
    assert float(properties["ocrcli.temperature"]) == 1.25
    assert properties["ocrcli.licence"] == "MIT"


def test_blended_model_lies_between(tiny, tmp_path):
    other = network.LetterNet(widths=(8, 8, 16), hidden=16)
    one, two = export.serialize(tiny), export.serialize(other)
    export.write(onnx_file.blend(one, two, 0.25), tmp_path / "mixed.onnx", 0.9)
    export.write(onnx_file.blend(one, two, 0.0), tmp_path / "one.onnx", 0.9)
    export.write(one, tmp_path / "same.onnx", 0.9)
    crops, sizes = np.full((3, 32, 32), 90, np.uint8), np.ones((3, 2), np.float32)
    mixed, first, same = (
        finished.Model(tmp_path / f"{name}.onnx", 1).logits(crops, sizes) for name in ("mixed", "one", "same")
    )
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(mixed, same)


def test_training_goes_on_from_its_checkpoint(corpus, tmp_path, monkeypatch):
    killed_at = [3]

    def in_this_process(source, steps):
        for step in steps:
            if step == killed_at[0]:
                raise KeyboardInterrupt
            yield batches.make_batch(source, step)

    monkeypatch.setattr(train, "stream", in_this_process)
    plan = train.LetterPlan(steps=4, batch=8, warm_up=1, save_every=1)
    indices, path = characters.training_indices(corpus), tmp_path / "checkpoint.pt"
    with pytest.raises(KeyboardInterrupt):
        train.LetterTrainer(corpus, indices, plan, path).train()
    killed_at[0] = -1
    resumed = train.LetterTrainer(corpus, indices, plan, path)
    assert resumed.step == 3
    resumed.train()
    assert resumed.step == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint.pt"]
    logits = train.predict(train.load_network(path), np.zeros((1, 32, 32), np.uint8), np.zeros((1, 2), np.float32))
    assert logits.shape == (1, len(characters.LABELS))
    assert train.LetterTrainer(corpus, indices, train.LetterPlan(steps=5), path).step == 0
    assert train.LetterTrainer(corpus, indices[1:], plan, path).step == 0


def test_training_starts_from_a_model(corpus, tmp_path):
    """What it answers before the first step is what the model answers, and its batch norms have seen the crops."""
    torch.manual_seed(5)
    given = network.LetterNet()
    crops, sizes = batches.render_plain(corpus, np.arange(8), 1)
    with torch.no_grad():
        for _ in range(3):
            given(torch.from_numpy(crops), torch.from_numpy(sizes))
    export.export(given, tmp_path / "given.onnx", 1.0)
    plan = train.LetterPlan(steps=1, start=tmp_path / "given.onnx")
    trainer = train.LetterTrainer(corpus, characters.training_indices(corpus), plan, tmp_path / "checkpoint.pt")
    expected = train.predict(given, crops, sizes)
    np.testing.assert_allclose(train.predict(trainer.network, crops, sizes), expected, atol=1e-3)
    norm = trainer.network.body[0][1]
    assert not torch.equal(norm.running_var, torch.full_like(norm.running_var, 1 - norm.eps))


def test_the_mean_of_stages_has_their_mean_weights_and_norms_of_what_it_is_shown(corpus, tmp_path):
    indices, paths = characters.training_indices(corpus), [tmp_path / "one.pt", tmp_path / "two.pt"]
    for seed, path in enumerate(paths):
        train.LetterTrainer(corpus, indices, train.LetterPlan(steps=0, seed=seed), path).store(path)
    one, two = (train.load_network(path) for path in paths)
    shown = batches.make_batch(batches.Source(corpus, indices, 16, 1), 0)
    mean = train.mean_network(paths, shown)
    assert not mean.training
    torch.testing.assert_close(mean.shape.weight, (one.shape.weight + two.shape.weight) / 2)
    norm = mean.body[0][1]
    seen = mean.body[0][0](mean.fold(torch.from_numpy(shown.crops)[:, None] / 255.0))
    torch.testing.assert_close(norm.running_mean, seen.mean((0, 2, 3)), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(norm.running_var, seen.var((0, 2, 3)), atol=1e-5, rtol=1e-4)
    with pytest.raises(ValueError, match="must be shown crops"):
        train.mean_network(paths, None)
    alone = train.mean_network(paths[:1], None)
    torch.testing.assert_close(alone.state_dict(), one.cpu().state_dict())


def test_rate_warms_up_and_falls():
    plan = train.LetterPlan(steps=100, warm_up=10)
    rates = [loop.learning_rate(plan, step) for step in range(100)]
    assert max(rates) == pytest.approx(plan.rate)
    assert rates[0] == pytest.approx(plan.rate / 10)
    assert rates[99] < 0.02 * plan.rate


def test_a_run_ends_after_its_steps_or_its_minutes():
    plan = train.LetterPlan(steps=100, minutes=2, warm_up=0)
    assert plan.done(50, 0) == plan.done(0, 60) == plan.done(20, 60) == 0.5
    assert plan.done(0, 120) == plan.done(100, 0) == plan.done(200, 500) == 1
    assert loop.learning_rate(plan, 0, 118.8) == pytest.approx(loop.learning_rate(plan, 99))
    assert loop.learning_rate(plan, 99) < 0.02 * plan.rate


def test_spans_are_letters_or_not():
    totals = np.array([100.0, 50.0])
    own = np.array([[100, 2], [40, 0], [98, 49], [50, 30], [80, 0]], float)
    kinds, owners = spans.span_kinds(own, totals)
    assert kinds.tolist() == [spans.LETTER, spans.PIECE, spans.SEVERAL, spans.MIXED, spans.UNSURE]
    assert owners.tolist() == [0, -1, -1, -1, -1]


def test_composed_words_come_apart(corpus):
    letters = compose.letters_of(corpus.ink, np.arange(len(corpus.ink)))
    rng = np.random.default_rng(0)
    words = [compose.composed_word(corpus.ink, letters, "TTT", rng) for _ in range(12)]
    kinds = np.concatenate([w.kinds for w in words])
    assert spans.LETTER in kinds
    assert {spans.PIECE, spans.SEVERAL, spans.MIXED} & set(kinds.tolist())
    sizes = np.concatenate([w.sizes[w.kinds == spans.LETTER] for w in words])
    assert np.median(sizes[:, 1]) == pytest.approx(1.0, abs=0.15)
    assert all(w.crops.shape[1:] == (32, 32) for w in words)


def word_of_bars(count):
    """A word photo of upright bars that stand apart, dark on light."""
    grey = np.full((48, 14 + 16 * count), 230, np.uint8)
    for number in range(count):
        grey[8:40, 10 + 16 * number : 14 + 16 * number] = 30
    return grey


@pytest.mark.parametrize(("text", "whole"), [("lll", True), ("ll", False), ("www", False)])
def test_photographed_letters_need_gaps_and_plausible_sizes(text, whole):
    typical = np.ones((len(characters.LABELS), 2), np.float32)
    typical[characters.LABEL_INDEX["l"]] = 0.1, 1.0
    photo = photographed.WordPhoto(word_of_bars(3), text, "somebody")
    found = photographed.photo_spans(photo, typical, np.random.default_rng(0))
    assert (found is not None) == whole
    if found is not None:
        assert np.count_nonzero(found.kinds == spans.LETTER) >= 3


@pytest.mark.parametrize(("text", "height"), [("lll", 1.0), ("xxx", 0.62), ("www", 0.62), ("yyy", 0.97)])
def test_a_word_tells_its_capital_height_by_its_highest_character(text, height):
    word = photographed.word_ink(photographed.WordPhoto(word_of_bars(3), text, "somebody"))
    assert word.row.cap_height * height == pytest.approx(32, abs=3)


def test_marks_above_one_another_are_one_character():
    boxes = np.array([[20, 0, 24, 4], [18, 8, 26, 40], [2, 8, 12, 40]], np.int32)
    assert [sorted(group.tolist()) for group in photographed.side_by_side(boxes)] == [[2], [0, 1]]


def test_pieces_that_look_like_letters_are_left_out():
    label = characters.NOT_A_LETTER
    probability = np.full((4, len(characters.LABELS)), 1e-4)
    probability[0, characters.LABEL_INDEX["I"]] = 0.6
    probability[1, characters.LABEL_INDEX["E"]] = 0.6
    probability[2, characters.LABEL_INDEX["m"]] = 0.99
    probability[3, characters.LABEL_INDEX["O"]] = 0.9
    kinds = np.array([spans.PIECE, spans.PIECE, spans.SEVERAL, spans.LETTER], np.uint8)
    sizes = np.array([[0.2, 1], [0.5, 1], [2, 1], [0.5, 0.6]], np.float32)
    given = np.array([label, label, label, characters.LABEL_INDEX["0"]])
    assert word_crops.trustworthy(given, kinds, sizes, probability).tolist() == [False, True, True, True]


def test_pool_survives_the_disk(tmp_path):
    made = word_crops.distractor_pool(6, 0)
    word_crops.save_pool(tmp_path / "pool.npz", made)
    read = word_crops.load_pool(tmp_path / "pool.npz")
    np.testing.assert_array_equal(read.crops, made.crops)
    assert set(read.labels.tolist()) == {characters.NOT_A_LETTER}
    assert len(word_crops.load_pool(tmp_path / "none.npz")) == 0
    assert read.crops.max(axis=(1, 2)).min() == 255


def test_shares_of_the_sources(corpus):
    whole = replace(corpus, pool=word_crops.distractor_pool(30, 0))
    indices = characters.training_indices(whole)
    assert len(indices) == 8 + 30
    weights = sampling_weights.sampling_weights(whole, indices)
    assert weights.sum() == pytest.approx(1)
    assert weights[whole.labels[indices] == characters.NOT_A_LETTER].sum() > weights[7]


def test_roc_area():
    positive = np.array([True, True, False, False])
    assert rejection.roc_area(np.array([0.9, 0.8, 0.2, 0.1]), positive) == 1.0
    assert rejection.roc_area(np.array([0.5, 0.5, 0.5, 0.5]), positive) == 0.5
    assert rejection.roc_area(np.array([0.9, 0.1, 0.2, 0.1]), positive) == pytest.approx(0.625)


@pytest.mark.parametrize("block", network.BLOCKS)
def test_every_block_keeps_its_shape(block):
    x = torch.zeros(2, 8, 4, 4)
    assert network.BLOCKS[block](8).eval()(x).shape == x.shape


def test_int8_model_keeps_metadata_and_answers(tiny, tmp_path):
    whole, small = tmp_path / "whole.onnx", tmp_path / "small.onnx"
    export.export(tiny, whole, 1.5)
    crops = np.stack([draw_t(seed)[0] for seed in range(64)])
    sizes = np.ones((64, 2), np.float32)
    quantize.quantize(whole, small, crops, sizes)
    before, after = finished.Model(whole, 1), finished.Model(small, 1)
    assert after.temperature == 1.5
    gap = np.abs(before.logits(crops, sizes) - after.logits(crops, sizes)).max()
    assert gap < 0.25 * np.ptp(before.logits(crops, sizes))


def test_words_are_as_sure_as_their_letters():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.6, 1, 4000)
    given = report.Answers(confidence, rng.random(4000) < confidence, np.zeros(4000), np.zeros(4000))
    sure, right = report.chains(given, np.repeat(np.arange(4), 1000), 5)
    assert len(sure) == 800
    assert report.calibration_error(sure, right) < 0.06


def test_figures_are_drawn(tmp_path):
    confidence = np.linspace(0.1, 1, 50)
    report.draw_reliability({"letters": (confidence, confidence > 0.5)}, tmp_path / "reliability.svg")
    points = [frontier.Point("plain", "float32", 10, 1000, 5e4, 0.8, 0.9)]
    report.draw_frontier(points, tmp_path / "frontier.svg")
    assert "plain" in report.frontier_table(points)
    assert all(path.stat().st_size > 1000 for path in tmp_path.iterdir())


def test_distillation_lowers_the_loss():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    crops = np.stack([draw_t(seed)[0] for seed in range(16)])
    batch = batches.Batch(crops, np.ones((16, 2), np.float32), rng.integers(0, 2, 16))
    teacher = np.zeros((16, len(characters.LABELS)), np.float32)
    pupil = network.LetterNet(widths=(8, 8, 16), hidden=16)
    frontier.fit(pupil, batch, teacher, steps=3)
    assert train.predict(pupil, crops, batch.sizes).shape == teacher.shape


def test_pens_of_photographed_and_of_drawn_letters_are_told(corpus):
    crops = np.stack([draw_t(seed, replace(PLAIN, pen=(0.08, 0.08)))[0] for seed in range(9)])
    letters = np.full(9, characters.LABEL_INDEX["T"])
    words = rejection.CutWords(crops, np.ones((9, 2), np.float32), np.full(9, spans.LETTER, np.uint8), letters)
    head, *rows = report.stroke_widths(corpus, words)
    assert [len(row) for row in rows] == [len(head)] * 5
    photographed, drawn = (float(rows[i][3]) for i in (0, 1))
    assert 0 < photographed == pytest.approx(drawn, rel=0.3)


def test_height_alone_parts_two_sizes(corpus):
    """Half of the writers' small letters are as high as their capitals."""
    small, large = characters.LABEL_INDEX["o"], characters.LABEL_INDEX["O"]
    labels, height = np.tile([small, large], 5)[:9], np.tile([0.5, 1.0], 5)[:9]
    height[0] = 1.0
    ink = replace(corpus.ink, labels=labels, relwh=np.column_stack([height, height]).astype(np.float32))
    head, o = report.by_height(replace(corpus, ink=ink), np.array([0, 1]), np.eye(94)[[small, large]])
    assert o == ("`o` `O`", "2", "50.0%", "0.0%")
    assert len(head) == len(o)


@pytest.mark.realdata
def test_nobody_tests_who_trains_under_another_number():
    """Characters that are the same to the last point are one person's."""
    ink = characters.load_corpus(REAL_DATA).ink
    writers = defaultdict(set)
    for index in np.flatnonzero(ink.writers < 1000):
        points, _ = ink.character(index)
        if len(points) > 8:  # shorter ones may be alike by chance
            writers[points.tobytes()].add(int(ink.writers[index]))
    shared = Counter(pair for found in writers.values() for pair in combinations(sorted(found), 2))
    assert not shared or max(shared.values()) <= 2


def test_words_that_are_there_twice_are_read_once(tmp_path):
    deltas = np.array([[0, 0], [9, 0], [0, 90]], "<i2").tobytes()
    lengths = np.array([3], "<i2").tobytes()
    rows = [("I", 1), ("I", 1), ("I", 2), ("l", 1)]
    columns = {
        "text": [text for text, _ in rows],
        "writer": [writer for _, writer in rows],
        "level": ["word"] * len(rows),
        "deltas": [deltas] * len(rows),
        "stroke_lengths": [lengths] * len(rows),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "ink.parquet")
    read = words.load_ink(tmp_path / "ink.parquet", ("word",), test=False)
    assert [(item.text, item.writer) for item in read] == [("I", 1), ("I", 2), ("l", 1)]
