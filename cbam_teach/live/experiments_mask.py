"""Small experiments with one mask: its window, its two logits, and where it is let in."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.fast import pool_channels
from cbam_teach.live.scenes_placed import EDGES
from cbam_teach.spatial import SpatialAttention

CLEAR = 3  # pixels from the mask's border to where nothing of it is felt


def spot(side: int, core: int = 1, gain: float = 1.0) -> Float[Tensor, "side side"]:
    """Return a kernel that answers to bright spots: the mean of its core minus that around it."""
    kernel = torch.full((side, side), -gain / (side**2 - core**2))
    first = (side - core) // 2
    kernel[first : first + core, first : first + core] = gain / core**2
    return kernel


def spotted(gain: float = 12.0) -> SpatialAttention:
    """Return a spatial mask with a kernel written by hand, `spot`, the maximum's half as strong."""
    attention = SpatialAttention().requires_grad_(False)
    attention.conv.weight.copy_(torch.stack([spot(7, 3, gain), spot(7, 3, gain / 2)])[None])
    return attention


class Windowed(nn.Module):
    """Look through the window of a spatial mask at one place.

    Shape:
        x (1, C, H, W) and two scalars, the row and the column, rounded to whole pixels ->
        ``window`` (1, 2, 7, 7), what it holds of [mean; max], with zeros beyond the border;
        ``products`` (1, 2, 7, 7) with the kernel; ``result`` (1, 2, 1, 1), their sum z and σ(z);
        ``marked`` (1, 1, H, W), the mask with a frame around the window.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mask = spotted()

    def forward(
        self, x: Float[Tensor, "1 c h w"], row: Tensor, column: Tensor
    ) -> dict[str, Tensor]:
        kernel = self.mask.conv.weight  # (1, 2, 7, 7)
        side, reach = kernel.shape[-1], kernel.shape[-1] // 2
        s = F.pad(pool_channels(x), [reach] * 4)  # (1, 2, H + 6, W + 6)
        step = torch.arange(side, device=x.device)
        window = s.index_select(2, row.round().long() + step)
        window = window.index_select(3, column.round().long() + step)  # (1, 2, 7, 7)
        products = window * kernel
        z = products.sum((1, 2, 3), keepdim=True)  # (1, 1, 1, 1)
        mask = self.mask(x)  # (1, 1, H, W)
        frame = far_from(x, row.round(), column.round()) == reach + 1  # (H, W)
        marked = torch.where(frame, torch.where(mask > 0.5, 0.0, 1.0), mask)
        return {
            "window": window, "products": products, "marked": marked,
            "result": torch.cat([z, torch.sigmoid(z)], 1),
        }  # fmt: skip


def far_from(x: Float[Tensor, "b c h w"], row: Tensor, column: Tensor) -> Float[Tensor, "h w"]:
    """Return how far each pixel is from a place, the larger of its two distances."""
    h = torch.arange(x.shape[2]).to(x).view(-1, 1)  # (H, 1)
    w = torch.arange(x.shape[3]).to(x)  # (W,)
    return torch.maximum((h - row).abs(), (w - column).abs())


class Fused(nn.Module):
    """Make one channel's mask of two logits, a and m, with the sum and with softmax's shares.

    Shape:
        x (1, C, H, W) and four scalars -> ``fusion`` (1, 2, 1, 1), softmax of the two fusion
        logits p; ``logits`` (1, 2, 1, 1), a + m and w₁ a + w₂ m; ``weights``, σ of them;
        ``by_sum`` and ``by_softmax`` (1, C, H, W), x times either.
    """

    def forward(
        self, x: Float[Tensor, "1 c h w"], a: Tensor, m: Tensor, p_avg: Tensor, p_max: Tensor
    ) -> dict[str, Tensor]:
        w = torch.stack([p_avg, p_max]).softmax(0)  # (2,)
        z = torch.stack([a + m, w[0] * a + w[1] * m])  # (2,)
        alpha = torch.sigmoid(z)
        return {
            "fusion": w.view(1, 2, 1, 1), "logits": z.view(1, 2, 1, 1),
            "weights": alpha.view(1, 2, 1, 1), "by_sum": alpha[0] * x, "by_softmax": alpha[1] * x,
        }  # fmt: skip


class Blended(nn.Module):
    """Let the same attention in twice: into the output, and into what a branch reads.

    The attention keeps a disc in the middle: A(x) = α ⊙ x, α = 1 inside and 0 outside. The branch
    F is one fixed convolution that finds edges.

    Shape:
        x (1, C, H, W) and two scalars, mix and λ -> ``attended`` y = A(x); ``mixed``
        x + mix · (y - x); ``blended`` (1 - λ) x + λ y; ``before`` relu(x + F(blended)), each
        (1, C, H, W); ``left`` (1, 2, 1, 1), what is left of x outside the disc in ``mixed`` and
        in ``before``: Σ output / Σ x.
    """

    edges: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("edges", torch.tensor(EDGES)[None, None] / 8, persistent=False)

    def branch(self, x: Float[Tensor, "1 c h w"]) -> Float[Tensor, "1 c h w"]:
        each = x.transpose(0, 1)  # (C, 1, H, W): every channel alone
        return F.conv2d(each, self.edges, padding=1).transpose(0, 1)

    def forward(self, x: Float[Tensor, "1 c h w"], mix: Tensor, lam: Tensor) -> dict[str, Tensor]:
        alpha, outside = disc(x)  # (H, W) each
        y = alpha * x
        mixed = x + mix * (y - x)
        blended = (1 - lam) * x + lam * y
        before = torch.relu(x + self.branch(blended))
        kept = [(outside * each).sum() for each in (mixed, before)]
        left = torch.stack(kept) / (outside * x).sum().clamp(min=1e-6)
        return {
            "attended": y, "mixed": mixed, "blended": blended, "before": before,
            "left": left.view(1, 2, 1, 1),
        }  # fmt: skip


def disc(x: Float[Tensor, "1 c h w"]) -> tuple[Float[Tensor, "h w"], Float[Tensor, "h w"]]:
    """Return a disc in the middle with a soft border, and 1 where it is far away, else 0."""
    height, width = x.shape[2:]
    h = torch.arange(height).to(x).view(-1, 1) - (height - 1) / 2  # (H, 1)
    w = torch.arange(width).to(x) - (width - 1) / 2  # (W,)
    beyond = (h**2 + w**2).sqrt() - 0.35 * min(height, width)  # (H, W), in pixels
    return (0.5 - beyond).clamp(0, 1), (beyond > CLEAR).to(x)
