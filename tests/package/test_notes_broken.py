"""Classes of the notes that raise or ignore a layer, each shown at its line, and the repair.

Only the line in question is written again, in this file's own words.
"""

import notes_formulas as notes
import notes_states as states
import pytest
import torch
from agreement import picture

from cbam_teach import CBAM, ResidualBlock, SpatialAttention


def notes_cbam(channels, reduction=16, spatial_kernel=7):
    """Stand for a constructor with the signature of the notes' CBAM."""
    return channels, reduction, spatial_kernel


def test_pattern_1_residual_gives_the_reduction_twice_and_raises():
    with pytest.raises(TypeError, match="multiple values for argument 'reduction'"):
        notes_cbam(64, 64, reduction=16, spatial_kernel=7)
    assert notes_cbam(64, reduction=16, spatial_kernel=7) == (64, 16, 7)
    with pytest.raises(TypeError, match="positional"):
        CBAM(64, 64)  # here one number is a width, and nothing else can be mistaken for it


def forgetful(n: notes.Numbers, x: torch.Tensor, stride: int) -> torch.Tensor:
    """Return Pattern_1_Residual's branch once it can be built: conv2 reads x, not f."""
    f = torch.relu(n.conv_norm("conv1", "bn1", x, stride))
    del f
    return n.conv_norm("conv2", "bn2", x)


def test_pattern_1_residual_once_repaired_ignores_its_first_convolution():
    numbers = states.drawn(states.branch(4, 4))
    x = picture((2, 4, 5, 3))
    y = forgetful(notes.Numbers(numbers), x, stride=1)
    y.square().sum().backward()
    for name, value in numbers.items():
        if value.requires_grad:
            assert (value.grad is None) == (name.startswith(("conv1", "bn1"))), name
    other = numbers | {"conv1.weight": torch.randn_like(numbers["conv1.weight"])}
    assert torch.equal(y, forgetful(notes.Numbers(other), x, stride=1))
    meant = notes.branch(notes.Numbers(numbers), x, stride=1)
    assert not torch.allclose(y, meant, atol=1e-3)


def test_the_block_that_was_meant_learns_its_first_convolution():
    block = ResidualBlock(4, 4)
    block(torch.randn(2, 4, 5, 3)).square().sum().backward()
    assert block.branch.conv1.weight.grad.abs().max() > 0


def test_pattern_1_residual_raises_where_the_width_or_the_size_changes():
    x = picture((2, 4, 6, 8))
    wider = notes.Numbers(states.drawn(states.branch(4, 6)))
    with pytest.raises(RuntimeError, match="to have 6 channels, but got 4"):
        forgetful(wider, x, stride=1)
    same = notes.Numbers(states.drawn(states.branch(4, 4) | states.skip(4, 4, 2)))
    with pytest.raises(RuntimeError, match="must match the size"):
        notes.skip(same, x, 2) + forgetful(same, x, stride=2)
    assert ResidualBlock(4, 6, stride=2)(x.float()).shape == (2, 6, 3, 4)


def stacked(x: torch.Tensor, *, repaired: bool) -> torch.Tensor:
    """Return [mean; maximum] as SpatialAttention_1 stacks them: its maximum is a pair."""
    top = torch.max(x, dim=1, keepdim=True)
    return torch.cat([torch.mean(x, dim=1, keepdim=True), top.values if repaired else top], dim=1)


def test_spatial_attention_1_stacks_a_pair_and_raises_and_so_does_cbam_1():
    x = torch.randn(2, 4, 5, 3)
    with pytest.raises(TypeError, match=r"torch.return_types.max|must be Tensor, not"):
        stacked(x, repaired=False)
    torch.testing.assert_close(stacked(x, repaired=True), notes.pooled(x))


def padded_by_word(x: torch.Tensor, side: int) -> torch.Tensor:
    """Return the repaired SpatialAttention_1's mask: it pads 3 for a side of 7, 1 for any other."""
    padding = 3 if side == 7 else 1
    weight = torch.randn(1, 2, side, side)
    return torch.conv2d(stacked(x, repaired=True), weight, padding=padding).sigmoid()


@pytest.mark.parametrize(("side", "grows"), [(1, 2), (3, 0), (5, -2), (7, 0), (9, -6)])
def test_spatial_attention_1_keeps_the_size_for_sides_3_and_7_alone(side, grows):
    x = torch.randn(2, 4, 9, 8)
    assert padded_by_word(x, side).shape == (2, 1, 9 + grows, 8 + grows)
    assert SpatialAttention(kernel_size=side)(x).shape == (2, 1, 9, 8)


def test_a_mask_that_shrinks_to_one_pixel_spreads_over_the_map_without_an_error():
    x = torch.randn(2, 4, 3, 3)
    mask = padded_by_word(x, 5)
    assert mask.shape == (2, 1, 1, 1)
    assert (x * mask).shape == x.shape
    with pytest.raises(RuntimeError, match="must match the size"):
        torch.randn(2, 4, 5, 6) * padded_by_word(torch.randn(2, 4, 5, 6), 5)
