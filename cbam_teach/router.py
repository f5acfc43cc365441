"""Who decides how much each branch counts: shares that sum to 1."""

from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.mask import Shares

ROUTERS = ("sample", "pixel")


class Router(Shares):
    """Share 1 among K branches: w = softmax(W₂ relu(W₁ s + b₁) + b₂).

    Args:
        inputs: I, the channels of s.
        branches: K, how many branches share.
        hidden: width of the hidden layer.
        per: ``"sample"``: s is averaged over its pixels first, and every pixel of a sample
            has the same shares; ``"pixel"``: each pixel decides for itself.

    Shape:
        (B, I, H, W) -> (B, K, 1, 1) per sample, (B, K, H, W) per pixel.

    Raises:
        TypeError, ValueError: for an option that is not allowed, when the module is built.
    """

    def __init__(self, inputs: int, branches: int, *, hidden: int = 8, per: str = "sample") -> None:
        super().__init__()
        checks.integer("Router", "inputs", inputs)
        checks.integer("Router", "branches", branches, least=2)
        checks.integer("Router", "hidden", hidden)
        checks.choice("Router", "per", per, ROUTERS)
        self.per = per
        self.mlp = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, branches))

    def forward(self, s: Float[Tensor, "b i h w"]) -> Float[Tensor, "b k y x"]:
        if self.per == "sample":
            s = s.mean(dim=(2, 3), keepdim=True)  # (B, I, 1, 1)
        logits = self.mlp(s.movedim(1, -1))  # (B, ·, ·, K)
        return logits.softmax(dim=-1).movedim(-1, 1)  # (B, K, 1, 1) or (B, K, H, W)
