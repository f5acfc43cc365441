"""What stands in a module when an option is left to its default, and how it is shown."""

import pytest
from torch import nn

from cbam_teach import CBAM, CoordinateAttention, Learnable, SqueezeExcitation, Temperature


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
