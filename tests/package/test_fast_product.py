"""The product of a map and its mask: gradients of every order, and which way it goes."""

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
    products = []
    monkeypatch.setattr(fast, "multiply", lambda x, a: products.append(1) or multiply(x, a))
    x = torch.randn(size)
    for channel, whole in ((None, 0), (Halves(), 2), (Rows(), 2)):
        model = CBAM(4, channel=channel, spatial=SpatialAttention(kernel_size=3))
        if isinstance(channel, Halves):
            model.double()  # x stays as it is
        products.clear()
        with torch.no_grad():
            y = model(x)
            expected = plain.reweight_twice(model.channel, model.spatial, x)
        assert len(products) == whole
        torch.testing.assert_close(y, expected)
