"""Attention put into somebody else's residual network, by the notes' rule of integration."""

import re
from collections.abc import Callable
from typing import TypeVar

from torch import nn
from torch.nn.parallel import DistributedDataParallel

from cbam_teach.attended_norm import AttendedNorm
from cbam_teach.checks import named
from cbam_teach.language import problem
from cbam_teach.placement import Attended, AttentionFactory, make_attention

SKIPS = ("downsample", "shortcut")  # attributes by which a block is known to have a skip path
TAKEN = ("attention", "attn", "se", "cbam")  # attributes that hold a block's own attention
OWNER = "insert_attention"

Model = TypeVar("Model", bound=nn.Module)


def insert_attention(
    model: Model,
    attention: AttentionFactory,
    *,
    select: Callable[[str], object] | None = None,
) -> Model:
    """Put attention A into every residual block of a network: skip(x) + A(F(x)).

    The rule: what the convolutions produce is F(x); put attention on it; add the skip path.
    So relu(skip(x) + F(x)) becomes relu(skip(x) + A(F(x))), which is placement "inside".

    A block is known by its parts, wherever it comes from: children conv1, bn1, …, convN, bnN,
    with N at least 2 and bnN after convN, and an attribute ``downsample`` or ``shortcut``, which
    may be None. BasicBlock and Bottleneck of torchvision and timm are such; the plain blocks of
    `ResNet`, `MiniResNet` and `SimpleCNN` (placement "none") are known as well. A stands
    right after bnN: what a block does between that and the sum, such as dropping paths, follows.

    Fresh masks start near ½, and two of them scale F(x) to about a quarter, so that a pretrained
    network starts worse than it was. ``lambda channels: CBAM(channels, mix=Learnable(0.0))``
    starts as the pretrained network itself and learns how much attention to let in.

    Args:
        model: the network; it is changed in place. Do this before you make the optimiser, and
            before the network is compiled or wrapped for several devices.
        attention: as in `ResidualBlock`; called with the out-channels of the block's last
            convolution, it returns a module that keeps its input's shape. It gets the block's
            device, number type and mode.
        select: called with the name of each block, as `named_modules` gives it, such as
            ``"layer3.1"``; the block is taken where the answer is true. Without it, all are.

    Returns:
        The same ``model``. Names in its state dict stay, so that pretrained files still load;
        the attention's are new, ``layer3.1.bn2.attention. …``, or in this package's own blocks
        ``layer3.1.attention. …``.

    Raises:
        TypeError: when ``model`` is no module, or ``attention`` or ``select`` cannot be called
            or ``attention`` does not make modules.
        ValueError: when no block is found or selected, a selected one has attention already, or
            the model is wrapped in DistributedDataParallel; in the network's ``forward`` when
            the attention changes the shape of what it is given.
        The model is then as it was.

    Source:
        The notes' rule of integration.
    """
    check_call(model, attention, select)
    blocks = {name: module for name, module in model.named_modules() if is_residual(module)}
    if not blocks:
        raise problem(
            ValueError, "error.no_residual", owner=OWNER,
            given=kinds(model), allowed="BasicBlock, Bottleneck, ResidualBlock, …",
        )  # fmt: skip
    chosen = {name: block for name, block in blocks.items() if select is None or select(name)}
    if not chosen:
        raise problem(
            ValueError, "error.select_none", owner=OWNER, given=0, allowed=list(blocks)
        )  # fmt: skip
    taken = {name: part for name, block in chosen.items() if (part := own_attention(block))}
    if taken:
        free = [name for name in blocks if not own_attention(blocks[name])]
        raise problem(
            ValueError, "error.has_attention", owner=OWNER,
            given=[f"{name}.{part}".lstrip(".") for name, part in taken.items()], allowed=free,
        )  # fmt: skip
    made = [build(block, attention) for block in chosen.values()]
    for block, one in zip(chosen.values(), made, strict=True):  # nothing is refused from here on
        put(block, one)
    return model


def last_step(block: nn.Module) -> int:
    """Return N where convN is the block's last numbered convolution and bnN follows; else 0."""
    children = dict(block.named_children())
    numbers = [int(found[1]) for name in children if (found := re.fullmatch(r"conv(\d+)", name))]
    last = max(numbers, default=0)
    names = list(children)
    if last < 2 or not isinstance(children[f"conv{last}"], nn.Conv2d) or f"bn{last}" not in names:
        return 0
    return last if names.index(f"conv{last}") < names.index(f"bn{last}") else 0


def is_residual(module: nn.Module) -> bool:
    if isinstance(module, Attended):
        return True
    return last_step(module) > 0 and any(hasattr(module, name) for name in SKIPS)


def own_attention(block: nn.Module) -> str:
    """Return the name of the attention that a block has already, or nothing."""
    last = f"bn{last_step(block)}"
    if isinstance(getattr(block, last, None), AttendedNorm):
        return f"{last}.attention"
    has = (name for name in TAKEN if not isinstance(getattr(block, name, None), nn.Identity | None))
    return next(has, "")


def build(block: nn.Module, attention: AttentionFactory) -> nn.Module:
    """Build a block's attention, on the block's device and in its number type and mode."""
    if isinstance(block, Attended):
        channels = block.out_channels
    else:
        channels = getattr(block, f"conv{last_step(block)}").out_channels
    made = make_attention(OWNER, attention, "inside", channels)
    assert made is not None
    like = next(block.parameters())
    return made.to(device=like.device, dtype=like.dtype).train(block.training)


def put(block: nn.Module, attention: nn.Module) -> None:
    if isinstance(block, Attended):
        block.attention, block.placement = attention, "inside"
    else:
        last = f"bn{last_step(block)}"
        setattr(block, last, AttendedNorm(getattr(block, last), attention))


def kinds(model: nn.Module) -> str:
    """Return what a model is made of: its class and, sorted, those of the modules in it."""
    inner = sorted({type(module).__name__ for module in model.modules() if module is not model})
    return f"{type(model).__name__} ({', '.join(inner[:8])}{', …' if len(inner) > 8 else ''})"


def check_call(model: object, attention: object, select: object) -> None:
    """Refuse arguments of the wrong kind, and a model that is already wrapped."""
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner=OWNER, given=named(model), allowed="nn.Module"
        )
    if attention is None:
        raise problem(
            TypeError, "error.factory", owner=OWNER,
            given="None", allowed="CBAM, ChannelAttention, lambda channels: …",
        )  # fmt: skip
    if select is not None and not callable(select):
        raise problem(
            TypeError, "error.select", owner=OWNER,
            given=repr(select), allowed="lambda name: …",
        )  # fmt: skip
    if any(isinstance(module, DistributedDataParallel) for module in model.modules()):
        raise problem(
            ValueError, "error.wrapped", owner=OWNER,
            given="DistributedDataParallel", allowed=f"DistributedDataParallel({OWNER}(model, …))",
        )  # fmt: skip
