"""The formulas of the notes, on numbers under the names that the notes' classes give them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

ACTS = {"relu": torch.relu, "silu": lambda z: z * torch.sigmoid(z)}
GATES = {"sigmoid": torch.sigmoid, "hardsigmoid": lambda z: ((z + 3) / 6).clamp(0, 1)}
EPS = 1e-6  # what the notes add to a learned temperature


@dataclass
class Numbers:
    """The state of a class of the notes, or the part of it below a prefix."""

    values: dict[str, Tensor]
    training: bool = True

    def below(self, prefix: str) -> "Numbers":
        cut = len(prefix) + 1
        part = {k[cut:]: v for k, v in self.values.items() if k.startswith(prefix + ".")}
        return Numbers(part, self.training)

    def get(self, name: str, otherwise: Tensor | float | None = None) -> Tensor | float:
        return self.values.get(name, otherwise)

    def linear(self, name: str, v: Tensor) -> Tensor:
        """Apply a 1x1 convolution to vectors (B, C)."""
        weight = self.values[f"{name}.weight"].flatten(1)
        return torch.einsum("oc,bc->bo", weight, v) + self.get(f"{name}.bias", 0)

    def conv(self, name: str, x: Tensor, stride: int = 1, dilation: int = 1, groups: int = 1):
        weight, bias = self.values[f"{name}.weight"], self.get(f"{name}.bias")
        padding = dilation * (weight.shape[-1] // 2)
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)

    def norm(self, name: str, x: Tensor) -> Tensor:
        scale, shift, mean, variance = (
            self.values[f"{name}.{part}"].view(1, -1, 1, 1)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        if self.training:
            mean = x.mean((0, 2, 3), keepdim=True)
            variance = (x - mean).square().mean((0, 2, 3), keepdim=True)
        return scale * (x - mean) / (variance + 1e-5).sqrt() + shift

    def conv_norm(self, conv: str, norm: str, x: Tensor, stride: int = 1) -> Tensor:
        return self.norm(norm, self.conv(conv, x, stride))

    def temperature(self, fixed: float) -> Tensor | float:
        return F.softplus(self.values["t_raw"]) + EPS if "t_raw" in self.values else fixed


def channel(
    n: Numbers, x: Tensor, *, layers=("mlp.0", "mlp.2"), act="relu", gate="sigmoid",
    fusion="sum", temperature=1.0,
) -> Tensor:  # fmt: skip
    """Return α_c, (B, C, 1, 1)."""
    avg, top = x.mean((2, 3)), x.flatten(2).max(2).values
    a, m = (n.linear(layers[1], ACTS[act](n.linear(layers[0], v))) for v in (avg, top))
    if fusion == "mean alone":
        z = a
    elif fusion == "sum":
        z = a + m
    elif fusion == "softmax":
        w = n.values["fusion_logits"].softmax(0)
        z = w[0] * a + w[1] * m
    else:
        s = torch.cat([avg, top], 1)
        w = n.linear("fusion_router.2", torch.relu(n.linear("fusion_router.0", s))).softmax(1)
        z = w[:, :1] * a + w[:, 1:] * m
    return GATES[gate](z / n.temperature(temperature))[..., None, None]


def pooled(x: Tensor) -> Tensor:
    return torch.stack([x.mean(1), x.max(1).values], 1)


def spatial(n: Numbers, x: Tensor, *, conv="conv", gate="sigmoid", temperature=1.0) -> Tensor:
    """Return α_s, (B, 1, H, W)."""
    return GATES[gate](n.conv(conv, pooled(x)) / n.temperature(temperature))


def dynamic(
    n: Numbers, x: Tensor, *, dilations, coordinates=False, gate="sigmoid", temperature=1.0
) -> Tensor:
    """Return α_s of several windows and their router, (B, 1, H, W)."""
    s = pooled(x)
    if coordinates:
        h, w = x.shape[2:]
        across = torch.linspace(-1, 1, w).double().view(1, 1, 1, w).expand(len(x), 1, h, w)
        down = torch.linspace(-1, 1, h).double().view(1, 1, h, 1).expand(len(x), 1, h, w)
        s = torch.cat([s, across, down], 1)
    shares = n.linear("router.3", torch.relu(n.linear("router.1", s.mean((2, 3))))).softmax(1)
    z = 0
    for k, dilation in enumerate(dilations):
        z = z + shares[:, k, None, None, None] * window(n.below(f"branches.{k}"), s, dilation)
    return GATES[gate](z / n.temperature(temperature))


def window(n: Numbers, s: Tensor, dilation: int) -> Tensor:
    """Return one branch's logits: a convolution, or a depthwise and a pointwise one."""
    if "dw.weight" in n.values:
        return n.conv("pw", n.conv("dw", s, dilation=dilation, groups=s.shape[1]))
    return Numbers({"conv.weight": n.values["weight"]}).conv("conv", s, dilation=dilation)


def cbam(n: Numbers, x: Tensor, *, ca=None, sa=None, alpha=None, spatially=spatial) -> Tensor:
    """Return x + α (y - x), where y is x under both masks; y itself without an α."""
    y = x * channel(n.below("ca"), x, **(ca or {}))
    y = y * spatially(n.below("sa"), y, **(sa or {}))
    alpha = n.get("alpha", alpha)
    return y if alpha is None else x + alpha * (y - x)


def branch(n: Numbers, x: Tensor, stride: int) -> Tensor:
    """Return F(x)."""
    f = torch.relu(n.conv_norm("conv1", "bn1", x, stride))
    return n.conv_norm("conv2", "bn2", f)


def skip(n: Numbers, x: Tensor, stride: int) -> Tensor:
    return n.conv_norm("skip.0", "skip.1", x, stride) if n.below("skip").values else x


def inside(n: Numbers, x: Tensor, *, stride: int, part: str, attend: Callable) -> Tensor:
    f = attend(n.below(part), branch(n, x, stride))
    return torch.relu(skip(n, x, stride) + f)


def before(n: Numbers, x: Tensor, *, stride: int, lam: float | None = None) -> Tensor:
    seen = cbam(n.below("attn"), x)
    if "lam_logit" in n.values:
        lam = n.values["lam_logit"].sigmoid()
    if lam is not None:
        seen = (1 - lam) * x + lam * seen
    return torch.relu(skip(n, x, stride) + branch(n.below("F"), seen, stride))


def network(n: Numbers, x: Tensor, *, parts: tuple[str, ...], block: Callable) -> Tensor:
    """Return the logits of the flat model; ``parts`` names its five stages."""
    first, second, one, two, last = parts
    for part in (first, second):
        x = torch.relu(n.conv_norm(f"{part}.0", f"{part}.1", x))
    x = block(n.below(one), x, stride=1)
    x = block(n.below(two), x, stride=2)
    x = torch.relu(n.conv_norm(f"{last}.0", f"{last}.1", x))
    return n.linear("head.2", x.mean((2, 3)))
