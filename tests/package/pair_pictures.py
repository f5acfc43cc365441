"""Pictures of two digits as several tests read them, and what tells which one is asked for."""

import hashlib
from collections import Counter
from dataclasses import fields

import torch

from cbam_teach import data


def in_order(made: data.Pair, name: str) -> torch.Tensor:
    """A field of the first digit, then of the second one, whichever is asked for: (N, 2, …)."""
    both = torch.stack([getattr(made, name), getattr(made, f"other_{name}")], dim=1)
    return torch.where((made.asked == 0).view(-1, *[1] * (both.ndim - 1)), both, both.flip(1))


def digest(pictures: data.Pair) -> str:
    """A sum over every byte of every field."""
    sums = hashlib.sha256()
    for field in fields(pictures):
        sums.update(getattr(pictures, field.name).numpy().tobytes())
    return sums.hexdigest()


def linked(a: torch.Tensor, b: torch.Tensor) -> float:
    """Chi-square of two lists, in standard deviations above what independent ones would have."""
    table = torch.zeros(int(a.max()) + 1, int(b.max()) + 1).double()
    table.index_put_((a, b), torch.ones(len(a)).double(), accumulate=True)
    table = table[table.any(dim=1)][:, table.any(dim=0)]
    want = table.sum(dim=1, keepdim=True) * table.sum(dim=0) / table.sum()
    free = (len(table) - 1) * (table.shape[1] - 1)
    return (((table - want) ** 2 / want).sum().item() - free) / (2 * free) ** 0.5


def told(keys: list[tuple[int, ...]], labels: torch.Tensor) -> float:
    """How often the best guess from what is known, learnt on one half, is right on the other."""
    half, votes = len(keys) // 2, {}
    for key, label in zip(keys[:half], labels[:half].tolist(), strict=True):
        votes.setdefault(key, Counter())[label] += 1
    guess = {key: counts.most_common(1)[0][0] for key, counts in votes.items()}
    right = [guess.get(k) == y for k, y in zip(keys[half:], labels[half:].tolist(), strict=True)]
    return sum(right) / len(right)
