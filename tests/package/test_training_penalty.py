"""What a penalty adds to the loss, and a step of AdamW in the training loop."""

import pytest
import torch
from tiny_run import HELD_OUT, TRAIN, model, recipe, run, same
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import TensorDataset

from cbam_teach import CBAM
from cbam_teach.training import fit

PLAN = recipe(
    epochs=1, warm_up=0, schedule="constant", label_smoothing=0.0, weight_decay=0.0, momentum=0.0
)


def masked() -> nn.Module:
    """CBAM, a mean over the pixels and two classes, in double precision."""
    torch.manual_seed(2)
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    return nn.Sequential(CBAM(3), *head).double()


def lessons() -> TensorDataset:
    """One batch of eight samples with a third and a fourth entry."""
    x, y = (tensor[:8] for tensor in TRAIN.tensors)
    return TensorDataset(x.double(), y, 10.0 + torch.arange(8).double(), x[:, :1] > 0)


def test_the_penalty_enters_with_value_and_gradient(tmp_path):
    """A whole epoch in one batch of plain gradient descent, against the textbook's step."""
    net, samples, seen = masked(), lessons(), {}

    def penalty(maps, rest):
        seen.update(maps=maps, rest=rest)
        weights, _ = rest
        return (weights[:, None, None, None] * maps["0.spatial.mask"]).mean()

    x, y, weights, _ = samples.tensors
    cbam = net[0]
    z = x * cbam.channel.mask(x)
    paid = (weights[:, None, None, None] * cbam.spatial.mask(z)).mean()
    loss = cross_entropy(net(x), y) + paid
    loss.backward()
    wanted = [p.detach() - 0.1 * p.grad for p in net.parameters()]
    net.zero_grad()
    (epoch,) = fit(net, samples, samples, PLAN, folder=tmp_path, penalty=penalty, progress=False)
    for parameter, value in zip(net.parameters(), wanted, strict=True):
        torch.testing.assert_close(parameter.detach(), value, rtol=1e-10, atol=1e-12)
    assert epoch.train_loss == pytest.approx(loss.item())
    assert paid.item() > 1, "a penalty that could not be overlooked"
    x = samples.tensors[0]
    assert epoch.validation_loss == pytest.approx(cross_entropy(net(x), y).item()), "no penalty"
    assert seen["maps"].keys() == {"0.channel.mask", "0.spatial.mask"}
    assert all(mask.requires_grad for mask in seen["maps"].values())
    assert sorted(seen["rest"][0].tolist()) == [10.0 + k for k in range(8)]
    assert seen["rest"][1].shape == (8, 1, 5, 7)


def test_further_entries_belong_to_their_samples(tmp_path):
    """In a shuffled batch as well: the entry is a number that can be computed from the input."""
    x, y = TRAIN.tensors
    samples, batches = TensorDataset(x, y, x.sum(dim=(1, 2, 3))), []
    net = model()
    net.register_forward_pre_hook(lambda _, inputs: batches.append(inputs[0]))

    def penalty(maps, rest):
        torch.testing.assert_close(rest[0], batches[-1].sum(dim=(1, 2, 3)))
        assert len(rest) == 1
        return maps["3.spatial.mask"].mean()

    fit(net, samples, samples, PLAN, folder=tmp_path, penalty=penalty, progress=False)
    assert len(batches) >= 5


def test_without_a_penalty_further_entries_change_nothing(tmp_path):
    x, y = TRAIN.tensors
    one, first = run(tmp_path / "a")
    two = model()
    longer = TensorDataset(x, y, torch.arange(len(y)))
    second = fit(two, longer, HELD_OUT, recipe(), folder=tmp_path / "b", progress=False)
    assert first == second
    assert same(one, two)


def test_a_penalty_of_nothing_changes_nothing(tmp_path):
    one, first = run(tmp_path / "a")
    two, seen = model(), []

    def nothing(maps, rest):
        seen.append((len(maps), rest))
        return torch.zeros(())

    plan = recipe()
    second = fit(two, TRAIN, HELD_OUT, plan, folder=tmp_path / "b", penalty=nothing, progress=False)
    assert first == second
    assert same(one, two)
    assert seen == [(2, [])] * 20, "in every step, and not while evaluating"


@pytest.mark.parametrize(("momentum", "decay"), [(0.9, 0.3), (0.5, 0.0)])
def test_adamw_steps_as_pytorchs_does(tmp_path, momentum, decay):
    """Three epochs of one batch each: β₁ is the momentum, β₂ 0.999."""
    net, other, samples = masked(), masked(), lessons()
    options = {"epochs": 3, "warm_up": 0, "schedule": "constant", "label_smoothing": 0.0}
    options |= {"optimizer": "adamw", "lr": 0.02, "momentum": momentum, "weight_decay": decay}
    fit(net, samples, samples, recipe(**options), folder=tmp_path, progress=False)
    x, y, *_ = samples.tensors
    optimizer = torch.optim.AdamW(
        other.parameters(), lr=0.02, betas=(momentum, 0.999), weight_decay=decay
    )
    for _ in range(3):
        optimizer.zero_grad()
        cross_entropy(other(x), y).backward()
        optimizer.step()
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-9, atol=1e-12)


def test_the_two_optimizers_and_their_momenta_differ(tmp_path):
    found = [
        run(tmp_path / str(k), epochs=2, **options)[1][-1].train_loss
        for k, options in enumerate(
            [{}, {"optimizer": "adamw"}, {"optimizer": "adamw", "momentum": 0.5}]
        )
    ]
    assert len(set(found)) == 3


def test_a_run_with_adamw_goes_on_where_it_was(tmp_path):
    """Its two moments are in the checkpoint; another optimizer's folder is refused."""
    from tiny_run import Stop, Stopping

    plan = recipe(optimizer="adamw", lr=0.01)
    whole, cut = model(), model()
    history = fit(whole, TRAIN, HELD_OUT, plan, folder=tmp_path / "a", progress=False)
    with pytest.raises(Stop):
        fit(cut, Stopping(*TRAIN.tensors), HELD_OUT, plan, folder=tmp_path / "b", progress=False)
    again = model(seed=8)
    assert fit(again, TRAIN, HELD_OUT, plan, folder=tmp_path / "b", progress=False) == history
    assert same(whole, again)
    with pytest.raises(ValueError, match=r"Given: optimizer='sgd'\. Allowed: optimizer='adamw'"):
        fit(model(), TRAIN, HELD_OUT, recipe(lr=0.01), folder=tmp_path / "a", progress=False)
