"""What was seen in one forward pass: a graph of values."""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Step:
    """One operation. ``op`` is its name without the mark of an operation in place."""

    op: str
    inputs: tuple[int, ...]  # the values it was given
    outputs: tuple[int, ...]
    scope: tuple[str, ...]  # the modules it runs in, the outermost first
    constants: tuple[Any, ...] = ()  # its other arguments


@dataclass
class Call:
    """One call of a module, by its qualified name: the values that went in and came out."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...] = ()


@dataclass
class Record:
    """What was seen in one pass. Value 0 is the block's input."""

    steps: list[Step] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)  # of each value
    leaves: dict[int, str] = field(default_factory=dict)  # value -> name of a parameter or buffer
    output: int = -1
    result: Tensor | None = None  # the block's output
    kept: dict[int, Tensor] = field(default_factory=dict)
    error: Exception | None = None  # what the pass ended with
    failed: Step | None = None  # the operation that raised
    failed_in: tuple[str, ...] = ()  # the modules that were running when it was raised
