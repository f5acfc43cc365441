"""The right blocks of strangers, and all right blocks together."""

from functools import partial

import right_attention as ra
import right_parts as rp
import right_strangers as rs
import right_styles as ry
import stranger_parts as sp
import torch
from right_blocks import Right, ladder, of_timm, ours
from torch import nn
from torch.nn.utils import parametrizations

C = 16
LEARN, ALIVE, MIDDLE = "all-parameters-learn", "mask-alive", "sees-branch"
SKIP, ONCE, PLACES = "skip-untouched", "adds-once", "places-matter"


def built(body, attention, **parts):
    """Return what builds a block of parts, each a call that makes the part."""
    return lambda: rs.Built(body(), attention(), **{name: part() for name, part in parts.items()})


def body(**parts):
    """Return what builds the usual branch of other parts."""
    return lambda: rs.two(C, **parts)


BODY, CBAM, SE = body(), partial(sp.CBAM, C), partial(sp.SE, C)


def projected(*first: nn.Module, stride: int) -> nn.Sequential:
    return nn.Sequential(*first, nn.Conv2d(C, C, 1, stride), nn.BatchNorm2d(C))


def gated_branch() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(C, 2 * C, 3, 1, 1), rp.GLU(), nn.Conv2d(C, C, 1))


def spectral() -> nn.Module:
    block = rs.Popular(C)
    parametrizations.spectral_norm(block.conv1)
    parametrizations.weight_norm(block.sa.conv1)
    return block


def mixed_modes() -> nn.Module:
    block = rs.Popular(C)
    block.bn1.eval()
    block.ca.eval()
    return block


def frozen() -> nn.Module:
    block = rs.Popular(C)
    block.conv1.weight.requires_grad_(False)
    return block


def biased() -> nn.Module:
    """Squeeze-and-excitation that starts nearly open, as for a pretrained network."""
    block = rs.Built(rs.two(C), sp.SE(C))
    nn.init.constant_(block.attention.fc[2].bias, 2.0)
    return block


def forms() -> list[Right]:
    """Blocks whose forward passes differ."""
    released = rs.Released
    return [
        Right("popular", partial(rs.Popular, C)),
        Right("popular step", partial(rs.PopularStep, C)),
        Right("popular evaluating", lambda: rs.Popular(C).eval()),
        Right("popular named", partial(rs.Popular, C), attention=("ca", "sa")),
        Right("popular double", partial(rs.Popular, C), dtype=torch.float64),
        Right("popular in mixed modes", mixed_modes),
        Right("popular with a frozen convolution", frozen, remarks=(LEARN,)),
        Right("expanded bottleneck", partial(rs.Expanded, C)),
        Right("pre-activation", partial(rs.Late, C)),
        Right("released", partial(released, 32), 32),
        Right("released scale 0", partial(released, 32, 0.0), 32, remarks=(LEARN, ALIVE)),
        Right("released scale 0 evaluating", lambda: released(32, 0.0).eval(), 32,
              remarks=(LEARN, ALIVE)),
        Right("released bottleneck", partial(rs.ReleasedBottleneck, C)),
        Right("ConvNeXt", partial(rs.Weighed, C, 1.0)),
        Right("ConvNeXt scale 1e-6", partial(rs.Weighed, C, 1e-6)),
        Right("MBConv", partial(rs.Mobile, C), remarks=(MIDDLE,)),
        Right("mixed 0.5", partial(rs.Mixed, C, 0.5), remarks=(SKIP,)),
        Right("mixed learnable", lambda: rs.Mixed(C, nn.Parameter(torch.tensor(0.1))),
              remarks=(SKIP,)),
        Right("alpha 0.2", partial(rs.Started, C, 0.2)),
        Right("alpha 0", partial(rs.Started, C, 0.0), remarks=(LEARN,)),
        Right("over the root of 2", partial(rs.Halved, C), remarks=(ONCE,)),
        Right("1 + mask multiplied", partial(rs.Plus, C), remarks=(SKIP,)),
        Right("tuple", partial(ry.Tuple, C)),
        Right("list", partial(ry.Listed, C)),
        Right("list named", partial(ry.Listed, C), attention=("extras.0", "extras.1")),
        Right("sequential block", lambda: ry.Whole(C, sp.CBAM(C))),
        Right("sequential block and dropout", lambda: ry.Whole(C, sp.SE(C), nn.Dropout2d(0.2))),
        Right("inlined", partial(ry.Inlined, C)),
        Right("inlined named", partial(ry.Inlined, C), attention="gate"),
        Right("RepVGG", partial(ry.Reparametrised, C), placement="after"),
        *(Right(f"stranger {where}", partial(ry.Placed, C, where), placement=where)
          for where in ("before", "after", "beside")),
        *(Right(f"stranger step {where}", partial(ry.PlacedStep, C, where), placement=where)
          for where in ("before", "after", "beside")),
        Right("after the last ReLU", partial(ry.AfterLast, C), placement="after"),
        Right("coin", partial(ry.Tossed, C, 0.5, False)),
        Right("Python's coin", partial(ry.Tossed, C, 0.5, True)),
        Right("recomputed", partial(ry.Recomputed, C)),
        Right("in place", partial(ry.Overwriting, C)),
        Right("notes what it does", partial(ry.Noted, C)),
        Right("stacked", partial(ry.Stacked, C)),
        Right("wrapped", lambda: ry.Wrapped(rs.Popular(C))),
        Right("product and sum in one", partial(ry.InOneStep, C)),
        Right("mixed by lerp", partial(ry.Lerped, C), remarks=(SKIP,)),
        Right("mixed by shares", partial(ry.Shares, C), remarks=(SKIP,)),
        Right("into the skip", partial(ry.IntoTheSkip, C)),
        Right("into a copy", partial(ry.IntoACopy, C)),
        Right("attention before the last norm", partial(rs.Normed, C)),
        Right("Inception", partial(rs.Inception, C)),
        Right("two branches", partial(ry.Twice, C)),
        Right("spectral norm", spectral),
        Right("starts open", biased),
    ]  # fmt: skip


def parts() -> list[Right]:
    """Blocks of one form and other parts."""
    group = partial(nn.GroupNorm, 4)
    drop, scale = partial(rp.DropPath, 0.5), partial(rp.LayerScale, C)
    step = partial(sp.branch, C, C, 2)
    return [
        Right("grouped", built(body(groups=4), CBAM)),
        Right("depthwise", built(partial(rs.separable, C), CBAM)),
        Right("step, conv and norm", built(step, CBAM, skip=partial(projected, stride=2))),
        Right("step, average pooling", built(step, CBAM, skip=lambda: projected(
            nn.AvgPool2d(2, 2, ceil_mode=True), stride=1))),
        Right("DropPath", built(BODY, CBAM, tail=drop)),
        Right("DropPath 0.9", built(BODY, SE, tail=partial(rp.DropPath, 0.9))),
        Right("Dropout", built(BODY, CBAM, tail=partial(nn.Dropout, 0.3))),
        Right("Dropout in the branch", lambda: rs.Built(
            nn.Sequential(nn.Dropout(0.2), *rs.two(C)), sp.CBAM(C))),
        Right("SiLU", built(body(act=nn.SiLU), CBAM, act=nn.SiLU)),
        Right("GELU", built(body(act=nn.GELU), CBAM, act=nn.GELU)),
        Right("Swish by hand", built(body(act=rp.Swish), CBAM, act=rp.Swish)),
        Right("hard swish by hand", built(body(act=rp.HandHardSwish), SE, act=rp.HandHardSwish)),
        Right("Hardswish", built(body(act=nn.Hardswish), SE, act=nn.Hardswish)),
        Right("PReLU", built(body(act=nn.PReLU), SE, act=nn.PReLU)),
        Right("no last activation", built(BODY, CBAM, act=nn.Identity)),
        Right("GLU in the branch", built(gated_branch, SE)),
        Right("LayerScale", built(BODY, CBAM, tail=scale)),
        Right("LayerScale and DropPath", built(BODY, CBAM, tail=lambda: nn.Sequential(
            rp.LayerScale(C), rp.DropPath(0.3)))),
        Right("GroupNorm", built(body(norm=group), CBAM)),
        Right("LayerNorm of channels", built(body(norm=rp.LayerNorm2d), CBAM)),
        Right("InstanceNorm", built(body(norm=partial(nn.InstanceNorm2d, affine=True)), CBAM)),
        Right("no norm", built(body(norm=nn.Identity), CBAM)),
        Right("standardised kernels", built(body(conv=rp.StandardisedConv), CBAM)),
        Right("reflected borders", built(body(padding_mode="reflect"), CBAM)),
        Right("circular borders", built(body(padding_mode="circular"), CBAM)),
        Right("dilated", built(body(dilation=2, padding=2), CBAM)),
        Right("asymmetric kernels", lambda: rs.Built(nn.Sequential(
            nn.Conv2d(C, C, (1, 5), padding=(0, 2)), nn.BatchNorm2d(C), nn.ReLU(),
            nn.Conv2d(C, C, (5, 1), padding=(2, 0)), nn.BatchNorm2d(C)), sp.CBAM(C))),
        Right("zero-initialised last norm", lambda: rs.seeded(
            rs.Built(rs.two(C), sp.CBAM(C)), [("body.4.weight", 0)]), remarks=(LEARN, ALIVE)),
        Right("popular, last norm zero", lambda: rs.seeded(rs.Popular(C), [("bn2.weight", 0)]),
              remarks=(LEARN, ALIVE)),
        Right("RCAB", built(body(norm=nn.Identity), SE, act=nn.Identity)),
        Right("1 + mask", built(BODY, lambda: ra.OnePlus(ra.Parallel(C))), remarks=(SKIP,)),
        Right("1 + spatial mask", built(BODY, lambda: ra.OnePlus(sp.SpatialMask())),
              remarks=(SKIP,)),
        Right("one sigmoid for both", built(BODY, lambda: ra.Times(ra.Parallel(C)))),
        Right("hard gates", lambda: rs.Built(
            rs.two(C), sp.CBAM(C, nn.Hardsigmoid(), nn.Hardsigmoid()))),
        Right("hard gates by hand", lambda: rs.Built(
            rs.two(C), sp.CBAM(C, rp.HandHardSigmoid(), rp.HandHardSigmoid()))),
        Right("ECA", built(BODY, sp.ECA)),
        Right("coordinate", built(BODY, partial(ra.Coordinates, C))),
        Right("SimAM", built(BODY, ra.Energy)),
        Right("scSE", built(BODY, partial(ra.Concurrent, C))),
        Right("scSE, the larger", built(BODY, partial(ra.Concurrent, C, True))),
        Right("triplet", built(BODY, ra.Triplet)),
        Right("groups of channels", built(BODY, partial(ra.Groups, C))),
        Right("formulas alone", built(BODY, partial(ra.Written, C))),
        Right("enlarged mask", built(BODY, lambda: ra.Times(ra.Coarse(C)))),
        Right("straight gates", lambda: rs.Built(
            rs.two(C), sp.CBAM(C, rp.Straight(), rp.Straight()))),
        Right("gates of tanh", lambda: rs.Built(rs.two(C), sp.CBAM(C, rp.Tanh(), rp.Tanh()))),
        Right("shares of two", built(BODY, partial(ra.Choice, C))),
        Right("product of masks", built(BODY, partial(ra.Product, C))),
        Right("cached grid", built(BODY, ra.Cached), remarks=(PLACES,)),
        Right("two in a row", built(BODY, lambda: nn.Sequential(sp.SE(C), sp.CBAM(C)))),
        Right("three named", built(BODY, lambda: nn.Sequential(sp.SE(C), sp.CBAM(C))),
              attention="attention"),
    ]  # fmt: skip


RIGHT = (*ladder(), *ours(), *of_timm(), *forms(), *parts())
