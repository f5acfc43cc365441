"""What a mask is, and the module that multiplies a map by its own."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.checks import named
from cbam_teach.language import problem

EDGE = 0.01  # a weight nearer than this to 0 or 1 is saturated


class Mask(nn.Module):
    """The mark of a module that returns a mask.

    ``forward(x)`` takes a feature map (B, C, H, W) and returns weights in [0, 1], without
    units, each of whose four axes is 1 or as long as that of x. It does not multiply:
    that is `Reweight`'s work. `trace` records the output of every module with this mark.
    """


class Shares(nn.Module):
    """The mark of a module that returns the shares of several parts, such as branches.

    The output is (B, K, 1, 1) or (B, K, H, W), or (1, K, 1, 1) where all samples share it;
    it is positive and sums to 1 over the K parts. `trace` records it, as it does a mask.
    """


class Reweight(nn.Module):
    """Multiply a feature map by its own mask: y = x ⊙ α(x).

    Args:
        mask: a module that returns a mask; kept as ``.mask``.

    Shape:
        (B, C, H, W) -> (B, C, H, W).

    Raises:
        TypeError: when ``mask`` is not a `Mask`.
        ValueError: in ``forward``, when the mask cannot be spread over x without
            changing x's shape. A mask of three axes is refused as well: PyTorch would
            align it with the last axes of x, and take samples for channels.

    Source:
        CBAM (Woo et al., 2018), section 3, equation 1.
    """

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        require_mask("Reweight", "mask", mask)
        self.mask = mask

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        alpha = self.mask(x)  # (B, C, 1, 1) or (B, 1, H, W) or (B, C, H, W)
        check_spread(alpha, x)
        return x * alpha  # (B, C, H, W)


def require_mask(owner: str, option: str, value: object) -> None:
    """Refuse what is not a module with the mark `Mask`."""
    if not isinstance(value, Mask):
        raise problem(
            TypeError, "error.mask_module", owner=owner, option=option,
            given=named(value), allowed="Mask",
        )  # fmt: skip


def check_spread(alpha: Tensor, x: Tensor) -> None:
    """Refuse a mask whose axes are not each 1 or as long as those of x."""
    fits = alpha.ndim == x.ndim and all(
        size in (1, full) for size, full in zip(alpha.shape, x.shape, strict=True)
    )
    if not fits:
        allowed = " × ".join(f"{{1, {size}}}" for size in x.shape)
        raise problem(
            ValueError, "error.mask_shape", owner="Reweight",
            given=tuple(alpha.shape), allowed=allowed,
        )  # fmt: skip
