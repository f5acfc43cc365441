"""Nothing of a block is changed by its examination, whatever happens on the way."""

import random
from collections import deque

import foreign
import numpy as np
import pytest
import right_strangers as rs
import right_styles as ry
import stranger_parts as sp
import torch
from right_table import RIGHT
from untouched import compare, image, used

from cbam_teach import LADDER, insert_attention
from cbam_teach.doctor import diagnose
from cbam_teach.probes import build

# The checks of annotations draw from Python's generator, too.
pytestmark = pytest.mark.usefixtures("as_released")

BY_NAME = {right.name: right for right in RIGHT}
NAMES = [
    "dynamic inside", "mixed before", "input_mix warm-up", "timm Bottleneck cbam drop", "released",
    "popular in mixed modes", "popular with a frozen convolution", "notes what it does",
    "spectral norm", "coin", "Python's coin", "recomputed", "in place", "cached grid", "DropPath",
    "foreign basic", "evaluating", "wrapped", "hard gates by hand",
]  # fmt: skip


class Keeper(sp.Basic, ca=sp.ChannelMask):
    """Writes into whatever a plain attribute can be."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.list, self.deque, self.set = [[1], {}], deque([1, 2], maxlen=3), {1}
        self.dict = {"maps": [], "last": torch.zeros(3)}
        self.array, self.tensor = np.zeros(3), torch.zeros(3)
        self.own, self.mask = torch.Generator().manual_seed(3), None
        self.register_buffer("count", torch.zeros((), dtype=torch.long))
        self.register_buffer("average", torch.zeros(3), persistent=False)
        self.register_buffer("nothing", None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        f = self.F(x)
        self.mask = self.ca(f)
        self.list[0].append(2)
        self.list[1]["new"] = 1
        self.list.append(self.mask)
        self.deque.append(self.deque[-1] + 1)
        self.set.add(len(self.set))
        self.dict["maps"].append(f)
        self.dict["last"] = self.mask.mean((0, 2, 3))
        self.dict[len(self.dict)] = 0
        self.array += 1
        self.tensor += 1
        self.count += 1
        self.average = self.average + 1
        self.fresh = f
        noise = torch.rand((), generator=self.own) + random.random() + np.random.rand()  # noqa: NPY002
        return self.relu(x + f * self.mask + 0 * noise)


@pytest.fixture(autouse=True)
def seeds():
    """Give Python and NumPy a seed, too."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002


@pytest.mark.parametrize("after_use", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_changed(name, after_use):
    right = BY_NAME[name]
    block, x = right.build(), right.x((3, 8, 9))
    if after_use:
        block = used(block, x.clone().requires_grad_())
        x = None
    compare(block, lambda: diagnose(block, x, placement=right.placement))


@pytest.mark.parametrize("after_use", [False, True])
def test_whatever_a_block_keeps(after_use):
    x = image()
    block = used(Keeper(16), x) if after_use else Keeper(16)
    compare(block, lambda: diagnose(block, x))


def test_a_gradient_that_is_there_for_some_parameters_only():
    x = image()
    block = used(rs.Popular(16), x)
    block.conv1.weight.grad = None
    block.bn1.weight.requires_grad_(False)
    block.sa.conv1.weight.grad.zero_()
    compare(block, lambda: diagnose(block, x))
    assert block.conv1.weight.grad is None


def test_hooks_stay_and_none_is_left():
    block, x, seen = rs.Popular(16), image(), []
    block.ca.register_forward_hook(lambda *each: seen.append("forward"))
    block.conv2.register_full_backward_hook(lambda *each: seen.append("backward"))
    block.conv2.weight.register_hook(lambda grad: grad)
    compare(block, lambda: diagnose(block, x))
    seen.clear()
    used(block, x)
    assert seen == ["forward", "backward"]


@pytest.mark.parametrize("training", [True, False])
def test_a_backward_pass_that_was_waiting_goes_on(training):
    block, twin = rs.Popular(16).train(training), rs.Popular(16).train(training)
    twin.load_state_dict(block.state_dict())
    x = image()
    waiting = block(x).square().sum()
    diagnose(block, image())
    waiting.backward()
    twin(x).square().sum().backward()
    for one, other in zip(block.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


@pytest.mark.parametrize("training", [True, False])
def test_training_goes_on_as_if_nothing_had_been(training):
    block, twin = ry.Tossed(16, 0.5, False).train(training), ry.Tossed(16, 0.5, False)
    twin.load_state_dict(block.train(training).state_dict())
    twin.train(training)
    x = image()
    torch.manual_seed(5)
    one = [block(x), diagnose(block, x), block(x), diagnose(block), block(x)]
    torch.manual_seed(5)
    other = [twin(x), twin(x), twin(x)]
    assert all(torch.equal(a, b) for a, b in zip(one[::2], other, strict=True))


def test_x_stays_as_it_is():
    for block in (rs.Popular(16), ry.Overwriting(16), BY_NAME["hard gates"].build()):
        x = image().requires_grad_()
        x.grad = torch.ones_like(x)
        kept, grad, version = x.detach().clone(), x.grad, x._version
        diagnose(block, x)
        assert torch.equal(x, kept)
        assert x.grad is grad
        assert torch.equal(grad, torch.ones_like(x))
        assert x.requires_grad
        assert x.is_leaf
        assert x._version == version


class Spoiling(sp.Basic, se=sp.SE):
    """A broken block that overwrites what it is given."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x += 1
        return self.relu(self.se(self.F(x)) + x)


def test_x_stays_where_the_block_overwrites_it():
    block, x = Spoiling(16), image()
    kept = x.clone()
    compare(block, lambda: diagnose(block, x))
    assert torch.equal(x, kept)
    assert "input-kept" in diagnose(block, x).failed


def views() -> dict[str, torch.Tensor]:
    """Return inputs that do not lie in memory as one would think."""
    wide = torch.randn(3, 16, 8, 18)
    return {
        "slice": wide[..., ::2], "transposed": torch.randn(3, 16, 9, 8).mT,
        "channels last": image().to(memory_format=torch.channels_last),
        "part of a graph": image().requires_grad_() * 1,
        "repeated": torch.randn(1, 16, 8, 9).expand(3, -1, -1, -1),
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(views()))
def test_x_may_lie_in_memory_as_it_likes(kind):
    block, x = rs.Popular(16), views()[kind]
    kept, strides = x.detach().clone(), x.stride()
    compare(block, lambda: diagnose(block, x))
    assert torch.equal(x, kept)
    assert x.stride() == strides
    if kind != "repeated":
        assert diagnose(block, x).failed == ()


def test_the_same_twice():
    for name in NAMES[::3]:
        right = BY_NAME[name]
        block, x = right.build(), right.x((3, 8, 9))
        first = diagnose(block, x, placement=right.placement).to_dict()
        torch.manual_seed(99)
        random.seed(99)
        assert diagnose(block, x, placement=right.placement).to_dict() == first, name


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_where_gradients_are_off(context):
    block, x = insert_attention(foreign.Net(), LADDER["dynamic"]).layer1[0], image(8)
    expected = diagnose(block, x).to_dict()
    with context():
        compare(block, lambda: diagnose(block, x))
        assert diagnose(block, x).to_dict() == expected


def test_an_input_of_inference_mode():
    with torch.inference_mode():
        x = image()
    compare(block := rs.Popular(16), lambda: diagnose(block, x))
    assert diagnose(block, x).failed == ()


@pytest.mark.parametrize("shape", [(4, 16, 20, 20), (3, 16, 8, 12)])
def test_masks_added_in_a_block_that_halves_the_map(shape):
    block = build("added-inside", seed=0).block1  # (B, 16, H, W) -> (B, 32, H / 2, W / 2)
    assert "skip-untouched" in diagnose(block, torch.randn(shape)).failed
