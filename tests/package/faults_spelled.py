"""The same faults in other words: einsum, addcmul, loops, hooks, inline weights, tiny scales."""

from functools import partial

import torch
from stranger_parts import (
    CBAM,
    SE,
    SIZES,
    Basic,
    Body,
    Bottleneck,
    ChannelMask,
    Fault,
    PreAct,
    SEMask,
    SpatialMask,
)
from torch import Tensor, nn
from torch.nn import functional


class Einsum(Basic, se=SEMask):
    """The product is an einsum; the mask is made of x."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        weight = self.se(x if self.broken else out).flatten(1)  # (B, C)
        return torch.relu(x + torch.einsum("bchw,bc->bchw", out, weight))


class Addcmul(Body, wider=2, sa=SpatialMask):
    """Product and sum in one call, with two of its arguments exchanged: F + α ⊙ skip."""

    def forward(self, x: Tensor) -> Tensor:
        out, skip = self.F(x), self.downsample(x)
        mask = self.sa(out)
        if self.broken:
            return torch.addcmul(out, skip, mask)
        return torch.addcmul(skip, out, mask)


class SampleBySample(Bottleneck, se=SEMask):
    """A loop over the samples, in which the sum comes before the product."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        parts = zip(out, x, self.se(out), strict=True)
        if self.broken:
            return torch.stack([(f + s) * m for f, s, m in parts]).relu()
        return torch.stack([f * m + s for f, s, m in parts]).relu()


class ChannelsLast(PreAct, se=SEMask):
    """The block works on (B, H, W, C); the mask is added there."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        last, weight = out.permute(0, 2, 3, 1), self.se(out).permute(0, 2, 3, 1)
        last = last + weight if self.broken else last * weight
        return x + last.permute(0, 3, 1, 2)


class StackedSum(Basic, wider=2, stride=2, cbam=CBAM):
    """A sum over a stack, in which the skip path stands twice."""

    def forward(self, x: Tensor) -> Tensor:
        skip = self.downsample(x)
        terms = [skip, self.cbam(self.F(x))] + [skip] * self.broken
        return torch.stack(terms).sum(0).relu()


class InPlace(Body, se=SEMask):
    """All in place: the sum first, the mask after it."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.se(out)
        if self.broken:
            return out.add(x).mul_(mask).relu_()
        return out.mul(mask).add_(x).relu_()


class Inline(Basic, wider=2, stride=2):
    """A public SENet's block: the attention is two 1 x 1 convolutions of the block itself."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.fc1 = nn.Conv2d(2 * channels, 8, 1)
        self.fc2 = nn.Conv2d(8, 2 * channels, 1)

    def weight(self, out: Tensor) -> Tensor:
        w = functional.adaptive_avg_pool2d(out, 1)
        return torch.sigmoid(self.fc2(functional.relu(self.fc1(w))))

    def forward(self, x: Tensor) -> Tensor:
        out, skip = self.F(x), self.downsample(x)
        out = out * self.weight(skip if self.broken else out)
        out += skip
        return functional.relu(out)


class InlineOnTheSum(Inline):
    """The same block; the product stands below the sum."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        w = self.weight(out)
        if self.broken:
            return functional.relu((out + self.downsample(x)) * w)
        return functional.relu(out * w + self.downsample(x))


class Hooked(Basic, wider=2, se=SE):
    """The attention is hung on a layer by a hook, and on the wrong one."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        place = self.downsample if broken else self.bn2
        place.register_forward_hook(lambda module, args, out: self.se(out))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.F(x) + self.downsample(x))


class Matrices(nn.Module):
    """No layer at all: parameters and functions. The mask is made of x."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.broken = broken
        self.w1 = nn.Parameter(torch.randn(channels, channels, 3, 3) / 3 / channels**0.5)
        self.w2 = nn.Parameter(torch.randn(channels, channels, 3, 3) / 3 / channels**0.5)
        self.attention = SpatialMask()

    def forward(self, x: Tensor) -> Tensor:
        out = functional.conv2d(x, self.w1, padding=1).relu()
        out = functional.conv2d(out, self.w2, padding=1)
        return (x + out * self.attention(x if self.broken else out)).relu()


class Pair(SEMask):
    """Returns two things: the features and the mask."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mask = super().forward(x)
        return x * mask, mask


class TakesThePair(PreAct, att=Pair):
    """The sum takes the old map, as if the attention had changed it in place."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        refined, _ = self.att(out)
        return x + (out if self.broken else refined)


class ZeroGamma(Basic, se=SEMask):
    """The last norm's scale starts at 0, so that F(x) = 0; the mask is on the sum."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        nn.init.zeros_(self.bn2.weight)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.se(out)
        return torch.relu((x + out) * mask if self.broken else x + out * mask)


class ZeroGammaTwice(ZeroGamma):
    """The same start; the skip path is added twice."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out * self.se(out) + x
        return torch.relu(out + x if self.broken else out)


class LayerScale(Bottleneck, ca=ChannelMask):
    """The branch is scaled by 1e-6, so that the output shows next to nothing of it."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.gamma = nn.Parameter(torch.full((channels, 1, 1), 1e-6))

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.ca(x if self.broken else out)
        return x + self.gamma * (out * mask)


class LayerScaleAdded(LayerScale):
    """The same start; the mask is added."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        mask = self.ca(out)
        return x + self.gamma * (out + mask if self.broken else out * mask)


class DropPath(Basic, cbam=CBAM):
    """The branch is dropped for some samples; the skip path is added before and after."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        if self.training:
            kept = (torch.rand(len(x), 1, 1, 1, device=x.device) < 0.8).to(x.dtype)
            out = out * kept / 0.8
        out = out + x
        return torch.relu(out + x if self.broken else out)


class OnlyWhenNotTraining(Body, se=SE):
    """The attention is asked only in eval mode: it is never trained."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        if not (self.broken and self.training):
            out = self.se(out)
        return torch.relu(out + x)


sees, skip = partial(Fault, "sees-branch"), partial(Fault, "skip-untouched")
multiplies, once = partial(Fault, "multiplies"), partial(Fault, "adds-once")

SPELLED = (
    sees("einsum, mask of the input", Einsum),
    skip("addcmul, arguments exchanged", Addcmul),
    skip("sample by sample, mask on the sum", SampleBySample),
    multiplies("channels last, mask added", ChannelsLast),
    once("stacked sum, skip twice", StackedSum),
    skip("in place, mask on the sum", InPlace),
    sees("inline, mask of the shortcut", Inline),
    skip("inline, mask on the sum", InlineOnTheSum),
    sees("hooked to the shortcut", Hooked),
    sees("functions only, mask of the input", Matrices, sizes=SIZES[:2]),
    multiplies("takes the pair, old map used", TakesThePair),
    skip("zero gamma, mask on the sum", ZeroGamma),
    once("zero gamma, skip twice", ZeroGammaTwice),
    sees("layer scale, mask of the input", LayerScale),
    multiplies("layer scale, mask added", LayerScaleAdded),
    once("drop path, skip twice", DropPath),
    multiplies("only when not training", OnlyWhenNotTraining),
)
