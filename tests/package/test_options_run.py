"""Every combination of options trains, is stored, copied, exported and run at other precisions."""

import copy
import pickle

import pytest
import torch
import variants
from hypothesis import given
from hypothesis import strategies as st
from variants import CHANNELS, examples

from cbam_teach import CBAM, LADDER, ChannelAttention, ResidualBlock, WarmUp, fold

SIZES = [(2, CHANNELS, 7, 4), (3, CHANNELS, 5, 9)]  # more than one value per channel for BN
sizes = st.sampled_from(SIZES)
seeds = st.integers(0, 3)


def picture(size: tuple[int, ...], seed: int) -> torch.Tensor:
    return torch.randn(size, generator=torch.Generator().manual_seed(seed))


def warmed(module: torch.nn.Module, x: torch.Tensor) -> torch.nn.Module:
    """Run one pass in training: statistics of batch norms move, a warm-up leaves zero."""
    with torch.no_grad():
        module.train()(x)
    return module


@examples(40)
@given(variants.MODULES, sizes, seeds)
def test_one_step_of_training(make, size, seed):
    x = picture(size, seed)
    module = warmed(make(), x)
    parameters = dict(module.named_parameters())
    before = {name: value.detach().clone() for name, value in parameters.items()}
    optimizer = torch.optim.SGD(parameters.values(), lr=1e-3)
    target = picture(module(x).shape, seed + 1)
    (module(x) - target).square().mean().backward()
    for name, parameter in parameters.items():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
    optimizer.step()
    moved = [name for name, value in parameters.items() if not torch.equal(value, before[name])]
    assert moved or not parameters
    assert module(x).isfinite().all()


def silent(module: torch.nn.Module, x: torch.Tensor) -> set[str]:
    """Return the names of the parameters that one pass gives a gradient of zero."""
    (module(x) * torch.randn_like(module(x).detach())).sum().backward()
    return {name for name, part in module.named_parameters() if not part.grad.any()}


@pytest.mark.parametrize("step", LADDER)
@pytest.mark.parametrize("placement", ["inside", "before", "after", "beside"])
def test_every_parameter_of_every_step_learns(step, placement):
    block = ResidualBlock(CHANNELS, 4, stride=2, attention=LADDER[step], placement=placement)
    assert silent(block, picture((4, CHANNELS, 9, 7), 0)) == set()


def test_what_does_not_learn_and_why():
    x = picture((4, CHANNELS, 9, 7), 0)
    masks = {name for name, _ in CBAM(CHANNELS).named_parameters()}
    assert silent(CBAM(CHANNELS, mix=0), x) == masks  # the output is x
    assert silent(CBAM(CHANNELS, mix=WarmUp(0.5, 3)), x) == masks  # and so it is at first
    saturated = ChannelAttention(CHANNELS, gate="hardsigmoid", temperature=1e-4, bias=True)
    with torch.no_grad():
        saturated.mlp[2].bias.fill_(1)
    assert silent(saturated, x) == {name for name, _ in saturated.named_parameters()}
    dead = ChannelAttention(CHANNELS, bias=True)
    with torch.no_grad():
        dead.mlp[0].bias.fill_(-1e3)
    assert silent(dead, x) == {"mlp.0.weight", "mlp.0.bias", "mlp.2.weight"}


@examples(40)
@given(variants.MODULES, sizes, seeds)
def test_copies_say_the_same(make, size, seed):
    x = picture(size, seed)
    module = warmed(make(), x).eval()
    y = module(x)
    other = make().eval()
    state = pickle.loads(pickle.dumps(module.state_dict()))
    assert other.load_state_dict(state).missing_keys == []
    assert torch.equal(other(x), y)
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(copied(x), y)
        with torch.no_grad():
            for part in copied.parameters():
                part.add_(1)
    assert torch.equal(module(x), y)


def test_a_state_that_is_not_loaded_is_noticed():
    x = picture(SIZES[0], 0)
    for step in LADDER.values():
        assert not torch.allclose(step(CHANNELS)(x), step(CHANNELS)(x), atol=1e-5)


@examples(30)
@given(variants.MODULES, sizes, seeds)
def test_other_layouts_and_precisions_say_nearly_the_same(make, size, seed):
    x = picture(size, seed)
    module = warmed(make(), x).eval()
    y = module(x)
    torch.testing.assert_close(
        module(x.contiguous(memory_format=torch.channels_last)), y, rtol=1e-5, atol=1e-5
    )
    exact = copy.deepcopy(module).double()(x.double())
    assert exact.dtype == torch.float64
    torch.testing.assert_close(exact.float(), y, rtol=1e-4, atol=1e-5)
    for dtype, error in ((torch.bfloat16, 0.1), (torch.float16, 0.02)):
        with torch.autocast("cpu", dtype=dtype):
            mixed = module(x)
        half = copy.deepcopy(module).to(dtype)(x.to(dtype))
        assert half.dtype == dtype
        for seen in (mixed, half):
            torch.testing.assert_close(
                seen.float(), y, rtol=error, atol=error * y.abs().max().item()
            )


@examples(30)
@given(variants.MODULES, sizes, st.sampled_from([torch.bfloat16, torch.float16]), seeds)
def test_training_under_autocast_gives_finite_gradients(make, size, dtype, seed):
    x = picture(size, seed).requires_grad_()
    module = make()
    with torch.autocast("cpu", dtype=dtype):
        loss = module(x).float().square().mean()
    loss.backward()
    assert x.grad.isfinite().all()
    for name, parameter in module.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.dtype == torch.float32


@examples(40)
@given(variants.MODULES, sizes, st.booleans())
def test_everything_stays_on_the_device_of_the_input(make, size, gradients):
    module, x = make(), picture(size, 0)
    shape = module(x).shape
    for form in (module, fold(module)):
        with torch.set_grad_enabled(gradients):
            y = copy.deepcopy(form).to("meta")(x.to("meta"))  # mixes with no other device
        assert (y.shape, y.device.type) == (shape, "meta")


@examples(8)
@given(variants.MODULES, sizes, seeds)
def test_an_exported_program_gives_the_same_values(make, size, seed):
    x = picture(size, seed)
    module = warmed(make(), x).eval()
    for form in (module, fold(module)):
        program = torch.export.export(form, (x,))
        torch.testing.assert_close(program.module()(x), form(x), rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("step", ["cbam", "pixel_routed"])
def test_an_exported_program_takes_other_sizes(step):
    module = LADDER[step](CHANNELS).eval()
    free = {0: torch.export.Dim("b", min=1), 2: torch.export.Dim("h", min=2),
            3: torch.export.Dim("w", min=2)}  # fmt: skip
    program = torch.export.export(module, (picture(SIZES[0], 0),), dynamic_shapes=(free,))
    for size in [(1, CHANNELS, 2, 9), (5, CHANNELS, 16, 3)]:
        x = picture(size, 1)
        torch.testing.assert_close(program.module()(x), module(x), rtol=1e-5, atol=1e-6)


def test_an_exported_warm_up_goes_on_counting():
    module, x = CBAM(CHANNELS, mix=WarmUp(1.0, 4)), picture(SIZES[0], 0)
    program = torch.export.export(copy.deepcopy(module), (x,)).module()
    for _ in range(3):
        torch.testing.assert_close(program(x), module(x), rtol=1e-5, atol=1e-6)
    assert module.mix.step == 3


@pytest.mark.full
@pytest.mark.usefixtures("as_released")
@examples(150)
@given(variants.MODULES, sizes, seeds)
def test_an_exported_program_gives_the_same_values_for_many_more(make, size, seed):
    test_an_exported_program_gives_the_same_values.hypothesis.inner_test(make, size, seed)
