"""What an operation is given, what it writes to, and the two halves of one that does two things."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

#: One of these in one step hides a product and a sum; they are taken apart.
TAKEN_APART = ("addcmul", "addcmul_", "lerp", "lerp_")


#: The usual leaves; asked for first, since every operation of a pass comes here.
LEAVES = frozenset({Tensor, nn.Parameter, int, float, bool, type(None), torch.dtype})


def flat(given: Any) -> list[Any]:
    """Return what tuples, lists and dictionaries in each other hold; anything else is a leaf."""
    if type(given) in LEAVES or not isinstance(given, (tuple, list, Mapping)):
        return [given]
    leaves = []
    for part in given.values() if isinstance(given, Mapping) else given:
        if type(part) in LEAVES:
            leaves.append(part)
        else:
            leaves += flat(part)
    return leaves


def tensors(given: Any) -> list[Tensor]:
    """Return the tensors among these leaves, such as those that a module returned."""
    return [leaf for leaf in flat(given) if isinstance(leaf, Tensor)]


def home(tensor: Tensor) -> int:
    """Return where the tensor's storage lies, or its id where it has none."""
    try:
        return tensor.untyped_storage().data_ptr() or id(tensor)
    except (NotImplementedError, RuntimeError):
        return id(tensor)


def overwritten(func: Any, args: Any, kwargs: dict[str, Any]) -> Iterator[Tensor]:
    """Yield the tensors that an operation writes to, as its schema says."""
    for place, name in writes(func):
        given = args[place] if place < len(args) else kwargs.get(name)
        yield from tensors(given)


@cache
def writes(func: Any) -> tuple[tuple[int, str], ...]:
    """Return the place and name of each argument that an operation writes to."""
    arguments = enumerate(func._schema.arguments)
    return tuple((place, a.name) for place, a in arguments
                 if a.alias_info is not None and a.alias_info.is_write)  # fmt: skip


def taken_apart(name: str, args: Any, kwargs: dict[str, Any]) -> Tensor:
    """Do the same as one of `TAKEN_APART`, by a product and a sum."""
    start, one, two = args[0], args[1], args[2] if len(args) > 2 else kwargs.get("weight")
    if name.startswith("addcmul"):
        out = start + one * two * kwargs.get("value", 1)
    else:
        out = start + (one - start) * two
    return start.copy_(out) if name.endswith("_") else out
