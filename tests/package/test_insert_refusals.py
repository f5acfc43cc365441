"""Inserted attention is not lost on the way, and what is refused leaves the model as it was."""

import copy
import pickle
import re

import foreign
import peers
import pytest
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from cbam_teach import CBAM, ChannelAttention, ResNet, SimpleCNN, insert_attention, trace


def fitted(kind=foreign.BasicBlock):
    """Return a network with attention whose norms have seen something."""
    model = insert_attention(foreign.Net(kind), CBAM)
    with torch.no_grad():
        model(torch.randn(4, 3, 6, 8))
    return model.eval()


def masks(model, x):
    with torch.no_grad(), trace(model) as maps:
        model(x)
    return maps


WAYS = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "SyncBatchNorm": lambda model: nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(model)),
    "bfloat16 and back": lambda model: copy.deepcopy(model).to(torch.bfloat16).float(),
    "channels_last": lambda model: copy.deepcopy(model).to(memory_format=torch.channels_last),
}


@pytest.mark.parametrize("kind", [foreign.BasicBlock, foreign.Bottleneck])
@pytest.mark.parametrize("way", WAYS)
def test_the_attention_is_not_lost(way, kind):
    model, x = fitted(kind), torch.randn(2, 3, 7, 5)
    other = WAYS[way](model)
    tolerance = 0.05 if "bfloat16" in way else 1e-5
    torch.testing.assert_close(other(x), model(x), rtol=tolerance, atol=tolerance)
    assert list(masks(other, x)) == list(masks(model, x))
    assert len(masks(other, x)) == 8
    assert list(other.state_dict()) == list(model.state_dict())
    other.load_state_dict(foreign.Net(kind).state_dict(), strict=False)  # the hooks are its own
    model.load_state_dict(other.state_dict(), strict=True)
    torch.testing.assert_close(other(x), model(x))


def test_converted_norms_are_the_new_ones_and_the_comparison_would_see_a_loss():
    model, x = fitted(), torch.randn(2, 3, 7, 5)
    other = nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(model))
    assert isinstance(other.layer1[0].bn2.norm, nn.SyncBatchNorm)
    assert not [m for m in other.modules() if isinstance(m, nn.BatchNorm2d)]
    lost = copy.deepcopy(model)
    lost.layer1[0].bn2 = lost.layer1[0].bn2.norm
    assert not torch.allclose(lost(x), model(x), atol=1e-4)
    assert len(masks(lost, x)) == 6


def test_the_attention_is_exported():
    model, x = fitted(), torch.randn(2, 3, 7, 5)
    traced = torch.export.export(model, (x,)).module()
    torch.testing.assert_close(traced(x), model(x))


@pytest.fixture
def alone(tmp_path):
    """A group of one process."""
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path}/group", rank=0, world_size=1
    )
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.skipif(not torch.distributed.is_available(), reason="needs torch.distributed")
@pytest.mark.usefixtures("alone")
def test_under_ddp_the_attention_runs_and_learns_and_it_comes_too_late_afterwards():
    model, x = fitted(), torch.randn(2, 3, 7, 5)
    expected = model(x)
    wrapped = DistributedDataParallel(model)
    got = wrapped(x)
    torch.testing.assert_close(got, expected)
    got.sum().backward()
    learned = [p.grad for name, p in wrapped.named_parameters() if ".attention." in name]
    assert len(learned) == 12
    assert all(grad is not None and grad.abs().sum() > 0 for grad in learned)
    assert "module.layer1.0.bn2.weight" in wrapped.state_dict()
    late = DistributedDataParallel(foreign.Net())
    before = list(late.state_dict())
    with pytest.raises(ValueError, match="before the model is wrapped in DistributedDataParallel"):
        insert_attention(late, CBAM)
    assert list(late.state_dict()) == before


def squeezed():
    resnet = peers.timm().resnet
    return resnet.ResNet(resnet.BasicBlock, [1, 1, 1, 1], block_args={"attn_layer": "se"})


def half_done():
    return insert_attention(foreign.Net(), CBAM, select=lambda name: name == "layer2.1")


def several(made):
    """Return a factory that hands out these, one after the other."""
    ready = iter(made)
    return lambda channels: next(ready)


LOOKED_FOR = "conv1, bn1, …, convN, bnN .* a skip path named downsample or shortcut"
REFUSED = [
    (foreign.Flat, CBAM, {}, ValueError, f"residual block; looked for: a block .*{LOOKED_FOR}",
     r"Flat \(BatchNorm2d, Conv2d\)", "BasicBlock, Bottleneck"),
    (lambda: foreign.PreActivationBlock(4), CBAM, {}, ValueError, "must have a residual block",
     r"PreActivationBlock \(BatchNorm2d, Conv2d\)", "BasicBlock, Bottleneck"),
    (lambda: nn.Linear(3, 3), CBAM, {}, ValueError, "residual block", r"Linear \(\)", "BasicBl"),
    (squeezed, CBAM, {}, ValueError, "chosen blocks must have no attention yet",
     r"layer1\.0\.se, layer2\.0\.se, layer3\.0\.se, layer4\.0\.se", "–"),
    (half_done, CBAM, {}, ValueError, "must have no attention yet",
     r"layer2\.1\.bn2\.attention", r"layer1\.0, layer1\.1, layer2\.0"),
    (SimpleCNN, CBAM, {}, ValueError, "must have no attention yet",
     r"res1\.attention, res2\.attention", "–"),
    (lambda: ResNet(18, placement="after", num_classes=2).layer1[0], CBAM, {}, ValueError,
     "must have no attention yet", "attention", "–"),
    (lambda: foreign.Net, CBAM, {}, TypeError, "the model must be an nn.Module", "Net", "nn.M"),
    (lambda: "resnet18", CBAM, {}, TypeError, "the model must be an nn.Module", "str", "nn.M"),
    (foreign.Net, None, {}, TypeError, "`attention` must be a factory", "None", "CBAM"),
    (foreign.Net, CBAM(8), {}, TypeError, "`attention` must be a factory", "CBAM", "CBAM, Ch"),
    (foreign.Net, 16, {}, TypeError, "`attention` must be a factory", "int", "CBAM, Ch"),
    (foreign.Net, several([CBAM(8), 3.0]), {}, TypeError, "`attention` must be a factory",
     "float", "CBAM, Ch"),
    (foreign.Net, CBAM, {"select": "layer1"}, TypeError, "`select` must be a function",
     "'layer1'", "lambda name"),
    (foreign.Net, CBAM, {"select": lambda name: False}, ValueError, "choose at least one block",
     "0", r"layer1\.0, layer1\.1, layer2\.0, layer2\.1"),
]  # fmt: skip


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("make", "attention", "options", "kind", "asked", "given", "allowed"), REFUSED
)
def test_what_is_refused_leaves_the_model_as_it_was(
    make, attention, options, kind, asked, given, allowed
):
    model = make()
    inside = dict(model.named_modules()) if isinstance(model, nn.Module) else {}
    with pytest.raises(kind, match=rf"insert_attention: .*{asked}") as caught:
        insert_attention(model, attention, **options)
    assert re.search(rf"Given: {given}\. Allowed: {allowed}", str(caught.value))
    if inside:
        assert dict(model.named_modules()) == inside


def test_a_factory_that_fails_late_leaves_the_model_as_it_was():
    model = foreign.Net()
    inside = dict(model.named_modules())

    def moody(channels):
        if channels == 12:
            raise RuntimeError("not for 12 channels")
        return CBAM(channels)

    with pytest.raises(RuntimeError, match="not for 12 channels"):
        insert_attention(model, moody)
    assert dict(model.named_modules()) == inside


@pytest.mark.usefixtures("as_released")
def test_an_attention_that_changes_the_shape_is_refused_when_it_runs():
    model = insert_attention(foreign.Net(), lambda channels: nn.MaxPool2d(2))
    with pytest.raises(ValueError, match=r"must keep its input's shape.*Given: \(1, 8, 2, 3\)"):
        model(torch.randn(1, 3, 4, 6))


def test_a_mask_is_multiplied_and_not_added():
    block = insert_attention(foreign.BasicBlock(8, 8), ChannelAttention)
    assert type(block.bn2.attention).__name__ == "Reweight"


def parts(*without, **others):
    """Return a module with the parts of a residual block, but for these."""
    steps = {"conv1": nn.Conv2d(4, 4, 3), "bn1": nn.BatchNorm2d(4)}
    steps |= {"conv2": nn.Conv2d(4, 6, 3), "bn2": nn.BatchNorm2d(6), "downsample": None}
    block = nn.Module()
    for name, part in (steps | others).items():
        if name not in without:
            setattr(block, name, part)
    return block


@pytest.mark.parametrize(
    "block",
    [
        parts("conv2", "bn2"),
        parts("bn2"),
        parts("downsample"),
        parts(conv2=nn.Conv1d(4, 6, 3)),
        parts(conv3=nn.Conv2d(6, 6, 1)),
    ],
)
def test_a_block_needs_all_its_parts(block):
    with pytest.raises(ValueError, match="must have a residual block"):
        insert_attention(block, CBAM)
    assert insert_attention(parts(), CBAM).bn2.attention.channels == 6


@pytest.mark.parametrize("name", ["attention", "attn", "se", "cbam"])
def test_another_attention_is_known_by_its_name(name):
    for taken in (CBAM(6), nn.SiLU()):
        with pytest.raises(ValueError, match=rf"no attention yet. Given: {name}. Allowed: –"):
            insert_attention(parts(**{name: taken}), CBAM)
    for free in (None, nn.Identity()):
        assert isinstance(insert_attention(parts(**{name: free}), CBAM).bn2.attention, CBAM)


def test_a_long_list_of_what_was_found_is_cut_short():
    kinds = (nn.ReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish, nn.Tanh, nn.Sigmoid)
    with pytest.raises(ValueError, match=r"Sequential \(CELU, ELU, .*, Sigmoid, …\)\."):
        insert_attention(nn.Sequential(*(kind() for kind in kinds)), CBAM)
