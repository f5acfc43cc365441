"""What the notes' classes do in silence, each shown by its formula, and what is done here."""

import notes_formulas as notes
import notes_states as states
import pytest
import torch
from agreement import picture

from cbam_teach import (
    CBAM,
    ChannelAttention,
    DynamicSpatialAttention,
    SpatialAttention,
    trace,
)

as_released = pytest.mark.usefixtures("as_released")


def test_with_fusion_sum_the_second_channel_attention_holds_logits_that_never_learn():
    state = states.channel(5, {"bias": True, "fusion": "softmax"})
    numbers = states.drawn(state)
    x = picture((2, 5, 3, 4))
    notes.channel(notes.Numbers(numbers), x, layers=("fc1", "fc2"), fusion="sum").sum().backward()
    assert [name for name, value in numbers.items() if value.grad is None] == ["fusion_logits"]
    ours = ChannelAttention(5, bias=True, fusion="sum")
    ours(x.float()).sum().backward()
    assert all(value.grad is not None for value in ours.parameters())
    assert len(list(ours.parameters())) == len(state) - 1


def test_residual_with_a_fixed_alpha_of_one_changes_nothing():
    numbers = notes.Numbers(states.drawn(states.cbam(5)))
    x = picture((2, 5, 3, 4))
    plain = notes.cbam(numbers, x)
    torch.testing.assert_close(notes.cbam(numbers, x, alpha=1.0), plain, rtol=1e-12, atol=1e-13)
    assert not torch.allclose(notes.cbam(numbers, x, alpha=0.1), plain, atol=1e-2)
    assert CBAM(5).mix is None


def test_the_residual_scaling_in_the_text_is_not_the_one_in_the_code():
    numbers = notes.Numbers(states.drawn(states.cbam(5)))
    x = picture((2, 5, 3, 4))
    y, alpha = notes.cbam(numbers, x), 0.5
    in_text = x + alpha * y  # x (1 + α w)
    in_code = notes.cbam(numbers, x, alpha=alpha)  # x (1 - α (1 - w))
    assert (in_text.abs() >= x.abs()).all()  # it only ever amplifies,
    assert (in_code.abs() <= x.abs()).all()  # and this one only ever dampens
    assert not torch.allclose(in_text, in_code, atol=1e-2)


def returned(x: torch.Tensor, *, fusion: str, maps: bool):
    """Return what the last channel attention of the ladder returns, by its two flags."""
    shares = torch.zeros(2).softmax(0) if fusion == "softmax" else None
    mask = torch.full((len(x), x.shape[1], 1, 1), 0.5)
    return (x * mask, mask, shares) if maps and shares is not None else (x * mask, mask)


def test_return_maps_changes_the_type_and_raises_with_fusion_sum():
    x = torch.randn(2, 4, 3, 5)
    y, mask, shares = returned(x, fusion="softmax", maps=True)
    assert (y.shape, mask.shape, shares.shape) == (x.shape, (2, 4, 1, 1), (2,))
    with pytest.raises(ValueError, match="not enough values to unpack"):
        y, mask, shares = returned(x, fusion="sum", maps=True)
    cbam = CBAM(4, channel=ChannelAttention(4, fusion="sum"), spatial=DynamicSpatialAttention())
    with trace(cbam) as maps:
        assert isinstance(cbam(x), torch.Tensor)
    shapes = {name: tuple(seen.shape) for name, seen in maps.items()}
    assert shapes == {
        "channel.mask": (2, 4, 1, 1), "spatial.mask": (2, 1, 3, 5),
        "spatial.mask.router": (2, 3, 1, 1),
    }  # fmt: skip


@as_released
def test_a_router_over_one_window_decides_nothing():
    options = {"kernels": (5,), "dilated": None}
    numbers = states.drawn(states.dynamic(options))
    notes.dynamic(notes.Numbers(numbers), picture((2, 4, 3, 5)), dilations=[1]).sum().backward()
    for name, value in numbers.items():
        assert (value.grad.abs().max() == 0) == name.startswith("router"), name
    with pytest.raises(ValueError, match="two branches"):
        DynamicSpatialAttention(**options)


def test_coordinates_tell_a_router_per_sample_nothing():
    numbers = states.drawn(states.dynamic({"coordinates": True}))
    dilations = [1, 1, 2]
    for _ in range(3):
        x = picture((2, 4, 3, 5))
        out = notes.dynamic(notes.Numbers(numbers), x, dilations=dilations, coordinates=True)
        out.square().sum().backward()
    gradient = numbers["router.1.weight"].grad.flatten(1)  # (hidden, 4)
    assert gradient[:, 2:].abs().max() < 1e-12  # column and row: their means are 0
    assert gradient[:, :2].abs().max() > 1e-4
    ours = DynamicSpatialAttention(coordinates=True, router="pixel")
    ours(torch.randn(2, 4, 3, 5)).square().sum().backward()
    assert ours.router.mlp[0].weight.grad[:, 2:].abs().max() > 1e-6


@pytest.mark.parametrize("coordinates", [False, True])
def test_a_separable_branch_has_more_weights_than_the_plain_one(coordinates):
    counts = {}
    for separable in (False, True):
        branch = DynamicSpatialAttention(coordinates=coordinates, separable=separable).branches[1]
        counts[separable] = sum(weight.numel() for weight in branch.parameters())
    inputs = 4 if coordinates else 2
    assert counts == {False: inputs * 49, True: inputs * 49 + inputs}


def test_a_fixed_number_in_the_state_undoes_the_option_when_a_file_is_loaded():
    class Stored(torch.nn.Module):
        """Keep a fixed temperature as the notes do."""

        def __init__(self, temperature: float):
            super().__init__()
            self.register_buffer("T", torch.tensor(temperature))

    built = Stored(4.0)
    built.load_state_dict(Stored(1.0).state_dict())
    assert built.T == 1  # it was built with 4
    ours = SpatialAttention(temperature=4.0)
    ours.load_state_dict(SpatialAttention(temperature=1.0).state_dict())
    assert ours.gate.temperature() == 4
