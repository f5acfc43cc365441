"""The table of the CBAM paper: parameters and multiply–adds of ResNets for pictures of 224².

The models stand on PyTorch's "meta" device: nothing is computed, everything is counted.
"""

from functools import cache

import pytest
import torch

from cbam_teach import CBAM, ChannelAttention, ResNet, SpatialAttention, SqueezeExcitation
from cbam_teach.cost import Cost, count


def released(channels):
    """CBAM as its authors released it: biases in the MLP, a batch norm after the convolution."""
    return CBAM(
        channels,
        channel=ChannelAttention(channels, bias=True, min_hidden=1),
        spatial=SpatialAttention(norm_momentum=0.01),
    )


FORMS = {"plain": None, "se": SqueezeExcitation, "cbam": released}
TABLE = {  # depth, form -> parameters in millions, multiply–adds in thousands of millions
    (18, "plain"): ("11.69", "1.814"),
    (18, "se"): ("11.78", "1.814"),
    (18, "cbam"): ("11.78", "1.815"),
    (34, "plain"): ("21.80", "3.664"),
    (34, "se"): ("21.96", "3.664"),
    (34, "cbam"): ("21.96", "3.665"),
    (50, "plain"): ("25.56", "3.858"),
    (50, "se"): ("28.09", "3.860"),
    (50, "cbam"): ("28.09", "3.864"),
    (101, "plain"): ("44.55", "7.570"),
    (101, "se"): ("49.33", "7.575"),
    (101, "cbam"): ("49.33", "7.581"),
}


@cache
def cost(depth, form, stride_on=None):
    attention = FORMS[form] if isinstance(form, str) else form
    stride_on = stride_on or ("3x3" if depth < 50 else "1x1")
    placement = "none" if attention is None else "inside"
    with torch.device("meta"):
        model = ResNet(depth, attention=attention, placement=placement, stride_on=stride_on)
    return count(model, (3, 224, 224))


@pytest.mark.parametrize(("depth", "form"), TABLE)
def test_the_table_to_its_last_digit(depth, form):
    found = cost(depth, form)
    assert (f"{found.parameters / 1e6:.2f}", f"{found.multiply_adds / 1e9:.3f}") == TABLE[
        depth, form
    ]


def test_the_step_on_the_3x3_costs_more_and_is_not_the_papers():
    paper, torchvision = cost(50, "plain"), cost(50, "plain", stride_on="3x3")
    assert torchvision.parameters == paper.parameters
    assert f"{torchvision.multiply_adds / 1e9:.3f}" == "4.089"
    assert torchvision.multiply_adds > 1.05 * paper.multiply_adds


def test_what_the_attention_adds_counted_by_hand():
    plain, se, cbam = (cost(18, form) for form in FORMS)
    parameters = {"se": 0, "cbam": 0}
    products = {"se": 0, "cbam": 0}
    for channels, side in ((64, 56), (128, 28), (256, 14), (512, 7)):
        hidden = channels // 16
        for _ in range(2):
            mlp = 2 * channels * hidden
            parameters["se"] += mlp + hidden + channels
            parameters["cbam"] += mlp + hidden + channels + 2 * 7 * 7 + 2
            products["se"] += mlp
            products["cbam"] += 2 * mlp + 2 * 7 * 7 * side**2  # the mean and the maximum
    assert se.parameters - plain.parameters == parameters["se"]
    assert cbam.parameters - plain.parameters == parameters["cbam"]
    assert se.multiply_adds - plain.multiply_adds == products["se"]
    assert cbam.multiply_adds - plain.multiply_adds == products["cbam"]


def test_other_forms_of_cbam_have_other_counts():
    """What the rounded table hides: neither this package's CBAM nor the equation's has biases."""
    theirs, ours = cost(18, "cbam"), cost(18, CBAM)
    assert theirs == Cost(11_779_392, 1_815_063_764)
    assert ours == Cost(11_777_336, 1_815_063_764)
    thinner = cost(18, lambda c: CBAM(c, channel=ChannelAttention(c, reduction=32)))
    assert thinner.multiply_adds < ours.multiply_adds
