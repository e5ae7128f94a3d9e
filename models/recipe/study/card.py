"""The study's figures as a table for the terminal and as Markdown for the model card."""

from __future__ import annotations

from typing import Any

from models.recipe.study.writers import SAMPLES, mean_over_writers
from models.recipe.training.markdown import code, percent, rows, wrapped

HEADING = "## Study"
PICTURES = "study"
"""Folder of the pictures, beside the card."""

Figures = dict[str, Any]

FROM_COURSE = "(theirs: 0.75)"


def baseline(figures: Figures) -> str:
    """The fully connected baseline against the shipped model."""
    rates, shipped = figures["rates"], figures["shipped"]
    plain, conv = (
        next(run for run in rates[name]["runs"] if run["factor"] == 1) for name in ("fully connected", "convolutional")
    )
    block = rates["fully connected, capitals and digits"]
    seen = f"{plain['crops'][-1]:,} and {conv['crops'][-1]:,}"
    table = rows(
        [
            ["network", "parameters", "94 classes", "capitals and digits"],
            [
                "1024–64–classes, sigmoid",
                f"{rates['fully connected']['parameters']:,}",
                f"{plain['final']:.3f}",
                f"{block:.3f} {FROM_COURSE}",
            ],
            [
                "the shipped architecture, on those crops",
                f"{rates['convolutional']['parameters']:,}",
                f"{conv['final']:.3f}",
                "",
            ],
            [
                "the shipped model, crop alone",
                "",
                f"{shipped['crop alone']:.3f}",
                f"{shipped['capitals and digits']:.3f}",
            ],
            ["the shipped model, with size", "", f"{shipped['with size']:.3f}", ""],
        ]
    )
    return f"""### A fully connected network as baseline

The course work that this project grew out of used a fully connected network with one hidden layer of 64 sigmoid
units. Here it is on this data: strict accuracy on the {shipped["samples"]:,} crops by the validation writers.
The first two rows were trained on the same 30,000 crops ({seen} of them seen, repeats included) at a constant
rate, so they compare architectures; the shipped model then shows what more data and time add. "Capitals and
digits" is a network of its own in the first row, and a choice among those 36 classes for the shipped model.

{table}"""


def learning_rates(figures: Figures) -> str:
    """Three learning rates for each network."""
    rates = figures["rates"]
    cells = [["final validation accuracy", "×0.1", "×1", "×10"]]
    for name, optimizer in (("fully connected", "SGD"), ("convolutional", "AdamW")):
        entry = rates[name]
        cells.append([f"{name}, {optimizer}, ×1 = {entry['rate']:g}", *(f"{r['final']:.3f}" for r in entry["runs"])])
    return f"""### Learning rates

{rows(cells)}

![Training loss and validation accuracy at three learning rates.]({PICTURES}/learning-rates.png)"""


def weights(_figures: Figures) -> str:
    """What the first layers look for."""
    return f"""### First-layer weights

Left and middle, the 64 hidden units of the fully connected network as 32×32 pictures: noise before training,
and after it smooth templates of strokes at one place each; the crop's margin, where no ink ever is, stays as it
was. Right, the first convolution of the shipped model, put back onto the 6×6 pixels that it looks at: edges,
bars and their ends, which serve every place alike.

![Weights of the first layers, red positive and blue negative.]({PICTURES}/weights.png)"""


def confusions(figures: Figures) -> str:
    """The worst pairs of the shipped model."""
    entry = figures["confusions"]
    head = ["pair", "samples", "crop alone", "with size", "by one writer"]

    def table(pairs: list[Figures]) -> str:
        body = [
            [
                f"{code(p['pair'][0])} {code(p['pair'][1])}" + (" (one shape)" if p["alike"] else ""),
                f"{p['samples']:,}",
                percent(p["crop alone"]),
                percent(p["with size"]),
                f"{100 * p['by one writer']:.0f} %",
            ]
            for p in pairs
        ]
        return rows([head, *body])

    return f"""### Confusions

The shipped model on the {entry["samples"]:,} crops by the test writers: {entry["crop alone"]:.3f} right from
the crop alone, {entry["with size"]:.3f} with the size. Of the errors that remain with the size,
{percent(entry["share of errors within one shape"])} are within a group of one shape (`0Oo`, `1lI|`, `Cc` and
the like). The tables count, of all samples of two characters, those read as the other one; the last column
says how many of these errors (with the size) one writer gave, whose habit or wrong labels they may be.

{table(entry["worst"])}

The pairs that the course work's network confused most:

{table(entry["course work"])}

![Heat map of the confusion matrix: digits, capitals, small letters, punctuation.]({PICTURES}/confusions.png)"""


def autoencoder(figures: Figures) -> str:
    """The autoencoder against principal components, and what rejects best."""
    coder, rejection = figures["autoencoder"], figures.get("rejection", {})
    names = {"autoencoder": "autoencoder 1024–32–32–32–1024", "principal components": "32 principal components"}
    theirs = {"autoencoder": "15.36", "principal components": "16.28"}
    quality = rows(
        [
            ["", "PSNR, test writers", "PSNR, training crops", "the course work's"],
            *(
                [
                    names[n],
                    f"{coder[n]['psnr']:.2f} dB",
                    f"{coder[n]['psnr, training crops']:.2f} dB",
                    f"{theirs[n]} dB",
                ]
                for n in names
            ),
        ]
    )
    kinds = ("pieces", "pairs", "both")
    scores = {f"{names[n]}: {kind}": coder[n][kind] for n in names for kind in ("error", "relative error")}
    scores |= {f"shipped model: {name}": areas for name, areas in rejection.items()}
    areas = rows([["ROC area", *kinds], *([name, *(f"{a[k]:.3f}" for k in kinds)] for name, a in scores.items())])
    return f"""### An autoencoder, principal components, and what is no letter

Both were fitted on the 30,000 training crops, the autoencoder (sigmoid units) for {coder["epochs"]} epochs with
Adam.

{quality}

![Letters of the example notes, and both reconstructions of them.]({PICTURES}/reconstructions.png)

Does the reconstruction's error help to reject what is no letter? Letters and digits by the test writers against
pieces of one (an upright cut through it) and pairs of two; 0.5 is chance. Some pieces and pairs do look like
letters (half an H, `rn`), so 1 is out of reach. The relative error is divided by the crop's own energy.

{areas}

{verdict(coder, rejection)}"""


def verdict(coder: Figures, rejection: Figures) -> str:
    """What the ROC areas say."""
    errors = [coder[n][kind] for n in ("autoencoder", "principal components") for kind in ("error", "relative error")]
    said = []
    if max(areas["pieces"] for areas in errors) < 0.5:
        said.append(
            "A piece is simpler than a letter, so it comes back better: its error says the opposite of what was hoped\n"
            "for. Only pairs, which are busier than letters, come back worse."
        )
    if rejection:
        name, best = max(((n, areas["both"]) for n, areas in rejection.items()), key=lambda item: item[1])
        by_error = max(areas["both"] for areas in errors)
        comparison = "better" if best > by_error else "no better"
        said.append(
            f"The classifier rejects {comparison} ({name}: {best:.3f}) than the best reconstruction does\n"
            f"({by_error:.3f})" + ("; no autoencoder ships." if best > by_error else ".")
        )
    return " ".join(said)


def few_samples(figures: Figures) -> str:
    """Fine-tuning against training from nothing."""
    entry = figures["writers"]
    writers = entry["writers"]
    shipped = sum(w["shipped"] for w in writers) / len(writers)
    keys = ("fine-tuned", "hand", "from nothing", "fine-tuned, others", "hand, others")
    tuned, hand, fresh, others, hand_others = (mean_over_writers(writers, key) for key in keys)
    table = rows(
        [
            ["mean accuracy", "shipped", *(f"{count} a class" for count in SAMPLES)],
            ["fine-tuned, the writer's other samples", f"{shipped:.3f}", *(f"{a:.3f}" for a in tuned)],
            ["a hand, the writer's other samples", f"{shipped:.3f}", *(f"{a:.3f}" for a in hand)],
            ["from nothing, the writer's other samples", "", *(f"{a:.3f}" for a in fresh)],
            ["fine-tuned, other writers", f"{entry['others, shipped']:.3f}", *(f"{a:.3f}" for a in others)],
            ["a hand, other writers", f"{entry['others, shipped']:.3f}", *(f"{a:.3f}" for a in hand_others)],
        ]
    )
    sizes = ", ".join(f"{w['classes']} classes ({w['measured on']} crops)" for w in writers)
    return f"""### One writer's few samples

{len(writers)} of the test writers, of whom the shipped model saw nothing, measured on a half of their samples
that is not learnt from: {sizes}. With size, strict. The command's settings were chosen on validation writers and
on the example notes. "A hand" is what `ocr learn` fits, without torch and within a second: a correction of the last
layer. It is put aside for other writers' pages, so what it costs them matters little.

{table}

![Accuracy against the number of samples of each class, fine-tuned and from nothing.]({PICTURES}/few-samples.png)"""


def own_notes(figures: Figures) -> str:
    """Fine-tuning on whole pages."""
    entry = figures["notes"]
    table = rows(
        [
            ["", "letters kept apart", "CER, notes learnt from", "CER, notes in other hands"],
            *(
                [name, f"{row['letters']:.3f}", f"{row['learnt']:.3f}", f"{row['other']:.3f}"]
                for name, row in entry["rows"].items()
            ),
        ]
    )
    return f"""### One's own folder

`python -m models.recipe.finetune FOLDER --out my-letters.onnx` learns from crops (`LABEL/*.png`) or from photos
with transcripts (`NAME.jpg`, `NAME.gt.txt`); `ocr read --model my-letters.onnx` uses the result. Here it is on four
of the example notes, which are drawn, so this shows that it works and no more: {entry["learnt"]} letters to learn
from, {entry["kept apart"]} kept apart.

{table}

A reader also asks the classifier about wrong ways of cutting a word. A network that is tuned on letters alone
becomes sure of those, too; so the command shows it pieces and pairs of the same letters, to which it has to answer
as before (Li and Hoiem 2016), and mixes 70 % of the new weights with 30 % of the old ones (Wortsman et al. 2022).
Hands that the folder does not show are read somewhat worse afterwards."""


SECTIONS = {
    ("rates", "shipped"): baseline,
    ("rates",): learning_rates,
    ("weights",): weights,
    ("confusions",): confusions,
    ("autoencoder",): autoencoder,
    ("writers",): few_samples,
    ("notes",): own_notes,
}
"""Each section of the card, and the parts of the study that it needs."""


def fragment(figures: Figures) -> str:
    """The card's section, of the parts that were run."""
    intro = "Made by `python -m models.recipe.study --card models/study.md`, with fixed seeds, on the data named above."
    found = [section(figures) for needs, section in SECTIONS.items() if all(need in figures for need in needs)]
    return wrapped("\n\n".join([HEADING, intro, *found])) + "\n"
