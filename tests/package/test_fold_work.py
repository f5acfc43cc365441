"""What folding is for: one window where there were three, counted in multiply–adds."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cbam_teach import DynamicSpatialAttention, fold


def convolved(module, x) -> int:
    """Multiply–adds of all convolutions in one forward pass."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(x)
    counts = counter.get_flop_counts()["Global"]
    return sum(n for kind, n in counts.items() if "convolution" in str(kind)) // 2


@pytest.mark.parametrize("size", [(1, 5, 26, 19), (3, 4, 39, 13)])
def test_one_window_for_each_sample_or_all_in_one_step(size):
    """13 x 13 is the widest branch: 7 x 7 with a gap of 2; s has two channels."""
    b, _, h, w = size
    x, window = torch.randn(size), 2 * 13 * 13
    by_sample = convolved(fold(DynamicSpatialAttention(router="sample")), x)
    assert by_sample == pytest.approx(window * b * h * w, rel=0.3)  # strips overhang a little
    by_pixel = convolved(fold(DynamicSpatialAttention(router="pixel")), x)
    assert by_pixel == 3 * window * b * h * w


@pytest.mark.parametrize("router", ["sample", "pixel"])
def test_an_exported_folded_mask_takes_any_batch(router):
    folded, x = fold(DynamicSpatialAttention(router=router)), torch.randn(3, 4, 9, 8)
    batch = torch.export.Dim("batch", min=1, max=64)
    program = torch.export.export(folded, (x,), dynamic_shapes=({0: batch},)).module()
    for size in (1, 5):
        y = torch.randn(size, 4, 9, 8)
        torch.testing.assert_close(program(y), folded(y))
        assert not torch.allclose(program(y), folded(-y))
