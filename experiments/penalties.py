"""What some cells add to the loss."""

from __future__ import annotations

import math

MASK, ENTROPY = 1.0, 0.1  # weights of the two


def teach_masks(maps, rest):
    """Binary cross-entropy between each spatial mask and the object's share of its cell."""
    from torch.nn.functional import adaptive_avg_pool2d, binary_cross_entropy

    (objects,) = rest  # (B, 1, H, W)
    masks = [mask for mask in maps.values() if mask.shape[1] == 1]  # (B, 1, h, w) each
    losses = [
        binary_cross_entropy(mask, adaptive_avg_pool2d(objects.float(), mask.shape[2:]))
        for mask in masks
    ]
    return MASK * sum(losses) / len(losses)


def keep_even(maps, rest):
    """Minus the routers' mean entropy, as a share of the largest one."""
    shares = [each for name, each in maps.items() if name.endswith("router")]  # (B, K, ·, ·)
    entropies = [-(w * w.clamp(min=1e-9).log()).sum(dim=1).mean() for w in shares]
    scaled = [h / math.log(w.shape[1]) for h, w in zip(entropies, shares, strict=True)]
    return -ENTROPY * sum(scaled) / len(scaled)


PENALTIES = {None: None, "mask": teach_masks, "entropy": keep_even}
