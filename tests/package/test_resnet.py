"""ResNet: torchvision's names and files, and the whole network against plain functions."""

import copy
import io
import math

import pytest
import resnet_by_hand
import torch
from torch import nn

from cbam_teach import CBAM, Learnable, ResNet, SqueezeExcitation


@pytest.mark.parametrize("size", [(1, 3, 47, 33), (2, 3, 20, 51)])
@pytest.mark.parametrize(("depth", "on"), [(18, "3x3"), (50, "3x3"), (50, "1x1")])
def test_the_network(depth, on, size):
    model = ResNet(depth, num_classes=5, stride_on=on)
    model.load_state_dict(resnet_by_hand.random_state(depth), strict=False)
    model = model.double().eval()
    state, x = model.state_dict(), torch.randn(size, dtype=torch.float64)

    def attend(name, f):
        return resnet_by_hand.cbam(state, f"{name}.attention", f)

    with torch.no_grad():
        got = model(x)
    assert got.shape == (size[0], 5)
    torch.testing.assert_close(got, resnet_by_hand.logits(state, depth, x, attend, on))
    plain = resnet_by_hand.logits(state, depth, x, stride_on=on)
    assert not torch.allclose(got, plain, rtol=0.01)
    if depth == 50:
        stepped = {"3x3": "1x1", "1x1": "3x3"}[on]
        wrong = resnet_by_hand.logits(state, depth, x, attend, stepped)
        assert not torch.allclose(got, wrong, rtol=0.01)


@pytest.mark.parametrize(("depth", "entries"), [(18, 122), (34, 218), (50, 320), (101, 626)])
def test_names_and_shapes_are_torchvisions(depth, entries):
    with torch.device("meta"):
        plain = ResNet(depth, attention=None, placement="none").state_dict()
        attended = ResNet(depth).state_dict()
    known = resnet_by_hand.shapes(depth)
    assert len(known) == entries
    assert [(name, tuple(value.shape)) for name, value in plain.items()] == list(known.items())
    rest = [name for name in attended if name not in known]
    assert [name for name in attended if name in known] == list(known)
    assert len(rest) == 3 * sum(resnet_by_hand.BLOCKS[depth])
    assert all(name.split(".")[2] == "attention" for name in rest)


@pytest.mark.parametrize("depth", [18, 50])
def test_a_torchvision_file_loads_with_only_the_attentions_keys_missing(depth, tmp_path):
    known = resnet_by_hand.random_state(depth)
    torch.save(known, tmp_path / "weights.pth")
    stored = torch.load(tmp_path / "weights.pth", weights_only=True)
    model = ResNet(depth, num_classes=5)
    own = {n: value.clone() for n, value in model.state_dict().items() if ".attention." in n}
    missing, unexpected = model.load_state_dict(stored, strict=False)
    after = model.state_dict()
    assert unexpected == []
    assert missing == list(own)
    assert all(torch.equal(after[name], value) for name, value in (known | own).items())
    plain = ResNet(depth, num_classes=5, attention=None, placement="none")
    plain.load_state_dict(stored, strict=True)


def test_a_file_with_other_names_is_noticed():
    known = resnet_by_hand.random_state(18)
    renamed = {name.replace("downsample", "shortcut"): value for name, value in known.items()}
    missing, unexpected = ResNet(18, num_classes=5).load_state_dict(renamed, strict=False)
    assert len(unexpected) == len([name for name in known if "downsample" in name])
    assert not all(".attention." in name for name in missing)


def test_with_a_learnable_mix_of_zero_it_starts_as_the_pretrained_network():
    known = resnet_by_hand.random_state(18)
    x = torch.randn(2, 3, 40, 33)
    plain = ResNet(18, num_classes=5, attention=None, placement="none").eval()
    plain.load_state_dict(known)
    mixed = ResNet(18, num_classes=5, attention=lambda c: CBAM(c, mix=Learnable(0.0))).eval()
    mixed.load_state_dict(known, strict=False)
    fresh = ResNet(18, num_classes=5).eval()
    fresh.load_state_dict(known, strict=False)
    assert torch.equal(mixed(x), plain(x))
    assert not torch.allclose(fresh(x), plain(x), rtol=0.1)


def test_fresh_masks_leave_about_a_quarter():
    f = torch.randn(4, 64, 14, 11)
    share = CBAM(64)(f).norm() / f.norm()
    assert 0.15 < share < 0.35


def test_only_the_backbones_convolutions_start_as_in_torchvision():
    model = ResNet(18)
    for name, module in model.named_modules():
        if not isinstance(module, nn.Conv2d):
            continue
        weight, (side, _) = module.weight, module.kernel_size
        fan_out = module.out_channels * side**2
        if ".attention." in name:
            assert weight.abs().max() <= 1 / math.sqrt(2 * side**2)
        else:
            assert weight.std().item() == pytest.approx(math.sqrt(2 / fan_out), rel=0.05)
            assert weight.abs().max() > 3 * weight.std()  # normal, not uniform
            assert module.bias is None


@pytest.mark.parametrize(
    ("depth", "widths"), [(34, (64, 128, 256, 512)), (101, (256, 512, 1024, 2048))]
)
def test_the_stages_halve_the_map_and_the_attention_gets_their_channels(depth, widths):
    asked = []

    def factory(channels):
        asked.append(channels)
        return SqueezeExcitation(channels)

    with torch.device("meta"):
        model = ResNet(depth, num_classes=7, attention=factory)
        x = model.maxpool(model.conv1(torch.empty(2, 3, 97, 130)))
        sides = [(25, 33), (13, 17), (7, 9), (4, 5)]
        for stage, width, side in zip(range(1, 5), widths, sides, strict=True):
            x = getattr(model, f"layer{stage}")(x)
            assert x.shape == (2, width, *side)
        assert model(torch.empty(1, 3, 97, 130)).shape == (1, 7)
    blocks = resnet_by_hand.BLOCKS[depth]
    assert asked == [w for w, many in zip(widths, blocks, strict=True) for _ in range(many)]


def test_before_the_attention_sees_the_blocks_input():
    asked = []

    def factory(channels):
        asked.append(channels)
        return SqueezeExcitation(channels)

    with torch.device("meta"):
        ResNet(18, attention=factory, placement="before", input_mix=0.5)
    assert asked == [64, 64, 64, 128, 128, 256, 256, 512]


def test_every_block_has_its_own_input_mix():
    model = ResNet(18, num_classes=2, placement="before", input_mix=Learnable(0.5))
    mixes = [name for name, _ in model.named_parameters() if name.endswith("input_mix.p")]
    assert len(mixes) == len(set(mixes)) == 8


def test_a_training_step_reaches_every_parameter():
    model = ResNet(18, num_classes=3, attention=SqueezeExcitation)
    x, wanted = torch.randn(3, 3, 40, 33), torch.tensor([0, 1, 2])
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(3):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(x), wanted)
        loss.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_state_and_copies():
    one, other = (ResNet(18, num_classes=3).eval() for _ in range(2))
    x = torch.randn(1, 3, 33, 40)
    assert not torch.equal(one(x), other(x))
    stored = io.BytesIO()
    torch.save(one.state_dict(), stored)
    stored.seek(0)
    other.load_state_dict(torch.load(stored, weights_only=True))
    assert torch.equal(one(x), other(x))
    assert torch.equal(copy.deepcopy(one)(x), one(x))


REFUSED = [
    ({"depth": 152}, ValueError, "ResNet: `depth` must be one of", "152", "18, 34, 50, 101"),
    ({"depth": "18"}, TypeError, "ResNet: `depth` must be an integer", "'18'", "1, 2"),
    ({"depth": 18.0}, TypeError, "ResNet: `depth` must be an integer", "18.0", "1, 2"),
    ({"stride_on": "2x2"}, ValueError, "ResNet: `stride_on` must be", "'2x2'", "3x3, 1x1"),
    ({"stride_on": 1}, TypeError, "ResNet: `stride_on` must be", "1", "3x3, 1x1"),
    ({"depth": 34, "stride_on": "1x1"}, ValueError, "at depth 34 have no 1×1 convolution",
     "stride_on='1x1'", "stride_on='3x3'"),
    ({"num_classes": 0}, ValueError, "ResNet: `num_classes` must be at least 1", "0", "1, 2"),
    ({"placement": "middle"}, ValueError, "BasicBlock: `placement` must be", "'middle'", "inside"),
    ({"attention": None}, ValueError, '"inside" needs an `attention`', "None", "CBAM"),
    ({"depth": 50, "input_mix": 0.5}, ValueError, "Bottleneck: `input_mix` mixes",
     "placement='inside'", "placement='before'"),
]  # fmt: skip


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("options", "kind", "asked", "given", "allowed"), REFUSED)
def test_what_is_not_allowed_is_refused(options, kind, asked, given, allowed):
    with pytest.raises(kind) as caught:
        ResNet(**options)
    said = str(caught.value)
    assert asked in said
    assert f"Given: {given}" in said
    assert f"Allowed: {allowed}" in said


@pytest.mark.usefixtures("as_released")
def test_a_wrong_input_is_refused():
    model = ResNet(18, num_classes=2)
    with pytest.raises(ValueError, match="ResNet: the input must have 3 channels"):
        model(torch.randn(1, 4, 8, 8))
    with pytest.raises(TypeError, match="ResNet: the input must hold floating-point"):
        model(torch.ones(1, 3, 8, 8, dtype=torch.uint8))
