"""Pictures of cued digits as several tests make and read them."""

import torch

from cbam_teach import data


def bare(count: int, **options) -> data.Cued:
    """Pictures without noise."""
    return data.cued_digits(count, **{"seed": 3, "noise": 0} | options)


def by_colour(made: data.Cued, name: str) -> torch.Tensor:
    """A field of the orange digit, then of the blue one: (N, 2, …)."""
    both = torch.stack([getattr(made, name), getattr(made, f"other_{name}")], dim=1)
    return torch.where((made.asked == 0).view(-1, *[1] * (both.ndim - 1)), both, both.flip(1))
