"""A run small enough to train in a moment: the model, the data and the recipe."""

from pathlib import Path

import torch
from torch import nn
from torch.utils.data import TensorDataset

from cbam_teach import CBAM, Learnable
from cbam_teach.recipe import Recipe
from cbam_teach.training import Epoch, fit


def model(seed: int = 7, *, norm: type[nn.Module] = nn.BatchNorm2d) -> nn.Module:
    """Two convolutions, CBAM with a learned mix, dropout, and two classes."""
    torch.manual_seed(seed)
    first = nn.GroupNorm(2, 4) if norm is nn.GroupNorm else norm(4)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1, bias=False),
        first,
        nn.ReLU(),
        CBAM(4, mix=Learnable(0.5)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.25 if norm is nn.BatchNorm2d else 0.0),
        nn.Linear(4, 2),
    )


def samples(count: int, seed: int = 3) -> TensorDataset:
    """Noise of (3, 5, 7); in those of class 1 the first channel is brighter."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    pictures = torch.randn(count, 3, 5, 7, generator=generator)
    pictures[:, 0] += 1.5 * labels[:, None, None]
    return TensorDataset(pictures, labels)


def recipe(**options: object) -> Recipe:
    """Four epochs of five steps, where everything that must be resumed is at work."""
    plain = {"epochs": 4, "batch_size": 8, "lr": 0.1, "weight_decay": 1e-3, "warm_up": 1}
    return Recipe(**(plain | {"schedule": "cosine", "label_smoothing": 0.1} | options))


TRAIN, HELD_OUT = samples(43), samples(13, seed=4)


def run(
    folder: Path, net: nn.Module | None = None, **options: object
) -> tuple[nn.Module, list[Epoch]]:
    """Train without a word; return the model and the history."""
    net = model() if net is None else net
    return net, fit(net, TRAIN, HELD_OUT, recipe(**options), folder=folder, progress=False)


def same(one: nn.Module, other: nn.Module) -> bool:
    """Whether every parameter and buffer of two models is bit by bit the same."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


class Stop(Exception):
    """Stands for a kill."""


class Stopping(TensorDataset):
    """Samples that stop the run at the start of its second epoch."""

    def set_epoch(self, epoch: int) -> None:
        if epoch == 1:
            raise Stop
