"""A gate with its temperature, and when the doctor calls its mask saturated."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.doctor.masks import SATURATED
from cbam_teach.mask import EDGE


class Tempered(nn.Module):
    """Turn a map of logits into the mask σ(z / T).

    Shape:
        z (1, 1, H, W) and a scalar T > 0 -> ``mask`` (1, 1, H, W); ``limits`` (1, 2, 1, 1): the
        share of the mask that is nearer to 0 or 1 than 0.01, and the share above which the
        doctor calls it saturated.
    """

    def forward(self, z: Float[Tensor, "1 1 h w"], temperature: Tensor) -> dict[str, Tensor]:
        alpha = torch.sigmoid(z * (1 / temperature))
        ends = ((alpha < EDGE) | (alpha > 1 - EDGE)).to(z).mean()
        limits = torch.stack([ends, torch.full_like(ends, SATURATED)])
        return {"mask": alpha, "limits": limits.view(1, 2, 1, 1)}
