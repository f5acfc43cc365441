"""A spatial mask with several windows, and a router that weighs them."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.fast import pool_channels
from cbam_teach.gates import Gate
from cbam_teach.language import problem
from cbam_teach.mask import Mask
from cbam_teach.router import ROUTERS, Router


class DynamicSpatialAttention(Mask):
    """Weigh each position by a mixture of windows: α_s = g(Σ_k w_k(s) conv_k(s) / T).

    s = [avg x; max x], with the two coordinates of each position below them if asked for.
    The shares w sum to 1 and come from a `Router` that reads s.

    Args:
        kernels: sides of the branches' square windows in pixels, each odd.
        dilated: (side, dilation) of one more branch whose taps stand ``dilation`` pixels
            apart, or None for no such branch.
        coordinates: whether s also holds the column and the row, each from -1 to 1.
        separable: whether a branch is a depthwise convolution and then a pointwise one
            instead of one convolution.
        router: ``"sample"``: one set of shares for a whole map; ``"pixel"``: one for each
            position.
        router_hidden: width of the router's hidden layer.
        gate: g, what turns logits into weights, ``"sigmoid"`` or ``"hardsigmoid"``.
        temperature: T, from 1e-4 to 1e4.
        learnable_temperature: whether T is learned, from that value on.

    Shape:
        (B, C, H, W) -> (B, 1, H, W), weights in [0, 1] without units, for any C.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built
            (fewer than two branches among them: one needs no router and is a
            `SpatialAttention`); in ``forward`` for an input that is not a floating-point
            (B, C, H, W).

    Source:
        The notes' dynamic spatial CBAM; the mixing of kernels is that of dynamic convolution
        (Chen et al., 2020), section 3; coordinates after CoordConv (Liu et al., 2018).

    Relative to the notes:
        - An even kernel is refused, not made odd in silence.
        - With ``router="sample"`` the router reads the means of s over all pixels. Those of
          the two coordinates are the same whatever the picture (0, or -1 where there is one row
          or column), so that they tell such a router nothing; with ``router="pixel"`` they do.
        - Convolving is linear, so that the separable branch can do nothing that the plain one
          cannot; it has 2k² + 2 weights against 2k², or 4k² + 4 against 4k² with coordinates.
        - `cbam_teach.fold.fold` makes one convolution of all branches.
    """

    def __init__(
        self,
        *,
        kernels: Sequence[int] = (3, 7),
        dilated: tuple[int, int] | None = (7, 2),
        coordinates: bool = False,
        separable: bool = False,
        router: str = "sample",
        router_hidden: int = 8,
        gate: str = "sigmoid",
        temperature: float = 1.0,
        learnable_temperature: bool = False,
    ) -> None:
        super().__init__()
        windows = read_windows(kernels, dilated)
        checks.flag("DynamicSpatialAttention", "coordinates", coordinates)
        checks.flag("DynamicSpatialAttention", "separable", separable)
        checks.choice("DynamicSpatialAttention", "router", router, ROUTERS)
        checks.integer("DynamicSpatialAttention", "router_hidden", router_hidden)
        self.coordinates = coordinates
        inputs = 4 if coordinates else 2
        make = separable_branch if separable else plain_branch
        self.branches = nn.ModuleList(make(inputs, side, dilation) for side, dilation in windows)
        self.router = Router(inputs, len(windows), hidden=router_hidden, per=router)
        self.gate = Gate("DynamicSpatialAttention", gate, temperature, learnable_temperature)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
        checks.feature_map(self, x)
        return self.weigh(pool_channels(x))  # (B, 1, H, W)

    def weigh(self, pooled: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 1 h w"]:
        """Return the mask for the mean and the maximum over the channels."""
        s = with_coordinates(pooled) if self.coordinates else pooled  # (B, 2 or 4, H, W)
        w = self.router(s)  # (B, K, 1, 1) or (B, K, H, W)
        z = torch.cat([branch(s) for branch in self.branches], dim=1)  # (B, K, H, W)
        return self.gate((w * z).sum(dim=1, keepdim=True))  # (B, 1, H, W)


def with_coordinates(pooled: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 4 h w"]:
    """Add the column and the row of each position, from -1 to 1 (-1 where there is only one)."""
    b, _, h, w = pooled.shape
    columns = evenly(w, pooled).expand(b, 1, h, w)
    rows = evenly(h, pooled)[:, None].expand(b, 1, h, w)
    return torch.cat([pooled, columns, rows], dim=1)  # (B, 4, H, W)


def evenly(count: int, like: Tensor) -> Float[Tensor, " count"]:
    """Return numbers from -1 to 1; `torch.linspace` would fix ``count`` in an exported program."""
    numbers = torch.arange(count, dtype=like.dtype, device=like.device)
    return numbers * 2 / max(count - 1, 1) - 1  # (count,)


def plain_branch(inputs: int, side: int, dilation: int) -> nn.Conv2d:
    """Build one convolution to one channel that keeps height and width."""
    reach = dilation * (side // 2)
    return nn.Conv2d(inputs, 1, side, padding=reach, dilation=dilation, bias=False)


def separable_branch(inputs: int, side: int, dilation: int) -> nn.Sequential:
    """Build a depthwise convolution and a pointwise one to one channel."""
    reach = dilation * (side // 2)
    depthwise = nn.Conv2d(
        inputs, inputs, side, padding=reach, dilation=dilation, groups=inputs, bias=False
    )
    pointwise = nn.Conv2d(inputs, 1, kernel_size=1, bias=False)
    return nn.Sequential(OrderedDict(depthwise=depthwise, pointwise=pointwise))


def read_windows(kernels: Sequence[int], dilated: tuple[int, int] | None) -> list[tuple[int, int]]:
    """Return (side, dilation) of each branch, or refuse what does not describe two or more."""
    owner = "DynamicSpatialAttention"
    checks.sequence(owner, "kernels", kernels)
    for side in kernels:
        checks.odd(owner, "kernels", side)
    windows = [(side, 1) for side in kernels]
    if dilated is not None:
        checks.sequence(owner, "dilated", dilated, length=2)
        checks.odd(owner, "dilated", dilated[0])
        checks.integer(owner, "dilated", dilated[0], least=3)  # one pixel has no gaps
        checks.integer(owner, "dilated", dilated[1], least=2)
        windows.append((dilated[0], dilated[1]))
    if len(windows) < 2:
        raise problem(
            ValueError, "error.branches", owner=owner,
            given=f"kernels={tuple(kernels)}, dilated={dilated}",
            allowed="kernels=(3, 7), dilated=(7, 2), …",
        )  # fmt: skip
    return windows
