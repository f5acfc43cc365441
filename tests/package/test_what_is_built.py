"""What a module holds: widths by default, exact numbers, whole parts; and how it is shown."""

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    CoordinateAttention,
    Learnable,
    SpatialAttention,
    SqueezeExcitation,
    Temperature,
)
from cbam_teach.gates import Gate
from cbam_teach.plain import pool_channels


def test_coordinate_attention_divides_by_thirty_two():
    """288 channels: 9 hidden ones; 33 would leave 8, as 256 channels have."""
    assert CoordinateAttention(288).shared[0].out_channels == 9
    assert CoordinateAttention(256).shared[0].out_channels == 8


def test_squeeze_and_excitation_divides_by_sixteen():
    """272 channels: 17 hidden ones; 17 would leave 16, as 256 channels have."""
    hidden = [SqueezeExcitation(channels).mlp[0].out_features for channels in (272, 256, 8)]
    assert hidden == [17, 16, 1]


@pytest.mark.parametrize(
    ("module", "shown"),
    [
        (Temperature(2.5), "Temperature(2.5, learnable=True)"),
        (Temperature(0.123456, learnable=False), "Temperature(0.1235, learnable=False)"),
        (Temperature(2.5).to("meta"), "Temperature(?, learnable=True)"),
        (CBAM(4, mix=0.25).mix, "Mix(0.25, learnable=False, warm_up=0)"),
        (CBAM(4, mix=Learnable(0.25)).mix.to("meta"), "Mix(?, learnable=True, warm_up=0)"),
    ],
)
def test_what_a_module_shows_of_itself(module: nn.Module, shown):
    """A tensor without values, as on the device "meta", is shown as a question mark."""
    assert str(module) == shown


def test_a_gate_is_a_sigmoid_at_temperature_one():
    z = torch.linspace(-5, 5, 12).view(3, 4)
    assert torch.equal(Gate("a test")(z), torch.sigmoid(z))


@pytest.mark.parametrize("learnable", [False, True])
def test_logits_are_divided_in_single_precision_at_least(learnable):
    """A bfloat16 quotient would be rounded before the gate sees it, by up to one part in 256."""
    gate = Gate("a test", temperature=0.3, learnable_temperature=learnable)
    z, T = torch.linspace(-3, 3, 200), gate.temperature().float()
    for dtype in (torch.bfloat16, torch.float16):
        expected = torch.sigmoid(z.to(dtype).float() / T).to(dtype)
        torch.testing.assert_close(gate(z.to(dtype)), expected, rtol=0, atol=1e-4)
    T = gate.temperature().double()
    torch.testing.assert_close(gate(z.double()), torch.sigmoid(z.double() / T), rtol=1e-14, atol=0)


@pytest.mark.parametrize("size", [(2, 4, 5, 3), (1, 4, 2, 7)])
def test_a_fixed_amount_is_as_exact_as_the_map(size):
    """0.1 in single precision is 0.100000001: nine digits, where a double map has sixteen."""
    model, x = CBAM(4, mix=0.1).double(), torch.randn(size, dtype=torch.float64)
    y = model.spatial(model.channel(x))
    torch.testing.assert_close(model(x), x + 0.1 * (y - x), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("kernel_size", [1, 3, 7])
def test_the_convolution_of_a_spatial_mask_is_whole(kernel_size):
    """The mask only reads its weights; whoever calls it finds the same map all the same."""
    mask, x = SpatialAttention(kernel_size=kernel_size), torch.randn(2, 3, 8, 5)
    torch.testing.assert_close(torch.sigmoid(mask.conv(pool_channels(x))), mask(x))
