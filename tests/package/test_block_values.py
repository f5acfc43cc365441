"""The residual block in each placement against plain loops, values and gradients."""

import oracles
import pytest
import torch
from agreement import agree, picture, shaken
from torch import nn

from cbam_teach import CBAM, ChannelAttention, ResidualBlock, Reweight, SpatialAttention

PLACEMENTS = ["inside", "before", "after", "beside", "none"]
SHAPES = [(3, 3, 1, (1, 3, 4, 5)), (3, 5, 1, (3, 3, 2, 4)), (4, 4, 2, (2, 4, 5, 3))]


def small_cbam(channels: int) -> CBAM:
    return CBAM(channels, spatial=SpatialAttention(kernel_size=3))


def make(inputs: int, outputs: int, stride: int, placement: str) -> ResidualBlock:
    attention = None if placement == "none" else small_cbam
    return shaken(
        ResidualBlock(inputs, outputs, stride=stride, attention=attention, placement=placement)
    )


def expected(block: ResidualBlock, x: torch.Tensor, placement: str, stride: int) -> torch.Tensor:
    def branch(x):
        x = oracles.conv(x, block.branch.conv1.weight, stride, 1)
        x = torch.relu(oracles.batch_norm(x, block.branch.bn1))
        x = oracles.conv(x, block.branch.conv2.weight, 1, 1)
        return oracles.batch_norm(x, block.branch.bn2)

    def skip(x):
        if isinstance(block.skip, nn.Identity):
            return x
        return oracles.batch_norm(oracles.conv(x, block.skip.conv.weight, stride, 0), block.skip.bn)

    def attend(x):
        mlp = block.attention.channel.mask.mlp
        first, second = mlp[0].weight, mlp[2].weight
        return oracles.cbam(x, first, second, block.attention.spatial.mask.conv.weight)

    sums = {
        "inside": lambda: skip(x) + attend(branch(x)),
        "before": lambda: skip(x) + branch(attend(x)),
        "after": lambda: attend(skip(x) + branch(x)),
        "beside": lambda: attend(skip(x)) + branch(x),
        "none": lambda: skip(x) + branch(x),
    }
    return torch.relu(sums[placement]())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize(("inputs", "outputs", "stride", "size"), SHAPES)
def test_block(inputs, outputs, stride, size, placement, training):
    block = make(inputs, outputs, stride, placement).train(training)
    x = picture(size)
    agree(block, x, expected(block, x, placement, stride), rtol=1e-7)


def test_every_placement_is_another_function():
    x = torch.randn(2, 4, 5, 3, dtype=torch.float64)
    reference = make(4, 4, 1, "inside")
    results = {"inside": reference(x)}
    for placement in PLACEMENTS[1:]:
        block = make(4, 4, 1, placement)
        block.load_state_dict(reference.state_dict(), strict=placement != "none")
        results[placement] = block(x)
    for one in PLACEMENTS:
        for other in PLACEMENTS:
            assert torch.allclose(results[one], results[other], atol=1e-4) == (one == other)


@pytest.mark.parametrize(("placement", "seen"), [("before", 6), ("inside", 10), ("after", 10),
                                                 ("beside", 10)])  # fmt: skip
def test_the_attention_is_built_for_what_it_sees(placement, seen):
    asked = []

    def factory(channels):
        asked.append(channels)
        return CBAM(channels)

    block = ResidualBlock(6, 10, stride=2, attention=factory, placement=placement)
    assert asked == [seen]
    assert block(torch.randn(2, 6, 5, 7)).shape == (2, 10, 3, 4)


def test_the_skip_path_is_a_projection_only_where_the_shape_changes():
    assert isinstance(ResidualBlock(4, 4).skip, nn.Identity)
    for block in (ResidualBlock(4, 6), ResidualBlock(4, 4, stride=2)):
        assert [name for name, _ in block.skip.named_children()] == ["conv", "bn"]
    names = [name for name, _ in ResidualBlock(4, 4).branch.named_children()]
    assert names == ["conv1", "bn1", "relu", "conv2", "bn2"]


def test_a_mask_is_wrapped_and_a_module_is_kept():
    for factory in (ChannelAttention, lambda channels: SpatialAttention(kernel_size=3)):
        assert isinstance(ResidualBlock(4, 4, attention=factory).attention, Reweight)
    assert isinstance(ResidualBlock(4, 4).attention, CBAM)
    assert ResidualBlock(4, 4, placement="none").attention is None
    assert ResidualBlock(4, 4, attention=None, placement="none").attention is None


def test_x_is_not_overwritten():
    for placement in PLACEMENTS:
        x = torch.randn(2, 4, 5, 3)
        before = x.clone()
        ResidualBlock(4, 4, placement=placement)(x)
        assert torch.equal(x, before)
