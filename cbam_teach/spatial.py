"""Which positions matter: the spatial mask of CBAM."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.fast import pool_channels, slide
from cbam_teach.gates import Gate
from cbam_teach.language import problem
from cbam_teach.mask import Mask


class SpatialAttention(Mask):
    """Weigh each position by its mean and its maximum: α_s = σ(conv[avg x; max x]).

    With other options it is α_s = g((conv[avg x; max x] + b) / T), or with BN around conv.

    Args:
        kernel_size: side of the square kernel in pixels, odd, so that the map keeps its size.
        gate: g, what turns logits into weights, ``"sigmoid"`` or ``"hardsigmoid"``.
        temperature: T, from 1e-4 to 1e4.
        learnable_temperature: whether T is learned, from that value on.
        bias: whether the convolution has a bias term.
        norm_momentum: None for no batch norm; otherwise one follows the convolution, and this
            is its momentum, above 0 and up to 1. Its shift makes a bias useless, so the two
            exclude each other.

    Shape:
        (B, C, H, W) -> (B, 1, H, W), weights in [0, 1] without units, for any C.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built;
            in ``forward`` for an input that is not a floating-point (B, C, H, W).

    Source:
        CBAM (Woo et al., 2018), section 3, "Spatial attention module", equation 3.

    Relative to the paper:
        - Pooling order: [mean; max], as in the equation. The authors' released code stacks
          [max, mean]; its weights fit here with the two input channels of ``conv`` swapped.
        - Batch norm: the equation has none after the convolution, and neither has this
          module. The released code has one, with ``norm_momentum=0.01``; its ResNet starts
          that norm's scale at 0, so that the mask starts at ½ everywhere. timm has one with
          ``norm_momentum=0.1``.
        - Bias: none, in the equation and here alike.
        - Kernel: 7, the paper's best; ``kernel_size=3`` is its other one.
    """

    def __init__(
        self,
        *,
        kernel_size: int = 7,
        gate: str = "sigmoid",
        temperature: float = 1.0,
        learnable_temperature: bool = False,
        bias: bool = False,
        norm_momentum: float | None = None,
    ) -> None:
        super().__init__()
        checks.odd("SpatialAttention", "kernel_size", kernel_size)
        checks.flag("SpatialAttention", "bias", bias)
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=bias)
        self.norm: nn.Module = nn.Identity()
        if norm_momentum is not None:
            checks.number("SpatialAttention", "norm_momentum", norm_momentum, above=0, most=1)
            if bias:
                raise problem(
                    ValueError, "error.bias_and_norm", owner="SpatialAttention",
                    given=f"bias=True, norm_momentum={norm_momentum}", allowed="bias=False",
                )  # fmt: skip
            self.norm = nn.BatchNorm2d(1, momentum=norm_momentum)
        self.gate = Gate("SpatialAttention", gate, temperature, learnable_temperature)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
        checks.feature_map(self, x)
        return self.weigh(pool_channels(x))  # (B, 1, H, W)

    def weigh(self, pooled: Float[Tensor, "b 2 h w"]) -> Float[Tensor, "b 1 h w"]:
        """Return the mask for the mean and the maximum over the channels."""
        z = slide(pooled, self.conv.weight, self.conv.bias)  # (B, 1, H, W)
        return self.gate(self.norm(z))  # (B, 1, H, W)
