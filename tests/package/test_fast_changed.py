"""What a reader may do to CBAM afterwards has the same effect with and without gradients."""

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from cbam_teach import (
    CBAM,
    LADDER,
    DynamicSpatialAttention,
    Mask,
    Reweight,
    Temperature,
    fast,
    fold,
)

pytestmark = pytest.mark.usefixtures("as_released")


class Given(Mask):
    """A mask that is always the same."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.alpha = torch.rand(shape)

    def forward(self, x):
        return self.alpha


class Half(Reweight):
    def forward(self, x):
        return super().forward(x) / 2


def both(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Return the output without gradients, after seeing that it is the one with them."""
    expected = module(x).detach()
    with torch.no_grad():
        torch.testing.assert_close(module(x), expected)
    return expected


@pytest.mark.parametrize("part", ["channel", "spatial"])
def test_a_mask_that_does_not_spread_is_refused(part):
    module, x = CBAM(8, **{part: Given(8, 1, 1)}), torch.randn(2, 8, 5, 6)
    for mode in (torch.enable_grad, torch.no_grad):
        with mode(), pytest.raises(ValueError, match="each of the mask's four axes"):
            module(x)


@pytest.mark.parametrize("part", ["channel", "spatial"])
def test_a_part_that_was_replaced_stays_replaced(part):
    module, x = CBAM(4), torch.randn(2, 4, 5, 3)
    whole = both(module, x)
    setattr(module, part, nn.Identity())
    assert not torch.allclose(both(module, x), whole, atol=1e-3)
    module = CBAM(4)
    before = both(module, x)
    setattr(module, part, Half(getattr(module, part).mask))
    assert not torch.allclose(both(module, x), before, atol=1e-3)


@pytest.mark.parametrize("where", ["channel", "spatial", "spatial.mask"])
def test_a_forward_of_an_instance_is_the_one_that_counts(where):
    module, x = CBAM(4), torch.randn(2, 4, 5, 3)
    part, before = module.get_submodule(where), both(module, x)
    plain = part.forward
    part.forward = lambda given: plain(given) / 3
    assert not torch.allclose(both(module, x), before, atol=1e-3)


def test_hooks_on_all_modules_see_every_part():
    module, x, seen = CBAM(4), torch.randn(2, 4, 5, 3), []
    handle = register_module_forward_hook(lambda part, *_: seen.append(type(part).__name__))
    try:
        module(x)
        with torch.no_grad():
            module(x)
    finally:
        handle.remove()
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]
    assert seen.count("Reweight") == 4


@pytest.mark.parametrize("step", ["cbam", "dynamic", "pixel_routed"])
def test_transforms_of_functions_are_possible(step):
    module, x = LADDER[step](4), torch.randn(3, 4, 5, 6)
    wanted = torch.autograd.grad(module(x.requires_grad_()).square().sum(), x)[0]
    x = x.detach()
    one_by_one = torch.vmap(torch.func.grad(lambda one: module(one[None]).square().sum()))(x)
    torch.testing.assert_close(one_by_one, wanted)
    assert not torch.allclose(one_by_one, wanted.flip(0), atol=1e-4)
    with torch.no_grad():
        mapped = torch.vmap(lambda one: module(one[None])[0])(x)
        torch.testing.assert_close(mapped, module(x))


class Doubled(DynamicSpatialAttention):
    def forward(self, x):
        return super().forward(x) / 2


def test_folding_leaves_a_class_of_somebody_else_alone():
    module, x = CBAM(4, spatial=Doubled()), torch.randn(2, 4, 5, 3)
    folded = fold(module)
    assert type(folded.spatial.mask) is Doubled
    torch.testing.assert_close(folded(x), module.eval()(x))


@pytest.mark.parametrize("step", ["cbam", "mixed", "tempered"])
def test_a_module_made_without_numbers_gets_all_of_them_from_a_file(step):
    whole, x = LADDER[step](4), torch.randn(2, 4, 5, 3)
    with torch.device("meta"):
        empty = LADDER[step](4)
    assert "?" in repr(empty) or step == "cbam"
    empty.to_empty(device="cpu").load_state_dict(whole.state_dict())
    torch.testing.assert_close(empty(x), whole(x))


def test_a_fixed_number_is_exact_in_double_precision():
    assert Temperature(0.1, learnable=False)().double().item() == 0.1


MASKS = [(3, 4, 1, 1), (3, 1, 5, 6), (3, 4, 5, 1), (3, 1, 1, 1), (1, 4, 1, 1), (1, 1, 5, 6)]


@pytest.mark.parametrize("shape", [*MASKS, (3, 4, 5, 6)])
def test_the_product_and_its_gradients(shape):
    x = torch.randn(3, 4, 5, 6, dtype=torch.float64, requires_grad=True)
    alpha = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    probe = torch.randn_like(x)
    ours, plain = fast.multiply(x, alpha), x * alpha
    assert torch.equal(ours, plain)
    got = torch.autograd.grad((ours * probe).sum(), (x, alpha))
    expected = torch.autograd.grad((plain * probe).sum(), (x, alpha))
    torch.testing.assert_close(got, expected)
    assert not torch.allclose(got[0], expected[0].flip(0))
    assert torch.autograd.gradgradcheck(fast.multiply, (x[:, :, :2, :2], alpha[:, :, :2, :2]))


def test_the_product_of_two_types_is_the_wider_one():
    x, alpha = torch.randn(2, 3, 4, 5), torch.rand(2, 3, 1, 1, dtype=torch.float64)
    assert fast.multiply(x, alpha).dtype == torch.float64
