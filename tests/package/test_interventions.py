"""intervene puts something else in the place of masks, and leaves the model as it was."""

import pytest
import torch
from torch import nn

from cbam_teach import (
    CBAM,
    LADDER,
    CoordinateAttention,
    Mask,
    Shares,
    SimpleCNN,
    SpatialAttention,
    trace,
)
from cbam_teach.changes import moved
from cbam_teach.interventions import WORDS, intervene


class Given(Mask):
    """A mask that is its input."""

    def forward(self, x):
        return x


class Parts(Shares):
    """Shares that are their input."""

    def forward(self, x):
        return x


def changed(part: nn.Module, x: torch.Tensor, change, **options) -> torch.Tensor:
    with intervene(part, {"": change}, **options):
        return part(x)


def hooks(model: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in model.modules())


CHANNEL = torch.tensor([[0.1, 0.2, 0.6], [0.3, 0.5, 0.4]])[..., None, None]  # (2, 3, 1, 1)
SPATIAL = torch.tensor([[[[0.1, 0.2, 0.6]]], [[[0.3, 0.5, 0.4]]]])  # (2, 1, 1, 3)


@pytest.mark.parametrize("mask", [CHANNEL, SPATIAL])
def test_words_on_paper(mask):
    rows = {word: changed(Given(), mask, word) for word in WORDS}
    assert all(row.shape == mask.shape for row in rows.values())
    rows = {word: row.flatten(1) for word, row in rows.items()}
    a, b = mask.flatten(1)
    assert torch.equal(rows["ones"], torch.ones(2, 3))
    torch.testing.assert_close(rows["flat"], torch.tensor([[0.3] * 3, [0.4] * 3]))
    torch.testing.assert_close(rows["average"], torch.tensor([[0.2, 0.35, 0.5]] * 2))
    assert torch.equal(rows["another"], torch.stack([b, a]))
    assert any(
        torch.equal(rows["shuffled"], torch.stack([a[order], b[order]]))
        for order in ([1, 2, 0], [2, 0, 1])
    )


def test_another_is_the_sample_before():
    mask = torch.rand(4, 1, 2, 3)
    assert torch.equal(changed(Given(), mask, "another"), mask[[3, 0, 1, 2]])


def test_words_for_shares_on_paper():
    w = torch.tensor([[[[0.1, 0.3]], [[0.4, 0.7]], [[0.5, 0.0]]]]).repeat(2, 1, 1, 1)
    w[1] = w[1].flip(0)  # (2, 3, 1, 2)
    rows = {word: changed(Parts(), w, word) for word in WORDS}
    torch.testing.assert_close(rows["ones"], torch.full((2, 3, 1, 2), 1 / 3))
    torch.testing.assert_close(
        rows["flat"][0, :, 0], torch.tensor([[0.2] * 2, [0.55] * 2, [0.25] * 2])
    )
    torch.testing.assert_close(rows["average"][1, :, 0, 0], torch.tensor([0.3, 0.4, 0.3]))
    assert torch.equal(rows["another"], w.flip(0))
    assert any(torch.equal(rows["shuffled"], w[:, order]) for order in ([1, 2, 0], [2, 0, 1]))
    for row in rows.values():
        torch.testing.assert_close(row.sum(1), torch.ones(2, 1, 2))
    one = torch.tensor([[0.2, 0.8], [0.6, 0.4]])[..., None, None]
    assert torch.equal(changed(Parts(), one, "flat"), one)  # no places to average over


def test_a_whole_mask_is_shuffled_and_flattened_as_one():
    attention, x = CoordinateAttention(5).eval(), torch.randn(3, 5, 4, 2)
    mask = attention(x)
    shuffled, flat = (changed(attention, x, word) for word in ("shuffled", "flat"))
    assert torch.equal(shuffled.flatten(1).sort().values, mask.flatten(1).sort().values)
    assert not torch.equal(shuffled.flatten(2).sort().values, mask.flatten(2).sort().values)
    torch.testing.assert_close(flat, mask.mean((1, 2, 3), keepdim=True).expand_as(mask))


@pytest.mark.parametrize("count", [2, 3, 8, 35])
def test_a_permutation_moves_every_number_in_one_cycle(count):
    seen = set()
    for seed in range(20):
        order = moved(count, (seed, 0))
        assert torch.equal(order.sort().values, torch.arange(count))
        place, steps = int(order[0]), 1
        while place:
            place, steps = int(order[place]), steps + 1
        assert steps == count
        seen.add(tuple(order.tolist()))
    assert len(seen) == {2: 1, 3: 2}.get(count, 20)
    assert torch.equal(moved(1, (0, 0)), torch.tensor([0]))


def test_a_permutation_is_the_modules_own_and_the_seeds():
    model, x = nn.Sequential(Given(), Parts()), torch.rand(2, 40, 1, 1)
    first, again, other = (
        changed(model[0], x, "shuffled", seed=seed).flatten(1) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    with intervene(model, {"0": lambda mask: x, "1": "shuffled"}):
        assert not torch.equal(model(x).flatten(1), first)


def test_a_number_a_tensor_or_a_function():
    x = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    mask = SpatialAttention().double()
    before = mask(x).detach()
    assert torch.equal(changed(mask, x, torch.tensor(0.25)), torch.full_like(before, 0.25))
    rows = torch.rand(1, 1, 4, 1)
    assert torch.equal(changed(mask, x, rows), rows.double().expand(2, 1, 4, 5))
    assert torch.equal(changed(mask, x, lambda mask: 1 - mask).detach(), 1 - before)
    assert torch.equal(changed(mask, x, torch.zeros_like), torch.zeros_like(before))


def test_blocks_nest_and_the_inner_one_acts_last():
    model, x = Given(), torch.rand(2, 1, 3, 2)
    with trace(model) as before, intervene(model, {"": lambda mask: mask / 2}):
        with intervene(model, {"": lambda mask: mask + 1}), trace(model) as inside:
            assert torch.equal(model(x), x / 2 + 1)
        assert torch.equal(inside[""], x / 2 + 1)
        assert torch.equal(before[""], x)
        assert torch.equal(model(x), x / 2)
    assert torch.equal(model(x), x)


def test_unknown_names_are_refused_and_the_known_ones_listed():
    model = SimpleCNN(attention=LADDER["routed_fusion"])
    said = (
        r"each name must be.*Given: 'res1', 'x'\. Allowed: "
        r"'res1.attention.channel.mask', 'res1.attention.channel.mask.fusion', "
        r"'res1.attention.spatial.mask', 'res1.attention.spatial.mask.router', 'res2"
    )
    with pytest.raises(ValueError, match=said), intervene(model, {"res1": "ones", "x": "ones"}):
        pass
    assert hooks(model) == 0


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ("one", ValueError, r"Given: 'one'\. Allowed: ones, flat, average, another, shuffled"),
        (0.5, TypeError, r"`spatial.mask` must be a known.*Given: float\. Allowed: 'ones', 'flat'"),
        (
            torch.ones(3, 1, 5, 3),
            ValueError,
            r"Given: \(3, 1, 5, 3\)\. Allowed: \{1, 2\} × \{1, 1\}",
        ),
        (torch.ones(2, 4, 5, 3), ValueError, r"Given: \(2, 4, 5, 3\)"),
        (torch.ones(5, 3), ValueError, r"Given: \(5, 3\)"),
        (
            lambda mask: 1,
            TypeError,
            r"`spatial.mask` must be one number.*Given: int\. Allowed: Ten",
        ),
        (lambda mask: mask[:, :, :2], ValueError, r"Given: \(2, 1, 2, 3\)"),
    ],
    ids=["word", "number", "batch", "channels", "axes", "returned", "cut"],
)
def test_a_change_that_cannot_be_made_is_refused(change, kind, said):
    model = CBAM(4)
    with pytest.raises(kind, match=said), intervene(model, {"spatial.mask": change}):
        model(torch.randn(2, 4, 5, 3))
    assert hooks(model) == 0


def test_another_needs_two_samples():
    said = r'"another" needs two samples.*Given: 1\. Allowed: 2'
    for model, name in ((CBAM(4), "channel.mask"), (LADDER["fused"](4), "channel.mask.fusion")):
        with intervene(model, {name: "another"}), pytest.raises(ValueError, match=said):
            model(torch.randn(1, 4, 5, 3))


@pytest.mark.usefixtures("as_released")
def test_what_is_no_model_and_no_seed():
    with pytest.raises(TypeError, match=r"nn\.Module.*Given: int"), intervene(3, {}):
        pass
    with pytest.raises(ValueError, match=r"`seed`.*Given: -1"), intervene(CBAM(4), {}, seed=-1):
        pass
