"""Look at the masks of a model while it runs, without touching the model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.language import problem
from cbam_teach.mask import Mask, Shares


@contextmanager
def trace(model: nn.Module, *, graph: bool = False) -> Iterator[dict[str, Tensor]]:
    """Record every mask, and the shares of every router, computed inside the ``with`` block.

    >>> with trace(model) as maps:
    ...     model(x)
    >>> maps["res1.attention.channel.mask"].shape  # (B, C, 1, 1)

    Args:
        model: any module; every `Mask` and `Shares` inside it is recorded, at any depth.
        graph: whether what is recorded stays in the graph, for a loss made of masks;
            otherwise it is detached.

    Yields:
        A dictionary from qualified name, as `named_modules` gives it, to the output of the
        last call. A `Mask` that is itself the model has the name ``""``.

    Raises:
        TypeError: when ``model`` is not a module, or ``graph`` is not True or False.
    """
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner="trace",
            given=named(model), allowed="nn.Module",
        )  # fmt: skip
    checks.flag("trace", "graph", graph)
    maps: dict[str, Tensor] = {}

    def recorder(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def record(module: nn.Module, inputs: Any, output: Tensor) -> None:
            maps[name] = output if graph else output.detach()

        return record

    handles = [
        module.register_forward_hook(recorder(name))
        for name, module in model.named_modules()
        if isinstance(module, Mask | Shares)
    ]
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()
