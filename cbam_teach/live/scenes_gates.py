"""One logit learns through two gates: which of them opens again, and which stays where it is?"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

STEPS = 12  # masks that are shown, the first one before any update


class Reopened(nn.Module):
    """Move one logit towards a goal by gradient descent, through sigmoid and hardsigmoid.

    Both start at the same logit and take steps down the loss (g(z) - goal)² / 2; the slopes of
    the gates are written by hand, as a graph has no gradients. The steps are taken in float64:
    with a high rate they enlarge what two engines round otherwise.

    Shape:
        x (1, 1, H, W) and three scalars, the logit at the start, the goal and the learning rate
        -> ``gate_soft`` and ``gate_hard`` (1, 12, 1, 1), the mask before each step with either
        gate; ``gate_slopes`` (1, 2, 1, 1), the slopes at the start; ``gate_after`` (1, 2, H, W),
        x times the last mask of each.
    """

    def forward(
        self, x: Float[Tensor, "1 1 h w"], gate_start: Tensor, gate_goal: Tensor, gate_rate: Tensor
    ) -> dict[str, Tensor]:
        ways, slopes = [], []
        for gate in (sigmoid, hardsigmoid):
            z, masks = gate_start.double(), []
            slopes.append(gate(z)[1].to(x))
            for _ in range(STEPS):
                alpha, slope = gate(z)
                masks.append(alpha)
                z = z - gate_rate * slope * (alpha - gate_goal)
            ways.append(torch.stack(masks).to(x))  # (12,)
        after = torch.stack([ways[0][-1], ways[1][-1]]).view(1, 2, 1, 1) * x
        soft, hard = (way.view(1, STEPS, 1, 1) for way in ways)
        return {
            "gate_soft": soft, "gate_hard": hard, "gate_after": after,
            "gate_slopes": torch.stack(slopes).view(1, 2, 1, 1),
        }  # fmt: skip


def sigmoid(z: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mask of a logit and the slope there."""
    alpha = torch.sigmoid(z)
    return alpha, alpha * (1 - alpha)


def hardsigmoid(z: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mask of a logit and the slope there, 0 at the corners as in PyTorch."""
    return (z / 6 + 0.5).clamp(0, 1), (z.abs() < 3).to(z) / 6
