"""Fine-tuning on made-up crops and the example notes: no data needed."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")
pytest.importorskip("cv2")
pytest.importorskip("onnx")

from conftest import EXAMPLES

from models.recipe.drawing import render
from models.recipe.finetune import __main__ as finetune
from models.recipe.finetune import bank as bank_module
from models.recipe.finetune import samples as samples_module
from models.recipe.finetune import tuning
from models.recipe.handwriting import characters
from models.recipe.letters import export, finished, network
from models.recipe.letters.start import load_start
from ocrcli.core.errors import InputError, ModelError, UsageError
from ocrcli.core.settings import Settings
from ocrcli.pipeline.reading import Reader


@pytest.fixture(autouse=True)
def one_thread():
    """Networks this small lose time to a second thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def picture(kind, height=40):
    """Bright ink on black: a bar, a ring, or a corner."""
    out = np.zeros((height, height if kind != "I" else 6), np.uint8)
    if kind == "I":
        out[:] = 255
    elif kind == "O":
        out[:] = 255
        out[6:-6, 6:-6] = 0
    else:
        out[-6:] = out[:, :6] = 255
    return out


def sample(label, size=(0.0, 0.0)):
    ink = picture(label)
    return samples_module.Sample(label, ink, render.picture_crop(ink), size)


@pytest.fixture(scope="module")
def tiny():
    """A small network whose batch norms have seen something, so that folding them matters."""
    torch.manual_seed(0)
    made = network.LetterNet(widths=(8, 12, 16), hidden=16)
    made.train()(torch.randint(0, 256, (32, 32, 32), dtype=torch.uint8), torch.rand(32, 2))
    return made.eval()


@pytest.fixture(scope="module")
def model(tiny, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    export.export(tiny, path, 1.5)
    return path


# --- fine-tuning: labels, transcripts, crops


@pytest.mark.parametrize(
    ("name", "label"),
    [("A", "A"), ("U+002F", "/"), ("u+002f", "/"), ("SOLIDUS", "/"), ("LATIN_SMALL_LETTER_A", "a")],
)
def test_folder_names_stand_for_characters(name, label):
    assert samples_module.label_of(name) == label


def test_a_folder_that_names_no_character_is_an_error():
    with pytest.raises(UsageError, match=r"foo.*names no character"):
        samples_module.label_of("foo")


def test_not_a_letter_has_a_folder_of_its_own():
    assert samples_module.label_of("not-a-letter") == ""


def test_safe_pairs_take_what_stands_between_right_ones():
    assert samples_module.safe_pairs("HELL0W", "HELLOW") == [(0, "H"), (1, "E"), (2, "L"), (4, "O")]


def test_safe_pairs_leave_out_what_was_cut_wrongly():
    pairs = dict(samples_module.safe_pairs("abrnde", "abmde"))
    assert pairs == {0: "a", 5: "e"} or set(pairs) <= {0, 5}


def test_safe_pairs_of_nothing():
    assert samples_module.safe_pairs("", "abc") == []
    assert samples_module.safe_pairs("abc", "") == []


@pytest.mark.parametrize("invert", [False, True])
def test_crops_of_either_polarity_become_bright_ink(invert):
    grey = np.full((20, 20), 200, np.uint8)
    grey[5:15, 9:12] = 60
    ink = samples_module.bright_ink(255 - grey if invert else grey)
    assert ink[10, 10] == 255
    assert ink[0, 0] == 0


def test_an_example_note_gives_glyphs_that_the_reader_saw():
    photo, transcript = EXAMPLES / "shopping_list.jpg", EXAMPLES / "shopping_list.gt.txt"
    stages = {}
    page = Reader().read(photo, on_stage=stages.__setitem__)
    text = transcript.read_text()
    found = samples_module.page_samples(page, stages, text)
    assert 0.7 * len("".join(text.split())) < len(found)
    seen = {crop.tobytes() for crop in stages["crops"]}
    assert all(s.crop.tobytes() in seen for s in found)
    capitals = [s.size[1] for s in found if s.label.isupper()]
    assert 0.8 < np.median(capitals) < 1.25


def test_split_keeps_rare_classes_for_training():
    train, held = samples_module.split([sample("I")] * 10 + [sample("O")] * 3)
    assert sorted(s.label for s in held) == ["I", "I"]
    assert len(train) == 11


# --- fine-tuning: weights


def test_weights_come_back_out_of_the_onnx_file(tiny, model):
    start = load_start(model)
    crops, sizes = torch.randint(0, 256, (5, 32, 32), dtype=torch.uint8), torch.rand(5, 2)
    with torch.no_grad():
        torch.testing.assert_close(start.network(crops, sizes), tiny(crops, sizes), rtol=1e-4, atol=1e-4)
    assert start.labels == characters.LABELS
    assert start.temperature == 1.5


@pytest.mark.parametrize("block", network.BLOCKS)
def test_every_kind_of_block_is_told(tmp_path, block):
    torch.manual_seed(2)
    made = network.LetterNet((8, 12, 16), 16, block=block)
    made.train()(torch.randint(0, 256, (32, 32, 32), dtype=torch.uint8), torch.rand(32, 2))
    export.export(made, tmp_path / "x.onnx", 1.0)
    stages = [type(m) for m in load_start(tmp_path / "x.onnx").network.body]
    assert network.BLOCKS[block] in stages


def test_another_architecture_is_refused_in_one_line(tmp_path):
    class Other(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.only = torch.nn.Linear(1026, len(characters.LABELS))

        def forward(self, crops, size):
            return self.only(torch.cat([crops.flatten(1) / 255.0, size], dim=1))

    path = tmp_path / "other.onnx"
    export.export(Other(), path, 1.0)
    with pytest.raises(ModelError, match="cannot be trained") as error:
        load_start(path)
    assert "\n" not in str(error.value)


def test_blend_goes_from_old_to_new(tiny):
    torch.manual_seed(1)
    new = network.LetterNet(widths=(8, 12, 16), hidden=16)
    old, fresh = tiny.mix[2].bias.detach().clone(), new.mix[2].bias.detach().clone()
    mixed = tuning.blend(tiny, new, 0.25).mix[2].bias.detach()
    torch.testing.assert_close(mixed, 0.75 * old + 0.25 * fresh)


def test_tuning_learns_and_leaves_the_start_alone(tiny):
    samples = [sample("I"), sample("O"), sample("L")]
    bank = bank_module.make_bank(tiny, samples, characters.LABELS, seed=0)
    before = {name: value.clone() for name, value in tiny.state_dict().items()}
    tuned = tuning.tune(tiny, bank, tuning.Tuning(steps=60, rate=1e-2, blend=1.0, retain=0.5))
    checked = tuning.as_read(samples, characters.LABELS)
    assert tuning.share_right(finetune.predict(tuned, checked.crops, checked.sizes), checked.labels) == 1
    assert all(torch.equal(before[name], value) for name, value in tiny.state_dict().items())


def test_bad_cuts_go_on_getting_the_old_answers(tiny):
    bank = bank_module.make_bank(tiny, [sample("I"), sample("O")], characters.LABELS, seed=0)

    def drift(retain):
        tuned = tuning.tune(tiny, bank, tuning.Tuning(steps=40, rate=1e-2, blend=1.0, retain=retain))
        answers = finished.softmax(finetune.predict(tuned, bank.miscuts.crops, bank.miscuts.sizes))
        return np.abs(answers - bank.answers).sum(axis=1).mean()

    assert drift(2.0) < 0.6 * drift(0.0)


# --- fine-tuning: bad cuts


def test_pair_stands_on_one_baseline_at_one_scale():
    tall, small = sample("L", (1.0, 1.0)), sample("O", (0.5, 0.5))
    both = bank_module.pair(tall, small, 0.1)
    height, width = both.picture.shape
    assert height == 40
    assert width == 40 + 4 + 20
    assert both.size == (width / 40, 1.0)
    assert both.picture[-1, -1] == 255
    assert not both.picture[:19, 42:].any()


def test_piece_is_tight_and_keeps_the_scale():
    part = bank_module.piece(sample("L", (1.0, 1.0)), 0.5, left=False)
    assert part.picture.shape == (6, 20)
    assert part.size == (0.5, 0.15)


def test_a_letter_one_pixel_wide_has_no_pieces():
    thin = replace(sample("I"), picture=np.full((9, 1), 255, np.uint8))
    assert bank_module.piece(thin, 0.5, left=False).picture.any()


# --- fine-tuning: the command


def crops_folder(folder):
    for label in ("I", "O", "U+004C"):
        (folder / label).mkdir(parents=True)
        for number in range(6):
            ink = np.pad(picture(samples_module.label_of(label)), 4 + number)
            Image.fromarray(255 - ink).save(folder / label / f"{number}.png")


def test_command_writes_a_model_that_the_reader_loads(tmp_path, model, capsys):
    crops_folder(tmp_path / "own")
    out = tmp_path / "my-letters.onnx"
    options = ["--out", str(out), "--start", str(model), "--steps", "40", "--rate", "0.01", "--blend", "1"]
    code = finetune.main([str(tmp_path / "own"), *options, "--threads", "1"])
    captured = capsys.readouterr()
    assert code == 0
    assert captured.out == f"{out}\n"
    assert "18 letters of 3 classes: 15 to learn, 3 to check" in captured.err
    assert "0.000 before, 1.000 after" in captured.err
    classifier = Reader(Settings(model=out, device="cpu")).models.letters
    assert classifier.temperature == 1.5
    crop = sample("O").crop[None]
    assert classifier.labels[int(classifier.log_probabilities(crop).argmax())] == "O"
    assert finetune.main(["evaluate", str(tmp_path / "own"), "--start", str(model), "--model", str(out)]) == 0
    before, after = capsys.readouterr().out.splitlines()
    assert before.startswith("before: 0.000 of 3 letters kept apart")
    assert after.startswith("after: 1.000 of 3 letters kept apart")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: None, "no LABEL/"),
        (lambda f: (f / "é").mkdir(), "no class for 'é'"),
        (lambda f: ((f / "A").mkdir(), (f / "A" / "1.png").write_text("x")), "not an image"),
        (lambda f: ((f / "A").mkdir(), Image.new("L", (20, 20)).save(f / "A" / "1.png")), "one even colour"),
    ],
)
def test_command_says_what_is_wrong_in_one_line(tmp_path, model, capsys, make, message):
    folder = tmp_path / "own"
    folder.mkdir()
    make(folder)
    assert finetune.main([str(folder), "--out", str(tmp_path / "x.onnx"), "--start", str(model)]) in (2, 3)
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "x.onnx").exists()


def test_a_place_that_cannot_be_written_to_is_said_in_one_line(tmp_path, model, capsys):
    crops_folder(tmp_path / "own")
    (tmp_path / "file").write_text("")
    options = ["--out", str(tmp_path / "file" / "x.onnx"), "--start", str(model), "--steps", "1", "--threads", "1"]
    assert finetune.main([str(tmp_path / "own"), *options]) == 3
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"finetune: {tmp_path / 'file' / 'x.onnx'}: cannot be")


def test_missing_folder_is_an_input_error():
    with pytest.raises(InputError, match="no such folder"):
        samples_module.read_folder(EXAMPLES / "nowhere", Reader())
