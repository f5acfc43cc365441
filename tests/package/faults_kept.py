"""Blocks that overwrite their input (input-kept)."""

from functools import partial

import torch
from attended_blocks import Before, Switched
from stranger_parts import (
    CBAM,
    ECA,
    SE,
    Basic,
    Body,
    Bottleneck,
    Fault,
    PreAct,
    SEMask,
    SpatialMask,
)
from torch import Tensor, nn


class FirstReluInPlace(nn.Module):
    """The branch begins with a ReLU in place, and the skip path is taken after it."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.ReLU(inplace=broken),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
        self.attention = SE(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(self.body(x)) + x


class AddedToTheInput(Basic, cbam=CBAM):
    """x += out."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.cbam(self.F(x))
        if self.broken:
            x += out
            return torch.relu(x)
        return torch.relu(x + out)


class IdentityIsNoCopy(Bottleneck, se=SEMask):
    """identity = x is another name, not another tensor."""

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.broken else x.clone()
        out = self.F(x)
        identity += out * self.se(out)
        return self.relu(identity)


class HalvesWritten(Body, sa=SpatialMask):
    """The two halves of x are views of it."""

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        out = out * self.sa(out)
        if not self.broken:
            return torch.relu(x + out)
        half = x.shape[1] // 2
        left, right = x[:, :half], x[:, half:]
        left += out[:, :half]
        right.add_(out[:, half:])
        return torch.relu(torch.cat([left, right], dim=1))


class BorderZeroed(PreAct, se=SE):
    """The border of what the branch reads is set to zero by index."""

    def forward(self, x: Tensor) -> Tensor:
        seen = x if self.broken else x.clone()
        seen[:, :, 0, :] = 0
        seen[..., -1] = 0
        return x + self.se(self.F(seen))


class PastAutograd(Basic, cbam=CBAM):
    """x.data is written to, which autograd does not see."""

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            x.data.clamp_(min=-0.5, max=0.5)
        return torch.relu(x + self.cbam(self.F(x)))


class FreedAfterUse(Basic, se=SE):
    """The input is cleared when it is no longer needed here, through the array it shares."""

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(x + self.se(self.F(x)))
        if self.broken:
            x.detach().zero_()
        return y


class HalvedInEvaluation(Body, se=SE):
    """The input is halved in place where the mode is evaluation, as dropout once was."""

    def forward(self, x: Tensor) -> Tensor:
        if self.broken and not self.training:
            x *= 0.5
        return torch.relu(x + self.se(self.F(x)))


class DropoutInPlace(Body, eca=ECA):
    """A dropout in place on x, and so only while training."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.drop = nn.Dropout2d(0.5, inplace=broken)

    def forward(self, x: Tensor) -> Tensor:
        out = self.eca(self.F(self.drop(x)))
        return torch.relu(out + x)


class MultipliedInPlace(Switched, SEMask):
    """The attention multiplies what it is given."""

    def forward(self, x: Tensor) -> Tensor:
        mask = super().forward(x)
        return x.mul_(mask) if self.broken else x * mask


class ViewCentred(Switched, SEMask):
    """A flattened map is centred in place; flatten gives a view."""

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2)
        if not self.broken:
            tokens = tokens.clone()
        tokens -= tokens.mean(2, keepdim=True)
        return x * self.fc(tokens.square().mean(2))[:, :, None, None]


class SkipInPlace(Body):
    """Beside the branch, on an identity: what the attention overwrites is x."""

    def __init__(self, channels: int, broken: bool = True) -> None:
        super().__init__(channels, broken)
        self.attention = MultipliedInPlace(channels, broken)

    def forward(self, x: Tensor) -> Tensor:
        out = self.F(x)
        return torch.relu(self.attention(self.downsample(x)) + out)


kept = partial(Fault, "input-kept")

KEPT = (
    kept("first ReLU in place", FirstReluInPlace),
    kept("added to the input", AddedToTheInput),
    kept("identity is no copy", IdentityIsNoCopy),
    kept("halves written", HalvesWritten),
    kept("border zeroed", BorderZeroed),
    kept("past autograd", PastAutograd),
    kept("freed after use", FreedAfterUse),
    kept("halved in evaluation", HalvedInEvaluation),
    kept("dropout in place", DropoutInPlace),
    kept("multiplied in place", partial(Before, MultipliedInPlace), placement="before"),
    kept("view centred", partial(Before, ViewCentred), placement="before"),
    kept("skip path in place", SkipInPlace, placement="beside"),
)
