"""No option is accepted and ignored: two values of it give two functions."""

import inspect

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    CoordinateAttention,
    DynamicSpatialAttention,
    EfficientChannelAttention,
    Learnable,
    MiniResNet,
    ResidualBlock,
    SimpleCNN,
    SpatialAttention,
    SqueezeExcitation,
    Temperature,
    WarmUp,
)

PAIRS = [
    (ChannelAttention, {"channels": 8}, "channels", 6),
    (ChannelAttention, {"channels": 8}, "reduction", 1),
    (ChannelAttention, {"channels": 8}, "min_hidden", 1),
    (ChannelAttention, {"channels": 8}, "act", "silu"),
    (ChannelAttention, {"channels": 8}, "bias", True),
    (ChannelAttention, {"channels": 8}, "fusion", "softmax"),
    (ChannelAttention, {"channels": 8, "fusion": "softmax"}, "fusion", "router"),
    (ChannelAttention, {"channels": 8}, "gate", "hardsigmoid"),
    (ChannelAttention, {"channels": 8}, "temperature", 2.0),
    (ChannelAttention, {"channels": 8}, "learnable_temperature", True),
    (SpatialAttention, {}, "kernel_size", 3),
    (SpatialAttention, {}, "gate", "hardsigmoid"),
    (SpatialAttention, {}, "temperature", 2.0),
    (SpatialAttention, {}, "learnable_temperature", True),
    (SpatialAttention, {}, "bias", True),
    (SpatialAttention, {}, "norm_momentum", 0.1),
    (SpatialAttention, {"norm_momentum": 0.1}, "norm_momentum", 0.01),
    (DynamicSpatialAttention, {}, "kernels", (3, 5)),
    (DynamicSpatialAttention, {}, "kernels", (7, 3)),
    (DynamicSpatialAttention, {}, "dilated", None),
    (DynamicSpatialAttention, {}, "dilated", (5, 2)),
    (DynamicSpatialAttention, {}, "dilated", (7, 3)),
    (DynamicSpatialAttention, {}, "coordinates", True),
    (DynamicSpatialAttention, {}, "separable", True),
    (DynamicSpatialAttention, {}, "router", "pixel"),
    (DynamicSpatialAttention, {}, "router_hidden", 4),
    (DynamicSpatialAttention, {}, "gate", "hardsigmoid"),
    (DynamicSpatialAttention, {}, "temperature", 2.0),
    (DynamicSpatialAttention, {}, "learnable_temperature", True),
    (SqueezeExcitation, {"channels": 8}, "channels", 6),
    (SqueezeExcitation, {"channels": 8}, "reduction", 2),
    (SqueezeExcitation, {"channels": 8}, "min_hidden", 3),
    (EfficientChannelAttention, {"channels": 8}, "channels", 6),
    (EfficientChannelAttention, {"channels": 8}, "kernel_size", 5),
    (CoordinateAttention, {"channels": 8}, "channels", 6),
    (CoordinateAttention, {"channels": 32}, "reduction", 2),
    (CoordinateAttention, {"channels": 8}, "bias", False),
    (CBAM, {"channels": 8}, "channels", 6),
    (CBAM, {"channels": 8}, "channel", SqueezeExcitation(8)),
    (CBAM, {"channels": 8}, "spatial", SpatialAttention(kernel_size=3)),
    (CBAM, {"channels": 8}, "mix", 0.5),
    (CBAM, {"channels": 8, "mix": 0.5}, "mix", Learnable(0.5)),
    (CBAM, {"channels": 8, "mix": 0.5}, "mix", WarmUp(0.5, 4)),
    (CBAM, {"channels": 8, "mix": WarmUp(0.5, 4)}, "mix", WarmUp(0.5, 8)),
    (CBAM, {"channels": 8, "mix": WarmUp(0.5, 4)}, "mix", WarmUp(Learnable(0.5), 4)),
    (ResidualBlock, {"in_channels": 8, "out_channels": 8}, "in_channels", 6),
    (ResidualBlock, {"in_channels": 8, "out_channels": 8}, "out_channels", 6),
    (ResidualBlock, {"in_channels": 8, "out_channels": 8}, "stride", 2),
    (ResidualBlock, {"in_channels": 8, "out_channels": 8}, "attention", ChannelAttention),
    (ResidualBlock, {"in_channels": 8, "out_channels": 8}, "placement", "after"),
    (ResidualBlock, {"in_channels": 8, "out_channels": 8, "placement": "before"}, "input_mix", 0.2),
    (SimpleCNN, {}, "num_classes", 4),
    (SimpleCNN, {}, "attention", ChannelAttention),
    (SimpleCNN, {}, "placement", "beside"),
    (SimpleCNN, {"placement": "before"}, "input_mix", 0.2),
    (MiniResNet, {"blocks": 1}, "num_classes", 4),
    (MiniResNet, {"blocks": 1}, "blocks", 2),
    (MiniResNet, {"blocks": 1}, "attention", ChannelAttention),
    (MiniResNet, {"blocks": 1}, "placement", "beside"),
    (MiniResNet, {"blocks": 1, "placement": "before"}, "input_mix", Learnable(0.2)),
    (Temperature, {"learnable": False}, "start", 2.0),
    (Temperature, {}, "learnable", False),
]  # fmt: skip


def shapes(module: nn.Module) -> list[tuple[str, torch.Size]]:
    """Return the names and sizes of what is stored, and of what is learned."""
    stored = {name: value.shape for name, value in module.state_dict().items()}
    learned = {f"{name} (learned)": part.shape for name, part in module.named_parameters()}
    return sorted((stored | learned).items())


def result(module: nn.Module) -> torch.Tensor:
    """Return what the module gives in evaluation, after two passes of training."""
    if isinstance(module, Temperature):
        return module().detach()
    channels = 3 if isinstance(module, SimpleCNN | MiniResNet) else 8
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(4, channels, 17, 19, generator=generator)
    with torch.no_grad():
        for _ in range(2):
            module.train()(x)
        return module.eval()(x)


@pytest.mark.parametrize(
    ("kind", "options", "option", "other"),
    PAIRS,
    ids=[f"{kind.__name__}-{option}-{i}" for i, (kind, _, option, _) in enumerate(PAIRS)],
)
def test_two_values_of_an_option_differ(kind, options, option, other):
    torch.manual_seed(0)
    one = kind(**options)
    torch.manual_seed(0)
    two = kind(**options | {option: other})
    if shapes(one) != shapes(two):
        return  # what is stored differs
    two.load_state_dict(one.state_dict())
    assert not torch.allclose(result(one), result(two), atol=1e-5)


@pytest.mark.parametrize("kind", dict.fromkeys(k for k, *_ in PAIRS), ids=lambda k: k.__name__)
def test_no_option_is_forgotten_here(kind):
    tried = {option for other, _, option, _ in PAIRS if other is kind}
    assert tried == set(inspect.signature(kind).parameters)


def test_the_same_value_twice_is_noticed():
    torch.manual_seed(0)
    one, two = ChannelAttention(8, temperature=1.0), ChannelAttention(8, temperature=1.0)
    two.load_state_dict(one.state_dict())
    assert shapes(one) == shapes(two)
    assert torch.allclose(result(one), result(two))
