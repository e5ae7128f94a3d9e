"""Loading a letter model, running it in batches, and refusing what is none."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from small_models import save_model

from ocrcli.core.errors import ModelError, UsageError
from ocrcli.core.onnx_model import DEVICES, wanted_threads
from ocrcli.letters import letter_crop
from ocrcli.letters.classifier import BATCHES, FORMAT, Classifier, load_classifier, log_softmax

LABELS = ("a", "B", "3", ".")
RNG = np.random.default_rng(11)
CROP_WEIGHTS = (RNG.normal(0, 1, (letter_crop.SIZE**2, len(LABELS))) / 2000).astype(np.float32)
SIZE_WEIGHTS = RNG.normal(0, 1, (2, len(LABELS))).astype(np.float32)
CROPS = RNG.integers(0, 256, (70, letter_crop.SIZE, letter_crop.SIZE)).astype(np.uint8)
SIZES = RNG.uniform(0, 1.5, (70, 2)).astype(np.float32)
METADATA = {
    "ocrcli.format": FORMAT,
    "ocrcli.crop": letter_crop.GEOMETRY,
    "ocrcli.labels": json.dumps(LABELS),
    "ocrcli.temperature": "1.0",
}
MakeModel = Callable[..., Path]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Makes a linear model with some of its metadata changed, or left out where it is None."""

    def make(**changes: str | None) -> Path:
        side = letter_crop.SIZE
        return save_model(
            tmp_path / "small.onnx",
            f"(uint8[n,{side},{side}] crops, float[n,2] size) => (float[n,{len(LABELS)}] logits)",
            "ink = Cast<to = 1>(crops) flat = Flatten<axis = 1>(ink) seen = MatMul(flat, w) sized = MatMul(size, v) "
            "logits = Add(seen, sized)",
            METADATA | {f"ocrcli.{key}": value for key, value in changes.items()},
            w=CROP_WEIGHTS,
            v=SIZE_WEIGHTS,
        )

    return make


def refused(path: Path | None, device: str = "cpu") -> str:
    with pytest.raises(ModelError) as caught:
        load_classifier(path, device)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def expected_logits(crops: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return crops.reshape(len(crops), -1).astype(np.float64) @ CROP_WEIGHTS + sizes.astype(np.float64) @ SIZE_WEIGHTS


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_a_model_is_loaded_and_run(make_model: MakeModel, temperature: float) -> None:
    loaded = load_classifier(make_model(temperature=str(temperature)), "cpu")
    assert loaded.labels == LABELS
    assert (loaded.temperature, loaded.device) == (temperature, "cpu")
    p = np.exp(loaded.log_probabilities(CROPS, SIZES))
    assert p == pytest.approx(softmax(expected_logits(CROPS, SIZES) / temperature), abs=1e-4)


def test_unknown_sizes_are_zero(make_model: MakeModel) -> None:
    loaded = load_classifier(make_model(), "cpu")
    assert loaded.log_probabilities(CROPS) == pytest.approx(loaded.log_probabilities(CROPS, np.zeros_like(SIZES)))


def test_the_batch_around_a_crop_does_not_matter(make_model: MakeModel) -> None:
    loaded = load_classifier(make_model(), "cpu")
    together = loaded.log_probabilities(CROPS, SIZES)
    for i in (0, 15, 16, 69):
        alone = loaded.log_probabilities(CROPS[i : i + 1], SIZES[i : i + 1])
        assert alone == pytest.approx(together[i : i + 1], abs=1e-4)


class RecordingSession:
    """Answers with each crop's first pixel and its width, and remembers the shapes it was asked for."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        crops, size = inputs["crops"], inputs["size"]
        assert outputs == ["logits"]
        assert (crops.dtype, size.dtype) == (np.uint8, np.float32)
        assert crops.shape[1:] == (letter_crop.SIZE, letter_crop.SIZE)
        assert size.shape == (len(crops), 2)
        self.batches.append(len(crops))
        return [np.stack([crops[:, 0, 0].astype(np.float32), size[:, 0]], axis=1)]


@given(st.integers(0, 700))
def test_only_the_fixed_batch_sizes_are_run(count: int) -> None:
    session: Any = RecordingSession()
    crops = np.zeros((count, letter_crop.SIZE, letter_crop.SIZE), np.uint8)
    crops[:, 0, 0] = np.arange(count) % 251
    sizes = np.stack([np.arange(count) % 7, np.zeros(count)], axis=1).astype(np.float32)
    got = Classifier(session, ("a", "b"), 1.0, "cpu").log_probabilities(crops, sizes)
    assert set(session.batches) <= set(BATCHES)
    assert count <= sum(session.batches) < count + min(BATCHES)
    assert got.shape == (count, 2)
    assert got[:, 0] - got[:, 1] == pytest.approx(crops[:, 0, 0].astype(float) - sizes[:, 0], abs=1e-3)


LOGITS = npst.arrays(
    np.float32, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(-(2.0**120), 2.0**120, width=32)
)


@given(LOGITS)
def test_log_softmax_of_huge_logits(logits: np.ndarray) -> None:
    with np.errstate(all="raise", under="ignore"):
        log_p = log_softmax(logits)
    assert log_p.shape == logits.shape
    assert np.isfinite(log_p).all()
    assert (log_p <= 0).all()
    assert np.exp(log_p.astype(np.float64)).sum(axis=1) == pytest.approx(1, abs=1e-5)
    rows = np.arange(len(logits))
    assert (log_p[rows, logits.argmax(axis=1)] == log_p.max(axis=1)).all()


@given(npst.arrays(np.float32, (3, 5), elements=st.floats(-20, 20, width=32)), st.integers(-1000, 1000))
def test_log_softmax_is_the_logarithm_of_the_softmax_wherever_zero_is(logits: np.ndarray, shift: int) -> None:
    assert np.exp(log_softmax(logits)) == pytest.approx(softmax(logits.astype(np.float64)), abs=1e-5)
    assert log_softmax(logits + np.float32(shift)) == pytest.approx(log_softmax(logits), abs=1e-2)


@pytest.mark.parametrize(
    ("change", "value", "says"),
    [
        ("format", None, "none"),
        ("format", "letters/999", "letters/999"),
        ("crop", None, "another crop"),
        ("crop", "v0 size=28", "v0 size=28"),
        ("labels", None, "labels"),
        ("labels", "not json", "labels"),
        ("labels", "5", "labels"),
        ("labels", json.dumps(LABELS[:-1]), "3 classes"),
        ("labels", json.dumps([*LABELS, "x"]), "5 classes"),
        ("labels", json.dumps([*LABELS[:-1], LABELS[0]]), "labels"),
        ("temperature", None, "temperature"),
        ("temperature", "warm", "temperature"),
        ("temperature", "0", "temperature"),
        ("temperature", "-1", "temperature"),
        ("temperature", "nan", "temperature"),
        ("temperature", "inf", "temperature"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(make_model: MakeModel, change: str, value: str | None, says: str) -> None:
    path = make_model(**{change: value})
    message = refused(path)
    assert str(path) in message
    assert says in message


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ("[" * 100_000, "its labels are not JSON (maximum recursion depth"),
        (json.dumps(["a", "B", "3", "\n"]), "not single printable characters"),
        (json.dumps(["a", "B", "3", "\x1b"]), "not single printable characters"),
        (json.dumps(["a", "B", "3", " "]), "a space is no letter"),
        (json.dumps(["a", "B", "3", 4]), "not single printable characters"),
        (json.dumps({"a": 1}), "not single printable characters"),
    ],
)
def test_labels_that_are_none(make_model: MakeModel, labels: str, says: str) -> None:
    assert says in refused(make_model(labels=labels))


def strange_model(path: Path, nodes: str, crops: str = "uint8[n,32,32]", logits: str = "float[n,4]") -> Path:
    """A letter model of other nodes, as ONNX's own text syntax has them."""
    return save_model(path, f"({crops} crops, float[n,2] size) => ({logits} logits)", nodes, METADATA)


FOUR = "w = Constant<value = float[2,4] {1,1,1,1,1,1,1,1}>() "
"""Weights from the two sizes to four labels."""


@pytest.mark.parametrize(
    ("nodes", "types", "says"),
    [
        (FOUR + "logits = MatMul(size, w)", {"crops": "float[n,32,32]"}, "cannot be run"),
        (FOUR + "logits = MatMul(size, w)", {"crops": "uint8[n,28,28]"}, "cannot be run"),
        ("logits = ReduceMax<keepdims=0>(size)", {"logits": "float"}, "do not fit its logits of shape []"),
        (
            FOUR + "a = MatMul(size, w) o = Constant<value_int = 0>() logits = ReduceMin<axes=[0]>(a)",
            {},
            "float32 (1, 4)",
        ),
        (FOUR + "a = MatMul(size, w) b = Sub(a, a) logits = Div(b, b)", {}, "gives NaN"),
        (FOUR + "a = MatMul(size, w) logits = Cast<to=7>(a)", {"logits": "int64[n,4]"}, "int64 (16, 4)"),
    ],
    ids=["type", "size", "rank", "rows", "NaN", "integers"],
)
def test_a_strange_model_is_tried_first(nodes: str, types: dict[str, str], says: str, tmp_path: Path) -> None:
    assert says in refused(strange_model(tmp_path / "strange.onnx", nodes, **types))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
def test_a_model_that_asks_for_all_memory_is_refused(tmp_path: Path) -> None:
    import resource

    nodes = (
        FOUR + "k = Constant<value = int64[2] {60000, 60000}>() c = ConstantOfShape(k) m = ReduceMax<keepdims=0>(c) "
    )
    path = strange_model(tmp_path / "bomb.onnx", nodes + "a = MatMul(size, w) logits = Add(a, m)")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    assert str(path) in refused(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_000_000
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


@pytest.mark.parametrize(
    ("text", "threads"), [("", 0), ("1", 1), ("0", 0), ("2000", os.cpu_count()), ("9" * 5000, 0), ("many", 0), ("²", 0)]
)
def test_no_more_threads_than_cores(text: str, threads: int) -> None:
    assert wanted_threads(text) == threads


def test_an_onnx_model_of_something_else_is_refused(make_model: MakeModel) -> None:
    path = make_model(format=None, crop=None, labels=None, temperature=None)
    assert f"{path}: not a letter model" in refused(path)


def test_without_onnxruntime_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"run: pip install --force-reinstall onnxruntime$"):
        load_classifier()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "absent.onnx"
    assert f"{path}: there is no such model file" in refused(path)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\0", b"not a model\n" * 40, bytes(range(256))])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str], content: bytes) -> None:
    path = tmp_path / "garbage.onnx"
    path.write_bytes(content)
    assert str(path) in refused(path)
    assert capfd.readouterr().out == ""


def test_a_truncated_model_is_named(make_model: MakeModel) -> None:
    path = make_model()
    path.write_bytes(path.read_bytes()[:2000])
    assert str(path) in refused(path)


@pytest.mark.parametrize("device", ["", "gpu", "CPU", "CPUExecutionProvider"])
def test_an_unknown_device_lists_the_known_ones(make_model: MakeModel, device: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_classifier(make_model(), device)
    assert repr(device) in str(caught.value)
    assert all(name in str(caught.value) for name in DEVICES)


@pytest.mark.parametrize("device", sorted(set(DEVICES) - {"auto", "cpu"}))
def test_a_missing_provider_says_what_to_install(make_model: MakeModel, device: str) -> None:
    if DEVICES[device] in onnxruntime.get_available_providers():
        pytest.skip(f"{device} is here")
    message = refused(make_model(), device)
    assert repr(device) in message
    assert "install onnxruntime" in message
    assert "--device cpu" in message


def test_auto_runs_on_what_is_there(make_model: MakeModel, capfd: pytest.CaptureFixture[str]) -> None:
    loaded = load_classifier(make_model(), "auto")
    assert loaded.device in DEVICES
    assert loaded.session.get_providers()[0] == DEVICES[loaded.device]
    assert capfd.readouterr().out == ""


@pytest.fixture
def broken_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA is said to be there, but no session starts on it."""
    if DEVICES["cuda"] in onnxruntime.get_available_providers():
        pytest.skip("cuda is here")
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: [DEVICES["cuda"], DEVICES["tensorrt"], DEVICES["cpu"]]
    )


@pytest.mark.usefixtures("broken_cuda")
def test_auto_falls_back_to_the_cpu(make_model: MakeModel) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = load_classifier(make_model(), "auto")
    assert loaded.device == "cpu"
    assert loaded.log_probabilities(CROPS, SIZES).shape == (len(CROPS), len(LABELS))


@pytest.mark.usefixtures("broken_cuda")
@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
def test_an_explicit_device_never_falls_back(make_model: MakeModel, device: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert repr(device) in refused(make_model(), device)


def test_auto_refuses_a_bad_model_as_any_device_does(tmp_path: Path) -> None:
    path = tmp_path / "garbage.onnx"
    path.write_bytes(b"garbage")
    assert str(path) in refused(path, "auto")
