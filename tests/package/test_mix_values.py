"""Mixing: CBAM's mix and the block's λ, fixed, learned and warmed up, against the formula."""

import copy

import oracles
import pytest
import torch
from agreement import agree, differ, picture, same_gradients, shaken

from cbam_teach import CBAM, Learnable, ResidualBlock, SpatialAttention, WarmUp
from cbam_teach.mixing import Mix

SIZES = [(1, 5, 3, 4), (3, 6, 5, 2)]


def small_cbam(channels: int, mix=None) -> CBAM:
    return CBAM(channels, spatial=SpatialAttention(kernel_size=3), mix=mix)


def reweighted(cbam: CBAM, x: torch.Tensor) -> torch.Tensor:
    mlp = cbam.channel.mask.mlp
    return oracles.cbam(x, mlp[0].weight, mlp[2].weight, cbam.spatial.mask.conv.weight)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mix", [0, 0.25, 1, -0.5, 1.5])
def test_cbam_with_a_fixed_mix(size, mix):
    x = picture(size)
    cbam = shaken(small_cbam(size[1], mix))
    y = reweighted(cbam, x)
    agree(cbam, x, (1 - mix) * x + mix * y)
    assert differ(cbam, x, x * (1 + y)) or mix == 0
    assert [name for name, _ in cbam.named_parameters() if "mix" in name] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("start", [0.1, -2.0, 3.0])
def test_cbam_with_a_learned_mix(size, start):
    x = picture(size)
    cbam = small_cbam(size[1], Learnable(start)).double()
    assert cbam.mix.p.item() == pytest.approx(start)
    y = reweighted(cbam, x)
    agree(cbam, x, x - cbam.mix.p * x + cbam.mix.p * y)
    assert differ(cbam, x, y)


def test_a_mix_of_nothing_given_is_the_reweighted_map():
    x = picture((3, 6, 5, 2))
    cbam = shaken(small_cbam(6))
    agree(cbam, x, reweighted(cbam, x))


@pytest.mark.parametrize("amount", [0.25, Learnable(0.25), 0.75, Learnable(0.75)])
@pytest.mark.parametrize("bounded", [True, False])
def test_mix_goes_from_the_first_to_the_second(amount, bounded):
    x, y = picture((2, 3, 4, 5)), picture((2, 3, 4, 5))
    mix = Mix("Test", "mix", amount, bounded=bounded).double()
    share = amount if isinstance(amount, float) else mix.p
    if bounded and not isinstance(amount, float):
        share = oracles.sigmoid(mix.p)
    agree(mix, (x, y), (1 - share) * x + share * y, rtol=1e-7)
    assert mix.amount().item() == pytest.approx(0.25 if "0.25" in str(amount) else 0.75)
    assert differ(mix, (x, y), share * x + (1 - share) * y)


@pytest.mark.parametrize("target", [0.5, Learnable(0.5)])
@pytest.mark.parametrize("bounded", [True, False])
def test_a_warm_up_counts_the_training_passes_alone(target, bounded):
    x, y = torch.zeros(1, 1, 2, 3), torch.ones(1, 1, 2, 3)
    mix = Mix("Test", "mix", WarmUp(target, 4), bounded=bounded)
    seen = []
    for _ in range(6):
        seen.append(mix.train()(x, y).mean().item())
        mix.eval()(x, y)
        mix(x, y)
    assert seen == pytest.approx([0, 0.125, 0.25, 0.375, 0.5, 0.5])
    other = Mix("Test", "mix", WarmUp(target, 4), bounded=bounded)
    other.load_state_dict(mix.state_dict())
    assert other(x, y).mean().item() == pytest.approx(0.5)
    fresh = Mix("Test", "mix", WarmUp(target, 4), bounded=bounded).eval()
    assert fresh(x, y).mean().item() == 0


def test_a_warmed_up_amount_learns_in_proportion():
    x, y = picture((2, 3, 4, 5)), picture((2, 3, 4, 5))
    mix = Mix("Test", "mix", WarmUp(Learnable(0.3), 4), bounded=True).double()
    mix(x, y)
    share = 0.25 * oracles.sigmoid(mix.p)
    same_gradients(mix(x, y), (1 - share) * x + share * y, [x, y, mix.p], rtol=1e-7)


def block_oracle(block: ResidualBlock, x: torch.Tensor, share) -> torch.Tensor:
    """Return relu(skip(x) + F((1 - λ) x + λ A(x)))."""
    seen = (1 - share) * x + share * reweighted(block.attention, x)
    f = oracles.conv(seen, block.branch.conv1.weight, block.branch.conv1.stride[0], 1)
    f = torch.relu(oracles.batch_norm(f, block.branch.bn1))
    f = oracles.batch_norm(oracles.conv(f, block.branch.conv2.weight, 1, 1), block.branch.bn2)
    if not isinstance(block.skip, torch.nn.Identity):
        x = oracles.conv(x, block.skip.conv.weight, block.skip.conv.stride[0], 0)
        x = oracles.batch_norm(x, block.skip.bn)
    return torch.relu(x + f)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("input_mix", [0, 0.25, 1, Learnable(0.1), WarmUp(0.5, 2)])
@pytest.mark.parametrize(
    ("inputs", "outputs", "stride", "size"), [(3, 3, 1, (1, 3, 4, 5)), (4, 6, 2, (3, 4, 5, 3))]
)
def test_the_input_mix_of_a_block(inputs, outputs, stride, size, input_mix, training):
    x = picture(size)
    block = ResidualBlock(
        inputs, outputs, stride=stride, attention=small_cbam, placement="before",
        input_mix=input_mix,
    )  # fmt: skip
    block = shaken(block).train(training)
    share = input_mix
    if isinstance(input_mix, Learnable):
        share = oracles.sigmoid(block.input_mix.p)
    elif isinstance(input_mix, WarmUp):
        block.train()(x.detach())  # one of the two training passes
        block.train(training)
        share = 0.25
    agree(block, x, block_oracle(block, x, share), rtol=1e-6)
    assert differ(copy.deepcopy(block), x, block_oracle(block, x, 0.6))


def test_a_learned_input_mix_starts_where_it_was_asked_to():
    for start in (0.05, 0.1, 0.2, 0.5, 0.999):
        block = ResidualBlock(4, 4, placement="before", input_mix=Learnable(start))
        assert block.input_mix.p.sigmoid().item() == pytest.approx(start, rel=1e-6)
