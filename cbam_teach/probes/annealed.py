"""A router whose shares start even and grow sharp: one cure for a router that collapses."""

import torch
from jaxtyping import Float
from torch import Tensor

from cbam_teach import checks
from cbam_teach.router import Router

HOTTEST = 30.0


class AnnealedRouter(Router):
    """Share as `Router` per sample does, with the logits divided by a temperature that falls.

    T falls evenly from 30 to 1 over the first training batches, as in dynamic convolution.

    Args:
        inputs, branches, hidden: as in `Router`.
        steps: forward passes in training mode until T is 1; counted in the state dict.

    Shape:
        (B, I, H, W) -> (B, K, 1, 1).

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built.

    Source:
        Dynamic Convolution (Chen et al., 2020), section 3.2, "temperature annealing".
    """

    step: Tensor

    def __init__(self, inputs: int, branches: int, *, hidden: int = 8, steps: int = 250) -> None:
        super().__init__(inputs, branches, hidden=hidden)
        checks.integer("AnnealedRouter", "steps", steps)
        self.steps = steps
        self.register_buffer("step", torch.tensor(0))

    def forward(self, s: Float[Tensor, "b i h w"]) -> Float[Tensor, "b k 1 1"]:
        left = 1 - (self.step / self.steps).clamp(max=1)  # 1 at first, 0 in the end
        temperature = 1 + (HOTTEST - 1) * left
        if self.training:
            self.step += 1
        logits = self.mlp(s.mean(dim=(2, 3)))  # (B, K)
        return (logits / temperature).softmax(dim=1)[..., None, None]  # (B, K, 1, 1)
