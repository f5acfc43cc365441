"""A residual block whose mask is moved by hand, with attention in each of four places."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

PLACES = ("inside", "before", "after", "beside")
NAMES = tuple(f"placement.{place}" for place in PLACES)  # what a view calls them
EDGES = ((-1.0, -1.0, -1.0), (-1.0, 8.0, -1.0), (-1.0, -1.0, -1.0))  # a kernel that finds edges
REACH = 2  # pixels from the middle of the window to its border


class Placed(nn.Module):
    """Give the same mask α to four residual blocks that differ in where it multiplies.

    The branch F is one fixed convolution that finds edges. The mask is ``mask`` everywhere or,
    with ``window``, inside a window around a pixel only, and 1 elsewhere.

    Shape:
        x (1, 1, H, W) and four scalars -> ``mask`` (1, 1, H, W); ``y`` (1, 4, H, W), the outputs
        relu(x + α F(x)), relu(x + F(α x)), relu(α (x + F(x))) and relu(α x + F(x)); ``kept``
        (1, 4, 1, 1), the share of x that the skip path brings to each sum: Σ skip / Σ x.
    """

    edges: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("edges", torch.tensor(EDGES)[None, None] / 8, persistent=False)

    def branch(self, x: Float[Tensor, "1 1 h w"]) -> Float[Tensor, "1 1 h w"]:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), self.edges)

    def forward(
        self,
        x: Float[Tensor, "1 1 h w"],
        mask: Tensor,
        window: Tensor,
        row: Tensor,
        column: Tensor,
    ) -> dict[str, Tensor]:
        h = torch.arange(x.shape[2]).to(x).view(-1, 1)  # (H, 1)
        w = torch.arange(x.shape[3]).to(x)  # (W,)
        far = torch.maximum((h - row).abs(), (w - column).abs())  # (H, W)
        alpha = torch.where((window > 0.5) & (far > REACH + 0.5), 1.0, mask)[None, None]
        f = self.branch(x)
        skips = [x, x, alpha * x, alpha * x]
        branches = [alpha * f, self.branch(alpha * x), alpha * f, f]
        skip, branch = torch.cat(skips, 1), torch.cat(branches, 1)  # (1, 4, H, W)
        kept = skip.sum((2, 3), keepdim=True) / x.sum().clamp(min=1e-6)  # (1, 4, 1, 1)
        return {"mask": alpha, "y": torch.relu(skip + branch), "kept": kept}
