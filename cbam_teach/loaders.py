"""Samples in batches: the same ones in every batch, however many processes share it."""

import random
from collections.abc import Mapping
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler, IterableDataset, Subset

from cbam_teach.checks import named
from cbam_teach.distributed import Team
from cbam_teach.language import problem
from cbam_teach.recipe import Recipe


@runtime_checkable
class Samples(Protocol):
    """A data set of known length; each sample is an input and the number of its class.

    PyTorch's annotations ask for its own `Dataset`; its code uses these two methods only.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any, /) -> Any: ...


def seed_from(*numbers: int) -> int:
    """Return a seed made from several numbers, unlike that of any near ones, or of more."""
    # SeedSequence fills up with zeros: without their count, (5,) and (5, 0) would be the same.
    return int(np.random.SeedSequence((len(numbers), *numbers)).generate_state(1)[0])


def seed_all(*numbers: int) -> None:
    """Seed PyTorch on every device, NumPy and Python with a seed made from several numbers."""
    seed = seed_from(*numbers)
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (the state that a data set may draw from)
    random.seed(seed)


def shuffled(samples: Samples, recipe: Recipe, team: Team) -> DataLoader[Any]:
    """Return this process's share of the batches, in an order that its sampler's epoch sets.

    Process r of n takes every n-th sample of the order, from the r-th on: together their k-th
    batches are the k-th batch of one process. What fills no batch is left out.
    """
    data = cast(Dataset[Any], samples)
    sampler: DistributedSampler[Any] = DistributedSampler(
        data, team.size, team.rank, shuffle=True, seed=seed_from(recipe.seed), drop_last=True
    )
    return _batches(data, recipe, team, sampler=sampler, drop_last=True)


def in_order(samples: Samples, recipe: Recipe, team: Team) -> DataLoader[Any]:
    """Return this process's share of all samples, none twice and none left out."""
    share = range(team.rank, len(samples), team.size)
    return _batches(Subset(cast(Dataset[Any], samples), share), recipe, team)


def _batches(samples: Any, recipe: Recipe, team: Team, **options: Any) -> DataLoader[Any]:
    return DataLoader(
        samples,
        recipe.batch_size // team.size,
        num_workers=recipe.workers,
        pin_memory=team.device.type == "cuda",
        **options,
    )


def check_samples(option: str, samples: object, least: int) -> None:
    """Refuse what is not a data set of known length, read by index from 0 on, or has fewer
    samples than ``least``."""
    # These two have both methods, but keys, or nothing, where samples have an index.
    if isinstance(samples, Mapping | IterableDataset) or not isinstance(samples, Samples):
        raise problem(
            TypeError, "error.samples", option=option, given=named(samples), allowed="Dataset"
        )
    if len(samples) < least:
        raise problem(
            ValueError, "error.few_samples", option=option, least=least,
            given=len(samples), allowed=f"{least}, {least + 1}, …",
        )  # fmt: skip
