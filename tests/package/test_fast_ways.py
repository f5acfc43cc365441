"""The shorter ways: which is taken when, and the gradients of the product with a mask."""

import pytest
import torch

from cbam_teach import CBAM, Mask, SpatialAttention, fast, plain
from cbam_teach.fast import multiply

CASES = [
    ((2, 3, 4, 5), (2, 3, 1, 1)),
    ((3, 4, 2, 7), (3, 1, 2, 7)),
    ((1, 5, 3, 2), (1, 5, 1, 2)),
    ((2, 3, 5, 4), (1, 3, 1, 1)),
    ((2, 3, 3, 2), (2, 3, 3, 2)),
]


def leaves(*sizes: tuple[int, ...]) -> list[torch.Tensor]:
    return [torch.randn(size, dtype=torch.float64, requires_grad=True) for size in sizes]


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(("size", "mask"), CASES)
def test_the_gradients_are_those_of_a_plain_product(size, mask, again):
    x, alpha = leaves(size, mask)
    probe = torch.randn(size, dtype=torch.float64)
    got = torch.autograd.grad(multiply(x, alpha), (x, alpha), probe, create_graph=again)
    wanted = torch.autograd.grad(x * alpha, (x, alpha), probe, create_graph=again)
    torch.testing.assert_close(got, wanted, rtol=1e-12, atol=1e-12)
    if again:
        twice, plainly = (
            torch.autograd.grad(sum(part.pow(3).sum() for part in parts), (x, alpha))
            for parts in (got, wanted)
        )
        torch.testing.assert_close(twice, plainly, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("size", "mask"), CASES)
def test_a_mask_of_each_sample_is_multiplied_sample_by_sample(size, mask):
    x, alpha = leaves(size, mask)
    by_sample = mask[0] == size[0] and mask != size
    assert ("Multiply" in multiply(x, alpha).grad_fn.name()) == by_sample
    with torch.no_grad():
        assert multiply(x, alpha).grad_fn is None
    assert multiply(x.float(), alpha).dtype == torch.float64


class Halves(Mask):
    """A channel mask in double precision, whatever x is."""

    def forward(self, x):
        return x.new_full((*x.shape[:2], 1, 1), 0.5, dtype=torch.float64)


class Rows(Mask):
    """A mask with one number for each sample, channel and row."""

    def forward(self, x):
        return x.new_full((*x.shape[:3], 1), 0.5)


@pytest.mark.parametrize("size", [(2, 4, 5, 3), (1, 4, 2, 7)])
def test_without_gradients_the_product_is_pooled_while_it_is_made(size, monkeypatch):
    """That needs one number of x's type for each sample and channel; the values are the same."""
    products, x, plainly = [], torch.randn(size), plain.reweight_twice
    monkeypatch.setattr(fast, "multiply", lambda x, a: products.append(1) or multiply(x, a))
    monkeypatch.delattr(plain, "reweight_twice")
    for channel, whole in ((None, 0), (Halves(), 2), (Rows(), 2)):
        model = CBAM(4, channel=channel, spatial=SpatialAttention(kernel_size=3))
        if isinstance(channel, Halves):
            model.double()  # x stays as it is
        products.clear()
        with torch.no_grad():
            y = model(x)
            expected = plainly(model.channel, model.spatial, x)
        assert len(products) == whole
        torch.testing.assert_close(y, expected)


def test_on_a_processor_the_window_slides_the_short_way(monkeypatch):
    s, kernel = torch.randn(2, 2, 9, 4), torch.randn(1, 2, 3, 3)
    expected = plain.slide(s, kernel)
    monkeypatch.delattr(plain, "slide")
    torch.testing.assert_close(fast.slide(s, kernel), expected)


@pytest.mark.usefixtures("as_released")
def test_what_records_the_operations_gets_the_plain_ones(monkeypatch):
    """All of them, with the bias; a compiler is told apart from an exporter and a tracer."""
    s, kernel, bias = torch.randn(3, 2, 6, 4), torch.randn(1, 2, 3, 3), torch.tensor([0.7])
    mapped = torch.vmap(lambda one: fast.slide(one[None], kernel, bias)[0])(s)
    torch.testing.assert_close(mapped, fast.slide(s, kernel, bias))
    assert (fast.recorded(), fast.exported()) == (False, False)
    for place, name, exports in (
        (torch.compiler, "is_compiling", False),
        (torch.compiler, "is_exporting", True),
        (torch.jit, "is_tracing", True),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, lambda: True)
            assert (fast.recorded(), fast.exported()) == (True, exports)
            patch.setattr(plain, "slide", lambda *given: given)
            assert fast.slide(s, kernel, bias) == (s, kernel, bias)


def test_a_backward_pass_by_hand_is_for_gradients_that_are_wanted_here(monkeypatch):
    x, leaf = torch.ones(1, 1, 2, 3), torch.ones(1, 1, 2, 3, requires_grad=True)
    assert (fast.by_hand(x), fast.by_hand(leaf)) == (False, True)
    with torch.no_grad():
        assert not fast.by_hand(leaf)
    assert not torch.func.vmap(lambda one: torch.tensor(fast.by_hand(one)))(leaf).any()
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    assert not fast.by_hand(leaf)


@pytest.mark.parametrize(("pool", "name"), [("pool_pixels", "Pixels"), ("pool_channels", "Chan")])
def test_where_a_gradient_is_wanted_the_pooling_is_ours(pool, name):
    x = torch.randn(2, 3, 4, 5)
    values = getattr(fast, pool)(x.clone().requires_grad_())
    values = values if isinstance(values, tuple) else (values,)
    assert all(f"Pool{name}" in value.grad_fn.name() for value in values)
    assert getattr(fast, pool)(x)[0].grad_fn is None
