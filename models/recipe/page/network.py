"""The page model's network: a U-net (Ronneberger et al. 2015) on pixels folded 4x4 into channels.

Blocks are depthwise convolutions with pointwise ones behind them, residual (Sandler et al. 2018). The fine end unfolds
channels into pixels again (Shi et al. 2016, "Real-time single image and video super-resolution using an efficient
sub-pixel convolutional neural network"), so that nothing is ever computed at full resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

FOLD = 4
"""Pixels of the photo, in each direction, that one pixel of the network's finest maps stands for."""

MULTIPLE = 32
"""Both sides of its input are a multiple of this."""


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution with batch norm and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Block(nn.Module):
    """A residual block: depthwise 5x5, then two pointwise layers, the inner one wider."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.Conv2d(width, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (n, width, h, w)."""
        return x + self.body(x)


class PageNet(nn.Module):
    """Grey photos to maps.

    Args:
        widths: Channels at 1/4, 1/8, 1/16 and 1/32 of the resolution.
        depths: Blocks at each of them on the way down.
    """

    def __init__(
        self, widths: tuple[int, int, int, int] = (32, 48, 80, 112), depths: tuple[int, int, int, int] = (1, 2, 3, 3)
    ) -> None:
        super().__init__()
        inner = [width * 3 // 2 if level == 0 else 2 * width for level, width in enumerate(widths)]
        self.stem = conv(FOLD * FOLD, widths[0])
        self.down = nn.ModuleList(
            nn.Sequential(
                *([conv(widths[level - 1], widths[level], stride=2)] if level else []),
                *(Block(widths[level], inner[level]) for _ in range(depths[level])),
            )
            for level in range(4)
        )
        self.lateral = nn.ModuleList(
            nn.Sequential(nn.Conv2d(widths[i + 1], widths[i], 1, bias=False), nn.BatchNorm2d(widths[i]))
            for i in range(3)
        )
        self.up = nn.ModuleList(Block(widths[i], inner[i]) for i in range(3))
        self.fine = conv(widths[0], widths[0])
        self.ink = nn.Conv2d(widths[0], FOLD * FOLD, 1)
        self.lines = nn.Conv2d(widths[0], 3, 1)

    def forward(self, grey: Tensor) -> tuple[Tensor, Tensor]:
        """Read.

        Args:
            grey: (n, h, w) float32 in 0..1; h and w multiples of MULTIPLE.

        Returns:
            (n, 1, h, w) logits of ink, and (n, 3, h / FOLD, w / FOLD): logits of text-line cores, x and y of up.
        """
        x = self.stem(functional.pixel_unshuffle(grey.unsqueeze(1) * 4 - 2, FOLD))
        levels = []
        for stage in self.down:
            x = stage(x)
            levels.append(x)
        for level in (2, 1, 0):
            x = functional.interpolate(self.lateral[level](x), scale_factor=2.0, mode="nearest")
            x = self.up[level](functional.relu(levels[level] + x))
        return functional.pixel_shuffle(self.ink(self.fine(x)), FOLD), self.lines(x)


def loss_of(
    ink: Tensor, lines: Tensor, true_ink: Tensor, true_core: Tensor, true_up: Tensor
) -> tuple[Tensor, tuple[float, float, float]]:
    """Cross-entropy and Dice (Milletari et al. 2016) of ink and cores, squared error of the direction on cores.

    Args:
        ink: (n, 1, h, w) logits.
        lines: (n, 3, h / FOLD, w / FOLD).
        true_ink: (n, h, w) float32 in 0..1.
        true_core: (n, h / FOLD, w / FOLD) float32 in 0..1.
        true_up: (n, 2, h / FOLD, w / FOLD) float32, unit vectors, zero where there are no lines.

    Returns:
        The loss, and its three parts.
    """
    parts = [_overlap(ink[:, 0], true_ink), _overlap(lines[:, 0], true_core)]
    here = (true_up.abs().sum(dim=1) > 0).float()
    off = ((lines[:, 1:] - true_up) ** 2).sum(dim=1)
    parts.append((off * here).sum() / (here.sum() + 1))
    loss = 2 * parts[0] + parts[1] + parts[2]
    return loss, (float(parts[0].detach()), float(parts[1].detach()), float(parts[2].detach()))


def _overlap(logits: Tensor, truth: Tensor) -> Tensor:
    entropy = functional.binary_cross_entropy_with_logits(logits, truth)
    p = torch.sigmoid(logits)
    dice = 1 - (2 * (p * truth).sum() + 1) / ((p * p).sum() + (truth * truth).sum() + 1)
    return 3 * entropy + 0.5 * dice
