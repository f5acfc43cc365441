"""The same two mask numbers after a branch or before it: what becomes of size and of content?"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

EPS = 1e-5  # that of batch normalisation
PERIOD = 4  # columns from one stripe to the next


def normalised(z: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
    """Return (z - mean) / √(variance + ε) of each channel: batch normalisation in training."""
    centred = z - z.mean((2, 3), keepdim=True)
    return centred / (centred.square().mean((2, 3), keepdim=True) + EPS).sqrt()


class Sifted(nn.Module):
    """Give a mask of two channels to a residual branch with attention inside, and before.

    The first channel is the picture, the second holds upright stripes. The branch F is a 1×1
    convolution that adds the two and subtracts them, then batch normalisation over this one
    picture. In both placements the mask is m = 1 - λ (1 - α).

    Shape:
        x (1, 1, H, W) and three scalars, α of the first channel, α of the second, and λ ->
        ``sifted`` (1, 2, H, W), m ⊙ f, what F reads with "before"; ``within`` and ``ahead``
        (1, 2, H, W), m ⊙ F(f) and F(m ⊙ f); ``strength`` (1, 2, 1, 1), the root mean square of
        either; ``stripes`` (1, 2, 1, 1), the stripes' share in the variance of either, where
        the covariance of picture and stripes is left out.
    """

    def forward(
        self, x: Float[Tensor, "1 1 h w"], alpha_1: Tensor, alpha_2: Tensor, lam: Tensor
    ) -> dict[str, Tensor]:
        w = torch.arange(x.shape[3]).to(x)  # (W,)
        bars = 0.5 + 0.5 * torch.cos(2 * torch.pi / PERIOD * w)  # (W,)
        f = torch.cat([x, bars.expand(x.shape)], 1)  # (1, 2, H, W)
        m = (1 - lam * (1 - torch.stack([alpha_1, alpha_2]))).view(1, 2, 1, 1)
        within, ahead = m * normalised(both(f)), normalised(both(m * f))  # (1, 2, H, W)
        strength = [y.square().mean().sqrt() for y in (within, ahead)]
        shares = [share(f), share(m * f)]
        return {
            "sifted": m * f, "within": within, "ahead": ahead,
            "strength": torch.stack(strength).view(1, 2, 1, 1),
            "stripes": torch.stack(shares).view(1, 2, 1, 1),
        }  # fmt: skip


def both(f: Float[Tensor, "1 2 h w"]) -> Float[Tensor, "1 2 h w"]:
    """Return the sum and the difference of two channels."""
    return torch.cat([f[:, :1] + f[:, 1:], f[:, :1] - f[:, 1:]], 1)


def share(f: Float[Tensor, "1 2 h w"]) -> Float[Tensor, ""]:
    """Return how much of the summed variance of two channels is the second's."""
    centred = f - f.mean((2, 3), keepdim=True)
    variance = centred.square().mean((0, 2, 3))  # (2,)
    return variance[1] / variance.sum().clamp(min=1e-9)
