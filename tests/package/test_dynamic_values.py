"""Every option of DynamicSpatialAttention against plain loops, and each shown to matter."""

import oracles
import oracles_dynamic
import pytest
import torch
from agreement import SIXTH, agree, differ, picture, shaken

from cbam_teach import DynamicSpatialAttention

SIZES = [(1, 5, 3, 4), (3, 2, 5, 2), (2, 3, 1, 6), (2, 1, 4, 1)]
OPTIONS = [
    {},
    {"dilated": None},
    {"kernels": (5,), "dilated": (3, 3)},
    {"kernels": [1, 3, 5], "dilated": None, "router_hidden": 3},
    {"coordinates": True},
    {"separable": True},
    {"router": "pixel"},
    {"gate": "hardsigmoid", "temperature": 4},
    {"temperature": 0.5, "learnable_temperature": True},
    {"coordinates": True, "separable": True, "router": "pixel", "learnable_temperature": True},
]


def expected(attention: DynamicSpatialAttention, x: torch.Tensor, options: dict, **mistakes):
    """Return what the options say, by the oracle, with the module's own numbers."""
    kernels, dilated = options.get("kernels", (3, 7)), options.get("dilated", (7, 2))
    dilations = [1] * len(kernels) + ([] if dilated is None else [dilated[1]])
    temperature = options.get("temperature", 1)
    if options.get("learnable_temperature"):
        temperature = 1e-6 + oracles.softplus(attention.gate.temperature.p)
    return oracles_dynamic.dynamic_mask(
        attention,
        x,
        dilations,
        per=options.get("router", "sample"),
        with_coordinates=options.get("coordinates", False),
        gate=oracles.hardsigmoid if "gate" in options else oracles.sigmoid,
        temperature=temperature,
        **mistakes,
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("options", OPTIONS)
def test_dynamic_options(size, options):
    x = picture(size)
    attention = shaken(DynamicSpatialAttention(**options))
    rtol = SIXTH if "gate" in options else 1e-8
    agree(attention, x, expected(attention, x, options), rtol)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_windows_and_the_hidden_width_are_those_asked_for(options):
    attention = DynamicSpatialAttention(**options)
    kernels, dilated = options.get("kernels", (3, 7)), options.get("dilated", (7, 2))
    wanted = [(side, 1) for side in kernels] + ([] if dilated is None else [dilated])
    windows = [getattr(one, "depthwise", one) for one in attention.branches]
    assert [(one.kernel_size[0], one.dilation[0]) for one in windows] == wanted
    assert attention.router.mlp[0].out_features == options.get("router_hidden", 8)


@pytest.mark.parametrize("left_out", ["router", "gate", "temperature", "learnable_temperature"])
def test_a_dynamic_option_that_is_left_out_shows(left_out):
    x = picture((3, 2, 5, 4))
    options = next(options for options in OPTIONS if left_out in options)
    attention = shaken(DynamicSpatialAttention(**options))
    rest = {name: value for name, value in options.items() if name != left_out}
    assert differ(attention, x, expected(attention, x, rest))


def test_a_mistake_in_windows_coordinates_or_shares_shows():
    x = picture((2, 3, 5, 4))
    attention = shaken(DynamicSpatialAttention(coordinates=True))
    options = {"coordinates": True}
    assert not differ(attention, x, expected(attention, x, options))
    assert differ(attention, x, expected(attention, x, options, rows_first=True))
    assert differ(attention, x, expected(attention, x, options, even=True))
    wrong = oracles_dynamic.dynamic_mask(attention, x, [1, 1, 3], with_coordinates=True)
    assert differ(attention, x, wrong)


def test_the_shares_are_those_of_the_sample_or_of_the_pixel():
    x = picture((3, 4, 5, 2))
    for per, shape in (("sample", (3, 3, 1, 1)), ("pixel", (3, 3, 5, 2))):
        attention = shaken(DynamicSpatialAttention(router=per))
        shares = attention.router(oracles_dynamic.summaries(x, False))
        assert shares.shape == shape
        torch.testing.assert_close(shares.sum(1), torch.ones_like(shares[:, 0]))
        assert shares.std(0).max() > 1e-3


def test_where_a_map_has_one_row_its_coordinate_is_minus_one():
    grid = oracles_dynamic.coordinates(1, 3)
    assert grid.tolist() == [[[-1, 0, 1]], [[-1, -1, -1]]]
