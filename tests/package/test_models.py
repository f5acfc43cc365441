"""SimpleCNN: shapes, state, copies, a training step, samples that do not see each other."""

import copy
import io
import pickle

import pytest
import torch

from cbam_teach import CBAM, ChannelAttention, SimpleCNN, SpatialAttention
from cbam_teach.placement import PLACEMENTS

STATEFUL = [
    lambda: ChannelAttention(20),
    lambda: SpatialAttention(kernel_size=3),
    lambda: CBAM(20),
    lambda: SimpleCNN(),
]


def pictures(module: torch.nn.Module) -> torch.Tensor:
    return torch.randn(2, 3 if isinstance(module, SimpleCNN) else 20, 9, 7)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_simple_cnn_gives_ten_logits_per_picture(placement):
    model = SimpleCNN(placement=placement)
    assert model(torch.randn(4, 3, 32, 32)).shape == (4, 10)


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (17, 31), (33, 8)])
def test_simple_cnn_takes_any_size(size):
    model = SimpleCNN(num_classes=7).eval()
    assert model(torch.randn(2, 3, *size)).shape == (2, 7)


def test_the_parts_of_simple_cnn():
    model = SimpleCNN()
    x = model.block1(model.stem(torch.randn(2, 3, 9, 6)))
    assert x.shape == (2, 64, 9, 6)
    assert model.res1(x).shape == (2, 64, 9, 6)
    assert model.res2(x).shape == (2, 128, 5, 3)
    assert model.res1.attention.channel.mask.mlp[0].out_features == 4
    assert model.res2.attention.channel.mask.mlp[0].out_features == 8


@pytest.mark.parametrize("make", STATEFUL)
def test_state_round_trip(make):
    one, other = make().eval(), make().eval()
    x = pictures(one)
    assert not torch.equal(one(x), other(x))
    stored = io.BytesIO()
    torch.save(one.state_dict(), stored)
    stored.seek(0)
    other.load_state_dict(torch.load(stored, weights_only=True))
    assert torch.equal(one(x), other(x))


@pytest.mark.parametrize("make", STATEFUL)
@pytest.mark.parametrize("clone", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_compute_the_same_and_share_nothing(make, clone):
    one = make().eval()
    other, x = clone(one), pictures(one)
    assert torch.equal(one(x), other(x))
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1)
    assert not torch.equal(one(x), other(x))


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_training_step_reaches_every_parameter_and_lowers_the_loss(placement):
    model = SimpleCNN(num_classes=3, placement=placement)
    x, wanted = torch.randn(3, 3, 6, 8), torch.tensor([0, 1, 2])
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
    losses = []
    for _ in range(4):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), wanted)
        loss.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_samples_do_not_see_each_other_in_eval_mode(placement):
    model = SimpleCNN(placement=placement).double().eval()
    x = torch.randn(3, 3, 9, 7, dtype=torch.float64)
    alone = torch.cat([model(sample[None]) for sample in x])
    torch.testing.assert_close(model(x), alone, rtol=1e-10, atol=1e-12)


def test_in_training_batch_norm_lets_them_see_each_other():
    model = SimpleCNN().double()
    x = torch.randn(3, 3, 9, 7, dtype=torch.float64)
    alone = torch.cat([model(sample[None]) for sample in x])
    assert not torch.allclose(model(x), alone, atol=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cpu_and_cuda_agree():
    model, x = SimpleCNN().double().eval(), torch.randn(2, 3, 9, 7).double()
    expected = model(x)
    torch.testing.assert_close(model.cuda()(x.cuda()).cpu(), expected)
