"""The line reader: convolutions over the line image, then gated convolutions along it, and CTC."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.handwriting.words import CHARACTERS
from models.recipe.letters.network import Residual, conv

STRIDE = 4
"""Pixels of the line image per step of the output."""


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


class LineNet(nn.Module):
    """Line images to logits.

    Args:
        widths: Channels at 1/2, 1/4 and 1/8 of the height.
        width: Channels along the row.
        blocks: How many gated blocks.
        reach: Steps that each of them sees.
        labels: Characters and the blank.
    """

    def __init__(
        self,
        widths: tuple[int, int, int] = (24, 48, 96),
        width: int = 192,
        blocks: int = 14,
        reach: int = 9,
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
        x = self.head(self.along(self.collapse(self.body(x))))
        return x.squeeze(2).transpose(1, 2)
