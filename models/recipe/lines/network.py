"""The line reader: convolutions over the line image, then gated convolutions and attention along it, and CTC."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.handwriting.words import CHARACTERS
from models.recipe.letters.network import Residual, conv
from ocrcli.lines.line_image import HEIGHT

STRIDE = 4
"""Pixels of the line image per step of the output."""

LETTER = 4
"""Steps that `Attentive` sees as one: about a letter."""

INK = 0.1
"""Brightness, 0 to 1, from which on a pixel of the line image is ink."""

UNSEEN = -1e4
"""Added to the scores of what has no ink, so that padding and gaps are not looked at."""


class Gated(nn.Module):
    """A residual block along the row: a wide depthwise convolution, then a gate.

    Dauphin et al. 2017, "Language modeling with gated convolutional networks"; the depthwise form is that of Wu et al.
    2019, "Pay less attention".
    """

    def __init__(self, width: int, reach: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(width, width, (1, reach), padding=(0, reach // 2), groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.gate = nn.Conv2d(width, 2 * width, 1)
        self.out = nn.Conv2d(width, width, 1, bias=False)
        self.out_norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (n, width, 1, steps)."""
        inner = functional.glu(self.gate(self.norm(self.mix(x))), dim=1)
        return x + self.out_norm(self.out(inner))


class Attentive(nn.Module):
    """A residual block in which each step looks at all letters of the row: how this hand writes them elsewhere.

    Vaswani et al. 2017, "Attention is all you need". Keys and values are a quarter as many as the steps, which bounds
    the memory (Wang et al. 2021, "Pyramid vision transformer"); where they stand is told by the convolutions before.
    """

    def __init__(self, width: int, reach: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.mix = nn.Conv2d(width, width, (1, reach), padding=(0, reach // 2), groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.ask = nn.Conv2d(width, width, 1)
        far = (1, 2 * LETTER - 1)
        self.gather = nn.Conv2d(
            width, width, far, stride=(1, LETTER), padding=(0, LETTER - 1), groups=width, bias=False
        )
        self.gather_norm = nn.BatchNorm2d(width)
        self.offer = nn.Conv2d(width, 2 * width, 1)
        self.out = nn.Conv2d(width, width, 1, bias=False)
        self.out_norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor, blank: Tensor) -> Tensor:
        """Keep the shape (n, width, 1, steps); ``blank`` is (n, 1, 1, letters), added to the scores of the letters."""
        asked = self._by_head(self.ask(self.norm(self.mix(x))))
        keys, values = self.offer(self.gather_norm(self.gather(x))).chunk(2, dim=1)
        seen = functional.scaled_dot_product_attention(asked, self._by_head(keys), self._by_head(values), blank)
        return x + self.out_norm(self.out(seen.transpose(2, 3).flatten(1, 2).unsqueeze(2)))

    def _by_head(self, x: Tensor) -> Tensor:
        """(n, width, 1, steps) as (n, heads, steps, width / heads)."""
        return x.squeeze(2).unflatten(1, (self.heads, -1)).transpose(2, 3)


def blank_letters(strips: Tensor) -> Tensor:
    """What `Attentive` adds to the scores of letters, (n, 1, 1, letters): `UNSEEN` where they have no ink.

    Args:
        strips: (n, 1, HEIGHT, w) line images, 0 to 1.
    """
    inked = functional.max_pool2d(strips, (HEIGHT, STRIDE))
    near = functional.max_pool2d(inked, (1, 2 * LETTER - 1), stride=(1, LETTER), padding=(0, LETTER - 1))
    return (near < INK).to(torch.float32) * UNSEEN


class LineNet(nn.Module):
    """Line images to logits.

    Args:
        widths: Channels at 1/2, 1/4 and 1/8 of the height.
        width: Channels along the row.
        blocks: How many gated blocks.
        reach: Steps that each of them sees.
        looks: After how many gated blocks an attentive one follows.
        heads: Of the attentive ones.
        labels: Characters and the blank.
    """

    def __init__(
        self,
        widths: tuple[int, int, int] = (24, 48, 96),
        width: int = 192,
        blocks: int = 14,
        reach: int = 9,
        looks: tuple[int, ...] = (6, 10, 14),
        heads: int = 6,
        labels: int = len(CHARACTERS) + 1,
    ) -> None:
        super().__init__()
        a, b, c = widths
        self.body = nn.Sequential(
            *(conv(1, a, stride=2), nn.ReLU(), Residual(a)),
            *(conv(a, b, stride=2), nn.ReLU(), Residual(b)),
            *(nn.Conv2d(b, c, 3, stride=(2, 1), padding=1, bias=False), nn.BatchNorm2d(c), nn.ReLU()),
            *(Residual(c), Residual(c), Residual(c)),
        )
        self.collapse = nn.Sequential(nn.Conv2d(c, width, (5, 1), bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.along = nn.Sequential(*(Gated(width, reach) for _ in range(blocks)))
        self.looks = nn.ModuleDict({str(after): Attentive(width, reach, heads) for after in looks if after <= blocks})
        self.head = nn.Conv2d(width, labels, 1)

    def forward(self, strips: Tensor) -> Tensor:
        """Read.

        Args:
            strips: (n, HEIGHT, w) uint8, bright ink on black; w a multiple of 4, zeros at the right where short.

        Returns:
            (n, w / 4, labels) logits.
        """
        x = (strips.to(torch.float32).unsqueeze(1) / 255.0).contiguous(memory_format=torch.channels_last)
        # The row stays a picture one pixel high: onnxruntime's blocked kernels know convolutions of pictures only.
        blank = blank_letters(x)
        x = self.collapse(self.body(x))
        for number, block in enumerate(self.along, 1):
            x = block(x)
            if str(number) in self.looks:
                x = self.looks[str(number)](x, blank)
        return self.head(x).squeeze(2).transpose(1, 2)
