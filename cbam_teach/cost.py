"""What a model costs: its parameters, and its multiply–adds for one input."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.language import problem


@dataclass(frozen=True)
class Cost:
    """The cost of a model.

    Args:
        parameters: how many numbers its parameters hold, frozen ones too, shared ones once;
            buffers, such as the running statistics of a batch norm, are not among them.
        multiply_adds: products, each with its addition, for one input.
    """

    parameters: int
    multiply_adds: int


def count(model: nn.Module, size: Sequence[int]) -> Cost:
    """Count the parameters of a model and its multiply–adds for one input.

    Counted are convolutions, matrix products (linear layers among them) and scaled dot-product
    attention, as `torch.utils.flop_counter` counts them, halved: out-channels × in-channels per
    group × kernel positions for each output position of a convolution, those on the padding too.
    Not counted are bias terms, batch norms, activations, pooling, sums, products of a map with
    its mask, and resampling. Papers count likewise.

    A copy without numbers runs in evaluation mode (PyTorch's "meta" device, where the masks of
    this package take the steps of `cbam_teach.plain`), so that the model itself, its mode, its
    state and its device stay as they are, and no memory for feature maps is needed.

    Args:
        model: takes one tensor (1, *size).
        size: of one input without the batch, such as (3, 224, 224).

    Raises:
        TypeError: when ``model`` is no module or ``size`` no sequence of integers.
        ValueError: when ``size`` holds a number below 1; and whatever the model raises for
            an input of that size.
    """
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner="count", given=named(model), allowed="nn.Module"
        )
    checks.sequence("count", "size", size)
    for length in size:
        checks.integer("count", "size", length)
    shadow = copy.deepcopy(model).to("meta").eval()
    like = next(shadow.parameters(), torch.empty(0))
    x = torch.empty(1, *size, device="meta", dtype=like.dtype)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        shadow(x)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return Cost(parameters, counter.get_total_flops() // 2)
