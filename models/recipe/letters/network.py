"""The letter classifier: a small residual network over the crop, joined by the glyph's size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipe.handwriting.characters import LABELS


def conv(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 convolution and its batch norm (folded into it when the model is exported)."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut (He et al. 2016, "Deep residual learning")."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = conv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (n, width, h, w)."""
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class Plain(nn.Module):
    """Two 3x3 convolutions without a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = conv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (n, width, h, w)."""
        return functional.relu(self.second(functional.relu(self.first(x))))


def separable(width: int) -> nn.Sequential:
    """A 3x3 convolution of each channel, then a 1x1 one across channels."""
    return nn.Sequential(
        *(nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
        *(nn.Conv2d(width, width, 1, bias=False), nn.BatchNorm2d(width)),
    )


class Separable(nn.Module):
    """Two depthwise-separable convolutions around a shortcut (Howard et al. 2017, "MobileNets")."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = separable(width)
        self.second = separable(width)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (n, width, h, w)."""
        return functional.relu(x + self.second(functional.relu(self.first(x))))


BLOCKS: dict[str, type[Plain] | type[Residual] | type[Separable]] = {
    "plain": Plain,
    "residual": Residual,
    "separable": Separable,
}
"""What a stage consists of."""


def size_features(size: Tensor) -> Tensor:
    """Turn (n, 2) widths and heights, zeros where unknown, into (n, 5) features.

    Logarithms, for what matters is the ratio: a period is a tenth of a capital, a hyphen half of one.
    """
    known = (size.sum(dim=1, keepdim=True) > 0).to(size.dtype)
    clipped = size.clamp(0.03, 4.0)
    return torch.cat([known, known * clipped.log(), known * clipped], dim=1)


class LetterNet(nn.Module):
    """Crops and sizes to logits.

    Args:
        widths: Channels at 16x16, 8x8 and 4x4.
        hidden: Width of the head, where the shape and the size meet.
        labels: Number of classes.
        block: What a stage consists of, a key of BLOCKS.
    """

    def __init__(
        self,
        widths: tuple[int, int, int] = (16, 64, 160),
        hidden: int = 192,
        labels: int = len(LABELS),
        block: str = "residual",
    ) -> None:
        super().__init__()
        a, b, c = widths
        stage = BLOCKS[block]
        # Folding 2x2 pixels into channels halves the side without dropping a pixel: strokes are one pixel wide.
        self.fold = nn.PixelUnshuffle(2)
        self.body = nn.Sequential(
            *(conv(4, a), nn.ReLU(), stage(a)),
            *(conv(a, b, stride=2), nn.ReLU(), stage(b)),
            *(conv(b, c, stride=2), nn.ReLU(), stage(c)),
        )
        # A weight per channel and place instead of a mean: where a stroke lies tells `p` from `b`
        # (the global depthwise convolution of Chen et al. 2018, "MobileFaceNets").
        self.pool = nn.Sequential(nn.Conv2d(c, c, 4, groups=c, bias=False), nn.BatchNorm2d(c), nn.Flatten())
        self.shape = nn.Linear(c, hidden)
        self.size = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, hidden))
        self.mix = nn.Sequential(nn.ReLU(), nn.Dropout(0.15), nn.Linear(hidden, labels))

    def forward(self, crops: Tensor, size: Tensor) -> Tensor:
        """Classify.

        Args:
            crops: (n, 32, 32) uint8, bright ink on black.
            size: (n, 2) float32, width and height in capital heights; zeros where unknown.

        Returns:
            (n, labels) logits.
        """
        x = crops.to(torch.float32).unsqueeze(1) / 255.0
        x = self.fold(x).contiguous(memory_format=torch.channels_last)
        # Thin and thick pens put very different amounts of ink into a crop; batch norm evens out the rest.
        pooled = self.pool(self.body(x))
        return self.mix(self.shape(pooled) + self.size(size_features(size)))
