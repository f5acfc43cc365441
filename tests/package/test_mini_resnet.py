"""MiniResNet: the shapes of its stages, its parts, and the forward pass written out."""

import oracles
import pytest
import torch
from agreement import shaken
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    Learnable,
    MiniResNet,
    ResidualBlock,
    SpatialAttention,
)


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (17, 30), (32, 8)])
@pytest.mark.parametrize(("classes", "blocks"), [(10, 2), (3, 1)])
def test_logits_for_pictures_of_any_size(size, classes, blocks):
    model = MiniResNet(classes, blocks=blocks).eval()
    assert model(torch.randn(2, 3, *size)).shape == (2, classes)
    assert model(torch.randn(1, 3, *size)).shape == (1, classes)


@pytest.mark.parametrize("blocks", [1, 3])
def test_every_stage_halves_the_map_once(blocks):
    model = MiniResNet(blocks=blocks)
    x = model.stem(torch.randn(2, 3, 17, 12))
    assert x.shape == (2, 64, 17, 12)
    for stage, width, size in ((model.stage1, 64, (9, 6)), (model.stage2, 128, (5, 3)),
                               (model.stage3, 256, (3, 2))):  # fmt: skip
        assert len(stage) == blocks
        x = stage(x)
        assert x.shape == (2, width, *size)
        first, rest = stage[0], list(stage[1:])
        assert isinstance(first.skip, nn.Sequential)
        assert all(isinstance(block.skip, nn.Identity) for block in rest)
        assert {block.attention.channels for block in stage} == {width}


@pytest.mark.parametrize(
    ("options", "kind"),
    [({"placement": "none"}, type(None)), ({"placement": "after"}, CBAM),
     ({"placement": "before", "input_mix": Learnable(0.2)}, CBAM)],
)  # fmt: skip
def test_options_reach_every_block(options, kind):
    model = MiniResNet(**options)
    blocks = [module for module in model.modules() if isinstance(module, ResidualBlock)]
    assert len(blocks) == 6
    assert {block.placement for block in blocks} == {options["placement"]}
    assert {type(block.attention) for block in blocks} == {kind}
    mixed = [block.input_mix.p for block in blocks if block.input_mix is not None]
    assert len({id(p) for p in mixed}) == (6 if "input_mix" in options else 0)
    if options["placement"] == "before":
        assert [block.attention.channels for block in blocks] == [64, 64, 64, 128, 128, 256]


def test_the_attention_is_the_one_given():
    model = MiniResNet(attention=ChannelAttention, blocks=1)
    assert isinstance(model.stage2[0].attention.mask, ChannelAttention)
    model = MiniResNet(attention=lambda channels: SpatialAttention(kernel_size=3), blocks=1)
    assert model.stage3[0].attention.mask.conv.kernel_size == (3, 3)


@pytest.mark.parametrize("training", [True, False])
def test_the_forward_pass_is_stem_stages_mean_and_a_linear_layer(training):
    model = shaken(MiniResNet(4, blocks=1)).train(training)
    x = torch.randn(2, 3, 9, 4, dtype=torch.float64)
    with torch.no_grad():
        conv, norm, _ = model.stem
        f = torch.relu(oracles.batch_norm(nn.functional.conv2d(x, conv.weight, padding=1), norm))
        torch.testing.assert_close(model.stem(x), f)
        for stage in (model.stage1, model.stage2, model.stage3):
            f = stage[0](f)
        _, _, linear = model.head
        expected = f.flatten(2).sum(2) / (f.shape[2] * f.shape[3]) @ linear.weight.T + linear.bias
        torch.testing.assert_close(model(x), expected)
