"""One mask written twice: with a temperature, and with its weights divided by it."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

GAIN, BIAS = 8.0, -4.0  # of the logit at weight scale 1


class Scaled(nn.Module):
    """Compute σ(z / T) and σ(z') with z = s (8 x - 4) and z' its weights and bias divided by T.

    The two masks are equal. The gradient that reaches the logit, and with it the weights, is
    α (1 - α) / T in the first and α (1 - α) in the second.

    Shape:
        x (1, 1, H, W) and two scalars above 0, T and the weights' scale s -> ``mask``
        (1, 1, H, W), the first mask; ``twin_masks`` (1, 2, H, W), both; ``pulls`` (1, 2, 1, 1),
        the mean over the map of both gradients.
    """

    def forward(
        self, x: Float[Tensor, "1 1 h w"], temperature: Tensor, weight_scale: Tensor
    ) -> dict[str, Tensor]:
        z = weight_scale * (GAIN * x + BIAS)  # (1, 1, H, W)
        with_t = torch.sigmoid(z / temperature)
        share = weight_scale / temperature
        divided = torch.sigmoid(share * GAIN * x + share * BIAS)
        steep = (a * (1 - a) for a in (with_t, divided))  # each (1, 1, H, W)
        first, second = (s.mean((2, 3), keepdim=True) for s in steep)
        return {
            "mask": with_t,
            "twin_masks": torch.cat([with_t, divided], 1),
            "pulls": torch.cat([first / temperature, second], 1),
        }
