"""timm's attention modules, each equal to a configuration here that holds the same numbers."""

import sys

import peers
import pytest
import torch
from agreement import picture, shaken
from states import carry, compare

from cbam_teach import (
    CBAM,
    ChannelAttention,
    CoordinateAttention,
    EfficientChannelAttention,
    Reweight,
    SpatialAttention,
    SqueezeExcitation,
)

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2), (2, 20, 4, 7), (2, 24, 9, 2), (2, 72, 3, 8)]
CBAM_RULES = {r"^channel\.fc1": "channel.mask.mlp.0", r"^channel\.fc2": "channel.mask.mlp.2",
              r"^spatial\.conv\.conv": "spatial.mask.conv",
              r"^spatial\.conv\.bn": "spatial.mask.norm"}  # fmt: skip
SE_RULES = {r"^fc1": "mask.mlp.0", r"^fc2": "mask.mlp.2"}
ECA_RULES = {"^conv": "mask.conv"}
COORDINATE_RULES = {r"^conv1": "mask.shared.0", r"^bn1": "mask.shared.1",
                    r"^conv_h": "mask.to_rows", r"^conv_w": "mask.to_columns"}  # fmt: skip


def same(theirs, ours, size, rules) -> None:
    """Compare outputs and gradients in training, the state it leaves, and evaluation."""
    x = picture(size)
    theirs = shaken(theirs)
    ours = carry(theirs.state_dict(), ours.double(), rules)
    for training in (True, False):
        theirs.train(training)
        ours.train(training)
        with torch.no_grad():
            torch.testing.assert_close(ours(x), theirs(x))
        parameters = dict(theirs.named_parameters())
        compare(ours(x), ours, x, theirs(x), parameters, rules, rtol=1e-7)
        left = {name: value.clone() for name, value in ours.state_dict().items()}
        carry(theirs.state_dict(), ours, rules)
        for name, value in ours.state_dict().items():
            torch.testing.assert_close(left[name], value)


def rounded(channels: int) -> int:
    """Return timm's hidden width: C / 16 rounded, a half upwards, and at least 1."""
    return max(1, (channels + 8) // 16)


def our_cbam(channels: int, **spatial) -> CBAM:
    channel = ChannelAttention(channels, reduction=channels, min_hidden=rounded(channels))
    return CBAM(channels, channel=channel, spatial=SpatialAttention(**spatial))


@pytest.mark.parametrize("kernel", [3, 7])
@pytest.mark.parametrize("size", SIZES)
def test_cbam_module(size, kernel):
    theirs = peers.timm().CbamModule(size[1], spatial_kernel_size=kernel)
    same(theirs, our_cbam(size[1], kernel_size=kernel, norm_momentum=0.1), size, CBAM_RULES)


def test_cbam_module_is_not_the_papers_cbam():
    x = picture((2, 24, 4, 3))
    theirs = shaken(peers.timm().CbamModule(24)).eval()
    assert theirs.channel.fc1.out_channels == 2  # 24 / 16 rounded, where the paper's is 1
    assert ChannelAttention(24, min_hidden=1).mlp[0].out_features == 1
    ours = carry(theirs.state_dict(), our_cbam(24, norm_momentum=0.1).double(), CBAM_RULES)
    state = {name: value for name, value in ours.state_dict().items() if "norm" not in name}
    without = our_cbam(24).double().eval()
    without.load_state_dict(state)
    assert torch.allclose(ours.eval()(x), theirs(x))
    assert not torch.allclose(without(x), theirs(x), atol=1e-3)
    ours.train()(x), theirs.train()(x)
    slower = carry(theirs.state_dict(), our_cbam(24, norm_momentum=0.01).double(), CBAM_RULES)
    slower(x), theirs(x)
    moved = slower.spatial.mask.norm.running_mean
    assert not torch.allclose(moved, theirs.spatial.conv.bn.running_mean, atol=1e-3)


@pytest.mark.parametrize("reduction", [2, 16])
@pytest.mark.parametrize("size", SIZES)
def test_se_module(size, reduction):
    theirs = peers.timm().SEModule(size[1], rd_channels=max(size[1] // reduction, 1))
    same(theirs, Reweight(SqueezeExcitation(size[1], reduction)), size, SE_RULES)


def test_se_module_left_to_itself_is_wider():
    theirs = peers.timm().SEModule(20)
    assert theirs.fc1.out_channels == 8
    assert SqueezeExcitation(20).mlp[0].out_features == 1
    with pytest.raises(RuntimeError, match="shape"):
        carry(theirs.state_dict(), Reweight(SqueezeExcitation(20)), SE_RULES)


@pytest.mark.parametrize("size", [*SIZES, (1, 130, 2, 3)])
def test_eca_module(size):
    kernel = 3 if size[1] < 8 else None
    theirs = peers.timm().EcaModule(size[1])
    same(theirs, Reweight(EfficientChannelAttention(size[1], kernel)), size, ECA_RULES)


def test_eca_module_never_reads_fewer_than_three_neighbours_and_else_the_same():
    module = peers.timm().EcaModule
    for channels in [*range(2, 140), 255, 256, 511, 512, 513, 1024, 2047, 2048]:
        ours = EfficientChannelAttention(channels).conv.kernel_size[0]
        assert module(channels).conv.kernel_size[0] == max(ours, 3), channels
        assert (ours < 3) == (channels < 8)


@pytest.mark.parametrize(("reduction", "hidden"), [(32, 8), (2, None)])
@pytest.mark.parametrize("size", SIZES)
def test_coord_attn(size, reduction, hidden):
    hidden = hidden or max(size[1] // reduction, 8)
    theirs = peers.timm().CoordAttn(size[1], rd_channels=hidden)
    ours = Reweight(CoordinateAttention(size[1], reduction, bias=False))
    same(theirs, ours, size, COORDINATE_RULES)


@pytest.mark.parametrize("size", SIZES)
def test_coord_attn_with_a_bias_is_the_released_one(size):
    hidden = max(size[1] // 32, 8)
    theirs = peers.timm().CoordAttn(size[1], rd_channels=hidden, bias=True)
    same(theirs, Reweight(CoordinateAttention(size[1])), size, COORDINATE_RULES)


def test_coord_attn_has_no_bias_unless_asked():
    theirs = shaken(peers.timm().CoordAttn(6, rd_channels=8, bias=True)).eval()
    x = picture((2, 6, 3, 5))
    ours = Reweight(CoordinateAttention(6, bias=False)).double().eval()
    state = {name: v for name, v in theirs.state_dict().items() if not name.startswith("conv")}
    state |= {name: v for name, v in theirs.state_dict().items() if name.endswith("weight")}
    carry(state, ours, COORDINATE_RULES)
    assert not torch.allclose(ours(x), theirs(x), atol=1e-3)
    with pytest.raises(RuntimeError, match="Missing key"):
        carry(state, Reweight(CoordinateAttention(6)).double(), COORDINATE_RULES)
    assert peers.timm().CoordAttn(6).conv1.bias is None


def test_swapped_rows_and_columns_would_show():
    theirs = shaken(peers.timm().CoordAttn(6, rd_channels=8)).eval()
    x = picture((2, 6, 3, 5))
    ours = Reweight(CoordinateAttention(6, bias=False)).double().eval()
    assert torch.allclose(carry(theirs.state_dict(), ours, COORDINATE_RULES)(x), theirs(x))
    swapped = COORDINATE_RULES | {r"^conv_h": "mask.to_columns", r"^conv_w": "mask.to_rows"}
    assert not torch.allclose(carry(theirs.state_dict(), ours, swapped)(x), theirs(x), atol=1e-3)


def test_the_peers_leave_no_trace():
    before = dict(sys.modules)
    peers.load.cache_clear()
    model = peers.timm().resnet.resnet18(num_classes=3)
    for root in peers.LENT:
        found = {name: m for name, m in sys.modules.items() if name.partition(".")[0] == root}
        assert found == {name: m for name, m in before.items() if name.partition(".")[0] == root}
    assert model.eval()(torch.randn(1, 3, 33, 40)).shape == (1, 3)


def test_where_timm_is_absent_the_test_fails_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr(peers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(pytest.fail.Exception, match="Cure: `make test`, or `pip install --no-d"):
        peers.timm()
