"""What stands in a module when an option is left to its default."""

from cbam_teach import CoordinateAttention


def test_coordinate_attention_divides_by_thirty_two():
    """288 channels: 9 hidden ones; 33 would leave 8, as 256 channels have."""
    assert CoordinateAttention(288).shared[0].out_channels == 9
    assert CoordinateAttention(256).shared[0].out_channels == 8
