"""Attention put into other people's networks: what is computed, and under which names."""

import copy

import foreign
import peers
import pytest
import resnet_by_hand
import torch
from agreement import agree, picture, shaken
from torch import nn

from cbam_teach import (
    CBAM,
    ChannelAttention,
    Learnable,
    MiniResNet,
    ResidualBlock,
    ResNet,
    SimpleCNN,
    SpatialAttention,
    SqueezeExcitation,
    insert_attention,
    trace,
)
from cbam_teach.resnet_blocks import BasicBlock, Bottleneck

BLOCKS = [
    (foreign.BasicBlock, 18, 5, 5, 1, (1, 5, 4, 6)),
    (foreign.BasicBlock, 18, 3, 6, 2, (3, 3, 5, 4)),
    (foreign.Bottleneck, 50, 8, 2, 1, (1, 8, 4, 6)),
    (foreign.Bottleneck, 50, 3, 2, 2, (3, 3, 5, 4)),
]


def small_cbam(channels):
    return CBAM(channels, spatial=SpatialAttention(kernel_size=3))


def plain_block(block, depth, x, stride, attend):
    """Return relu(skip(x) + A(F(x))) from the numbers of a block."""
    state, training = block.state_dict(keep_vars=True), block.training
    strides = resnet_by_hand.strides_of(depth, stride, "3x3")
    f = resnet_by_hand.branch(state, "", x, strides, training)
    skip = resnet_by_hand.skip(state, "", x, stride, training)
    return (skip + attend(state, f)).clamp(min=0)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("kind", "depth", "inputs", "width", "stride", "size"), BLOCKS)
def test_values_and_gradients_of_a_block(kind, depth, inputs, width, stride, size, training):
    block = insert_attention(kind(inputs, width, stride), small_cbam)
    block, x, last = shaken(block).train(training), picture(size), f"bn{3 if depth == 50 else 2}"

    def attend(state, f):
        return resnet_by_hand.cbam(state, f"{last}.attention", f)

    agree(block, x, plain_block(block, depth, x, stride, attend), rtol=1e-7)


def test_the_comparison_sees_where_the_attention_stands():
    block = shaken(insert_attention(foreign.BasicBlock(8, 8), small_cbam))
    x, name = torch.randn(3, 8, 6, 5, dtype=torch.float64), "bn2.attention"

    def computed(attend):
        return torch.allclose(block(x), plain_block(block, 18, x, 1, attend), atol=1e-3)

    assert computed(lambda state, f: resnet_by_hand.cbam(state, name, f))
    assert not computed(lambda state, f: f)
    assert not computed(lambda state, f: resnet_by_hand.cbam(state, name, f.clamp(min=0)))
    assert not computed(lambda state, f: resnet_by_hand.cbam(state, name, f + x) - x)


@pytest.mark.parametrize(("depth", "last"), [(18, "bn2"), (50, "bn3")])
@pytest.mark.parametrize("size", [(1, 3, 47, 33), (2, 3, 20, 51)])
def test_timms_networks(depth, last, size):
    known = resnet_by_hand.random_state(depth)
    model = getattr(peers.timm().resnet, f"resnet{depth}")(num_classes=5)
    model.load_state_dict(known, strict=True)
    assert insert_attention(model, CBAM) is model
    model = model.double().eval()
    state, x = model.state_dict(), torch.randn(size, dtype=torch.float64)

    def attend(name, f):
        return resnet_by_hand.cbam(state, f"{name}.{last}.attention", f)

    with torch.no_grad(), trace(model) as maps:
        got = model(x)
    torch.testing.assert_close(got, resnet_by_hand.logits(state, depth, x, attend))
    assert not torch.allclose(got, resnet_by_hand.logits(state, depth, x), rtol=0.01)
    blocks = sum(resnet_by_hand.BLOCKS[depth])
    assert len(maps) == 2 * blocks
    mask = maps[f"layer2.1.{last}.attention.spatial.mask"]
    assert mask.shape == (size[0], 1, -(-size[2] // 8), -(-size[3] // 8))
    assert [name for name in state if ".attention." not in name] == list(known)
    assert len(state) == len(known) + 3 * blocks


def test_an_old_file_loads_and_a_new_one_goes_back():
    old = foreign.Net().state_dict()
    model = insert_attention(foreign.Net(), CBAM)
    missing, unexpected = model.load_state_dict(old, strict=False)
    assert unexpected == []
    assert missing == [name for name in model.state_dict() if ".attention." in name]
    assert len(missing) == 3 * 4
    new = model.state_dict()
    assert all(torch.equal(new[name], value) for name, value in old.items())
    assert [name for name in new if ".attention." not in name] == list(old)
    insert_attention(foreign.Net(), CBAM).load_state_dict(new, strict=True)
    kept = {name: value for name, value in new.items() if ".attention." not in name}
    foreign.Net().load_state_dict(kept, strict=True)


def test_a_file_with_a_hole_or_too_much_is_noticed():
    model = insert_attention(foreign.Net(), CBAM)
    state = model.state_dict()
    short = {name: value for name, value in state.items() if name != "layer1.0.bn2.bias"}
    with pytest.raises(RuntimeError, match=r'Missing key.*"layer1\.0\.bn2\.norm\.bias"'):
        model.load_state_dict(short)
    with pytest.raises(RuntimeError, match=r'Unexpected key.*"layer1\.0\.bn2\..*more"'):
        model.load_state_dict(state | {"layer1.0.bn2.more": torch.ones(1)})


def test_names_of_parameters_load_as_well():
    model, other = (insert_attention(foreign.Net(), CBAM) for _ in range(2))
    buffers = {name: b for name, b in model.named_buffers() if ".attention." not in name}
    named = dict(model.named_parameters()) | buffers
    assert "layer1.0.bn2.norm.weight" in named
    other.load_state_dict(named, strict=True)
    assert all(map(torch.equal, model.state_dict().values(), other.state_dict().values()))


def test_select_chooses_by_name():
    asked = []

    def second_stage(name):
        asked.append(name)
        return name.startswith("layer2")

    model = insert_attention(foreign.Net(foreign.Bottleneck), ChannelAttention, select=second_stage)
    assert asked == ["layer1.0", "layer1.1", "layer2.0", "layer2.1"]
    added = {name.split(".bn3.")[0] for name in model.state_dict() if ".attention." in name}
    assert added == {"layer2.0", "layer2.1"}
    x = torch.randn(2, 3, 6, 9)
    with trace(model) as maps:
        model(x)
    assert list(maps) == ["layer2.0.bn3.attention.mask", "layer2.1.bn3.attention.mask"]
    assert all(mask.shape == (2, 48, 1, 1) for mask in maps.values())
    insert_attention(model, CBAM, select=lambda name: "layer1" in name)
    assert model(x).shape == (2, 4)


def test_with_a_learnable_mix_of_zero_it_starts_as_the_pretrained_network():
    model, x = foreign.Net(foreign.Bottleneck).eval(), torch.randn(2, 3, 7, 9)
    before = model(x)
    fresh = insert_attention(copy.deepcopy(model), CBAM)
    assert not torch.allclose(fresh(x), before, rtol=0.05)
    mixed = insert_attention(model, lambda channels: CBAM(channels, mix=Learnable(0.0)))
    assert torch.equal(mixed(x), before)


@pytest.mark.parametrize("kind", [foreign.BasicBlock, foreign.Bottleneck])
def test_a_training_step_reaches_every_parameter(kind):
    model = insert_attention(foreign.Net(kind), small_cbam)
    x, wanted = torch.randn(4, 3, 6, 8), torch.tensor([0, 1, 2, 3])
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(4):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(x), wanted)
        loss.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_device_number_type_and_mode_are_the_blocks():
    model = foreign.Net().double().eval()
    model.layer2.train()
    insert_attention(model, SqueezeExcitation)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float64}
    assert not model.layer1[0].bn2.attention.mask.training
    assert model.layer2[1].bn2.attention.mask.training
    assert not model.layer1[0].bn2.training
    with torch.device("meta"):
        there = foreign.Net()
    insert_attention(there, CBAM)
    assert all(parameter.is_meta for parameter in there.parameters())


def test_a_shortcut_is_a_skip_path_too():
    block = shaken(foreign.ShortcutBlock(6)).eval()
    x = torch.randn(2, 6, 5, 4, dtype=torch.float64)
    insert_attention(block, SqueezeExcitation)
    shaken(block)

    def attend(state, f):
        mlp = block.bn2.attention.mask.mlp
        hidden = (f.mean((2, 3)) @ mlp[0].weight.T + mlp[0].bias).clamp(min=0)
        return f * torch.sigmoid(hidden @ mlp[2].weight.T + mlp[2].bias)[:, :, None, None]

    torch.testing.assert_close(block(x), plain_block(block, 18, x, 1, attend))


OWN = [
    (ResNet, {"depth": 18, "num_classes": 3}),
    (MiniResNet, {"num_classes": 3, "blocks": 1}),
    (SimpleCNN, {"num_classes": 3}),
    (ResidualBlock, {"in_channels": 3, "out_channels": 6, "stride": 2}),
    (BasicBlock, {"in_channels": 3, "width": 4}),
    (Bottleneck, {"in_channels": 3, "width": 2, "stride_on": "1x1"}),
]


@pytest.mark.parametrize(("kind", "options"), OWN)
def test_our_own_plain_networks_become_those_built_with_attention(kind, options):
    plain = kind(**options, attention=None, placement="none")
    built = kind(**options, attention=small_cbam).eval()
    insert_attention(plain, small_cbam).eval()
    assert list(plain.state_dict()) == list(built.state_dict())
    plain.load_state_dict(built.state_dict())
    x = torch.randn(2, 3, 35, 17)
    assert torch.equal(plain(x), built(x))


def test_the_norm_can_still_be_read_and_timm_still_starts_it_at_zero():
    resnet = peers.timm().resnet
    model = insert_attention(resnet.ResNet(resnet.Bottleneck, [1, 1, 1, 1]), CBAM)
    wrapped = model.layer1[0].bn3
    assert wrapped.num_features == 256
    assert wrapped.weight is wrapped.norm.weight
    wrapped.weight.data.fill_(3.0)
    model.init_weights(zero_init_last=True)
    assert wrapped.norm.weight.abs().max() == 0
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        wrapped.nothing_of_the_kind  # noqa: B018


def test_what_is_written_to_the_norm_reaches_it():
    model = insert_attention(foreign.Net(), CBAM).eval()
    wrapped, x = model.layer1[0].bn2, torch.randn(2, 3, 6, 5)
    before, names = model(x), list(model.state_dict())
    wrapped.weight = nn.Parameter(torch.full((8,), 2.0))
    assert wrapped.norm.weight.tolist() == [2] * 8
    wrapped.eps, wrapped.momentum, wrapped.mine = 8.0, 0.25, 4
    assert (wrapped.norm.eps, wrapped.norm.momentum) == (8, 0.25)
    assert not hasattr(wrapped.norm, "mine")
    assert list(model.state_dict()) == names
    assert not torch.allclose(model(x), before)
    assert torch.equal(copy.deepcopy(model)(x), model(x))
    wrapped.training, wrapped.attention = True, nn.Identity()
    assert not wrapped.norm.training
    assert isinstance(wrapped.attention, nn.Identity)
    assert not hasattr(wrapped.norm, "attention")
