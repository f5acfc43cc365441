"""CBAM and the dynamic spatial mask written step by step, as the notes write them."""

import torch
from torch import Tensor, nn


class NaiveCBAM(nn.Module):
    """Adaptive pooling layers, a maximum with its index, 1x1 convolutions, one product each."""

    def __init__(self, channels: int, reduction: int = 16, kernel_size: int = 7) -> None:
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.avg, self.top = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, 1, bias=False),
        )
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.sigmoid(self.mlp(self.avg(x)) + self.mlp(self.top(x))) * x
        top, _ = torch.max(x, dim=1, keepdim=True)
        pooled = torch.cat([torch.mean(x, dim=1, keepdim=True), top], dim=1)
        return torch.sigmoid(self.conv(pooled)) * x


class NaiveDynamic(nn.Module):
    """Three branches, their maps stacked, weighted by a router and summed."""

    def __init__(self, hidden: int = 8) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(2, 1, side, padding=gap * (side // 2), dilation=gap, bias=False)
            for side, gap in ((3, 1), (7, 1), (7, 2))
        )
        self.router = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(2, hidden, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, 3, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        top, _ = torch.max(x, dim=1, keepdim=True)
        pooled = torch.cat([torch.mean(x, dim=1, keepdim=True), top], dim=1)
        w = torch.softmax(self.router(pooled).flatten(1), dim=1)  # (B, K)
        z = torch.stack([branch(pooled) for branch in self.branches], dim=1)  # (B, K, 1, H, W)
        return torch.sigmoid((w[:, :, None, None, None] * z).sum(dim=1)) * x
