"""What a feature map must be, said to the last letter."""

import pytest
import torch
from test_whole_errors import Flat, whole

from cbam_teach.checks import feature_map

pytestmark = pytest.mark.usefixtures("as_released")

INPUTS = [
    (3, None, TypeError, "tensor", "int", "torch.Tensor"),
    (torch.ones(3, 2), None, ValueError, "axes", (3, 2), "(B, C, H, W)"),
    (torch.ones(3, 2), 4, ValueError, "axes", (3, 2), "(B, 4, H, W)"),
    (torch.ones(1, 4, 2, 3).int(), 4, TypeError, "floating", "torch.int32",
     "torch.float32, torch.float64, …"),
    (torch.ones(1, 3, 2, 3), 4, ValueError, "channels", (1, 3, 2, 3), "(B, 4, H, W)"),
    (torch.ones(1, 3, 0, 3), 3, ValueError, "empty", (1, 3, 0, 3), "1, 2, 3, …"),
    (torch.ones(1, 0, 2, 3), None, ValueError, "empty", (1, 0, 2, 3), "1, 2, 3, …"),
]  # fmt: skip


@pytest.mark.parametrize(("x", "channels", "kind", "key", "given", "allowed"), INPUTS)
def test_a_wrong_feature_map(x, channels, kind, key, given, allowed):
    values = {"channels": 4} if key == "channels" else {}
    with pytest.raises(kind, match=whole(key, given, allowed, owner="Flat", **values)):
        feature_map(Flat(), x, channels)


def test_an_empty_batch_is_no_wrong_feature_map():
    feature_map(Flat(), torch.ones(0, 3, 2, 1), 3)
