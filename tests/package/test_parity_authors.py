"""The CBAM that its authors released, from its description, and a configuration equal to it.

Two linear layers with bias and a hidden width of C // 16 without a minimum; the spatial mask
stacks [maximum; mean] and has a batch norm of momentum 0.01 after its convolution, whose scale
the authors' ResNet sets to 0.
"""

import copy

import oracles
import pytest
import torch
from agreement import picture, shaken
from states import carry, compare
from torch import nn

from cbam_teach import CBAM, ChannelAttention, SpatialAttention

SIZES = [(1, 16, 3, 4), (3, 20, 5, 2), (2, 33, 4, 7)]
KERNEL = "SpatialGate.spatial.conv.weight"
RULES = {r"^ChannelGate\.mlp\.1": "channel.mask.mlp.0", r"^ChannelGate\.mlp\.3":
         "channel.mask.mlp.2", r"^SpatialGate\.spatial\.conv": "spatial.mask.conv",
         r"^SpatialGate\.spatial\.bn": "spatial.mask.norm"}  # fmt: skip


def released_state(channels: int) -> dict[str, torch.Tensor]:
    """Return random numbers under the names that the released files give them."""
    hidden = channels // 16
    shapes = {
        "ChannelGate.mlp.1.weight": (hidden, channels), "ChannelGate.mlp.1.bias": (hidden,),
        "ChannelGate.mlp.3.weight": (channels, hidden), "ChannelGate.mlp.3.bias": (channels,),
        KERNEL: (1, 2, 7, 7),
        "SpatialGate.spatial.bn.weight": (1,), "SpatialGate.spatial.bn.bias": (1,),
    }  # fmt: skip
    return {n: torch.randn(shape).double().requires_grad_() for n, shape in shapes.items()}


def released(state: dict[str, torch.Tensor], norm: nn.BatchNorm2d, x: torch.Tensor):
    """Return the released module's output, and its spatial mask."""
    s = {name.rpartition("Gate.")[2]: value for name, value in state.items()}
    alpha = oracles.channel_mask(
        x, s["mlp.1.weight"], s["mlp.3.weight"], biases=(s["mlp.1.bias"], s["mlp.3.bias"])
    )
    mean, top = oracles.over_channels(x * alpha)
    z = oracles.conv(torch.stack([top, mean], 1), s["spatial.conv.weight"], 1, 3)
    if norm.training:
        centre, spread = z.mean(), z.var(unbiased=False)
    else:
        centre, spread = norm.running_mean, norm.running_var
    normed = (z - centre) / (spread + 1e-5) ** 0.5
    mask = oracles.sigmoid(normed * s["spatial.bn.weight"] + s["spatial.bn.bias"])
    return x * alpha * mask, mask


def ours_for(state: dict[str, torch.Tensor], swap: bool = True) -> CBAM:
    """Return the configuration with these numbers, the two channels of the kernel swapped."""
    channels = state["ChannelGate.mlp.3.bias"].shape[0]
    channel = ChannelAttention(channels, min_hidden=1, bias=True)
    spatial = SpatialAttention(norm_momentum=0.01)
    ours = shaken(CBAM(channels, channel=channel, spatial=spatial))
    running = {f"SpatialGate.spatial.bn.{n}": v for n, v in spatial.norm.named_buffers()}
    loaded = state | {name: value.clone() for name, value in running.items()}
    if swap:
        loaded[KERNEL] = loaded[KERNEL].flip(1)
    return carry(loaded, ours, RULES)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_the_released_cbam(size, training):
    x = picture(size)
    state = released_state(size[1])
    ours = ours_for(state).train(training)
    kernel = ours.spatial.mask.conv.weight.detach().clone().requires_grad_()
    expected, _ = released(state | {KERNEL: kernel.flip(1)}, ours.spatial.mask.norm, x)
    with torch.no_grad():
        torch.testing.assert_close(copy.deepcopy(ours)(x), expected)
    compare(ours(x), ours, x, expected, state | {KERNEL: kernel}, RULES, rtol=1e-7)


def test_the_released_cbam_stacks_the_maximum_first():
    x = picture((2, 20, 4, 3))
    state = released_state(20)
    ours = ours_for(state, swap=False)
    expected, _ = released(state, ours.spatial.mask.norm, x)
    assert not torch.allclose(ours(x), expected, atol=1e-3)


@pytest.mark.parametrize("missing", ["bias", "norm"])
def test_without_its_configuration_the_released_cbam_differs(missing):
    x = picture((2, 20, 4, 3))
    state = released_state(20)
    ours = ours_for(state)
    expected, _ = released(state, ours.spatial.mask.norm, x)
    assert torch.allclose(ours(x), expected)
    if missing == "norm":
        ours.spatial.mask.norm = nn.Identity()
    else:
        nn.init.zeros_(ours.channel.mask.mlp[2].bias)
    assert not torch.allclose(ours(x), expected, atol=1e-3)


@pytest.mark.parametrize("training", [True, False])
def test_with_the_scale_at_zero_the_mask_starts_at_one_half_and_the_kernel_gets_no_gradient(
    training,
):
    x = picture((2, 20, 4, 3))
    ours = ours_for(released_state(20)).train(training)
    norm = ours.spatial.mask.norm
    nn.init.zeros_(norm.weight)
    nn.init.zeros_(norm.bias)
    y = ours.channel(x)
    assert torch.equal(ours.spatial.mask(y), torch.full((2, 1, 4, 3), 0.5, dtype=torch.float64))
    assert torch.equal(ours(x), 0.5 * y)
    ours(x).square().sum().backward()
    assert ours.spatial.mask.conv.weight.grad.abs().max() == 0
    assert norm.weight.grad.abs().item() > 1e-3  # the scale moves first, the kernel after it
    assert norm.bias.grad.abs().item() > 1e-3
    with torch.no_grad():
        norm.weight -= 0.01 * norm.weight.grad.sign()
    ours.zero_grad()
    ours(x).square().sum().backward()
    assert ours.spatial.mask.conv.weight.grad.abs().max() > 1e-6


def test_the_running_numbers_move_by_a_hundredth():
    x = picture((3, 20, 5, 2)).detach()
    state = released_state(20)
    ours = ours_for(state)
    norm = ours.spatial.mask.norm
    mean = norm.running_mean.clone()
    y = ours.channel(x)
    top_mean = torch.stack(oracles.over_channels(y)[::-1], 1)
    z = oracles.conv(top_mean, state[KERNEL], 1, 3).detach()
    ours(x)
    torch.testing.assert_close(norm.running_mean, 0.99 * mean + 0.01 * z.mean())


def test_below_sixteen_channels_the_released_channel_mask_is_blind():
    first, second, bias = torch.zeros(5, 0), torch.zeros(0, 5), torch.randn(5)
    for summary in torch.randn(4, 2, 5):
        assert torch.equal(torch.relu(summary @ first) @ second + bias, bias.expand(2, 5))
    assert ChannelAttention(5, min_hidden=1, bias=True).mlp[0].out_features == 1
    with pytest.raises(ValueError, match="`min_hidden` must be at least 1"):
        ChannelAttention(5, min_hidden=0)
