"""BasicBlock and Bottleneck in each placement against plain functions, values and gradients."""

import pytest
import resnet_by_hand
import torch
from agreement import agree, picture, shaken

from cbam_teach import CBAM, SpatialAttention
from cbam_teach.placement import PLACEMENTS
from cbam_teach.resnet_blocks import BasicBlock, Bottleneck

# in-channels, width, stride, size of the input
BASIC = [(5, 5, 1, (1, 5, 4, 6)), (3, 6, 1, (2, 3, 5, 3)), (4, 4, 2, (3, 4, 5, 6))]
DEEP = [(8, 2, 1, (1, 8, 4, 6)), (3, 2, 1, (2, 3, 5, 3)), (8, 2, 2, (3, 8, 5, 6))]
CASES = [
    *((BasicBlock, "", *case) for case in BASIC),
    *((Bottleneck, on, *case) for case in DEEP for on in ("3x3", "1x1")),
]


def small_cbam(channels):
    return CBAM(channels, spatial=SpatialAttention(kernel_size=3))


def build(kind, on, inputs, width, stride, placement="inside"):
    options = {"attention": None if placement == "none" else small_cbam, "placement": placement}
    options |= {"stride_on": on} if on else {}
    return shaken(kind(inputs, width, stride=stride, **options))


def by_hand(block, on, x, stride, placement="inside"):
    state, training = block.state_dict(keep_vars=True), block.training
    strides = resnet_by_hand.strides_of(50 if on else 18, stride, on)

    def skip(x):
        return resnet_by_hand.skip(state, "", x, stride, training)

    def branch(x):
        return resnet_by_hand.branch(state, "", x, strides, training)

    def attend(f):
        return resnet_by_hand.cbam(state, "attention", f)

    sums = {
        "inside": lambda: skip(x) + attend(branch(x)),
        "before": lambda: skip(x) + branch(attend(x)),
        "after": lambda: attend(skip(x) + branch(x)),
        "beside": lambda: attend(skip(x)) + branch(x),
        "none": lambda: skip(x) + branch(x),
    }
    return sums[placement]().clamp(min=0)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize(("kind", "on", "inputs", "width", "stride", "size"), CASES)
def test_block(kind, on, inputs, width, stride, size, placement, training):
    block = build(kind, on, inputs, width, stride, placement).train(training)
    x = picture(size)
    agree(block, x, by_hand(block, on, x, stride, placement), rtol=1e-7)
    rows, columns = -(-size[2] // stride), -(-size[3] // stride)
    assert block(x).shape == (size[0], width * kind.expansion, rows, columns)


@pytest.mark.parametrize(("kind", "on"), [(BasicBlock, ""), (Bottleneck, "3x3")])
def test_the_comparison_tells_placements_apart(kind, on):
    x = torch.randn(2, 8, 5, 6, dtype=torch.float64)
    block = build(kind, on, 8, 8 // kind.expansion, 1)
    for placement in PLACEMENTS:
        same = torch.allclose(block(x), by_hand(block, on, x, 1, placement), atol=1e-4)
        assert same == (placement == "inside")


@pytest.mark.parametrize("stride", [1, 2])
def test_where_the_step_is_taken_changes_the_values_and_nothing_in_the_file(stride):
    x = torch.randn(2, 8, 5, 6, dtype=torch.float64)
    ours, other = (build(Bottleneck, on, 8, 2, stride).eval() for on in ("3x3", "1x1"))
    other.load_state_dict(ours.state_dict(), strict=True)
    assert ours(x).shape == other(x).shape
    assert torch.allclose(ours(x), other(x), atol=1e-4) == (stride == 1)
    assert torch.allclose(ours(x), by_hand(ours, "1x1", x, stride), atol=1e-4) == (stride == 1)
    assert (ours.conv1.stride, ours.conv2.stride) == ((1, 1), (stride, stride))
    assert (other.conv1.stride, other.conv2.stride) == ((stride, stride), (1, 1))


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("kind", "name"), [(BasicBlock, "BasicBlock"), (Bottleneck, "Bottleneck")])
def test_the_blocks_refuse_sizes_themselves(kind, name):
    for sizes, option in (((0, 4), "in_channels"), ((4, 1.5), "width")):
        with pytest.raises((TypeError, ValueError), match=f"{name}: `{option}` must be"):
            kind(*sizes)
    with pytest.raises(ValueError, match=f"{name}: `stride` must be at least 1"):
        kind(4, 4, stride=0)
    with pytest.raises(ValueError, match="Bottleneck: `stride_on` must be one of"):
        Bottleneck(4, 4, stride_on="5x5")
