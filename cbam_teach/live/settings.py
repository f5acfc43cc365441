"""The numbers inside a module that a live figure can set, found by what the parts are.

A setting is put in by a forward hook: the part's output is computed anew from its inputs with
the number given. PyTorch and the exported graph therefore run the same lines.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cbam_teach.fusion import Routed, Softmax, Sum
from cbam_teach.gates import GATES, Gate
from cbam_teach.language import problem
from cbam_teach.live.controls import Choice, Control, Flag, Range
from cbam_teach.mixing import Mix
from cbam_teach.router import Router

Values = Mapping[str, Tensor]  # name of a control of the part -> scalar
Override = Callable[[Any, tuple[Any, ...], Tensor, Values], Tensor]


@dataclass(frozen=True)
class Part:
    """A part of the module, with the controls that it takes.

    Attributes:
        path: its qualified name.
        module: the part.
        controls: by kind and, where a kind has several, the word after it.
        override: computes the part's output with the controls' values.
    """

    path: str
    module: nn.Module
    controls: dict[str, Control]
    override: Override


def gated(gate: Gate, inputs: tuple[Any, ...], output: Tensor, values: Values) -> Tensor:
    """g(z / T) with T, the gate's shape, or both given."""
    T = values.get("temperature", gate.temperature().to(output.dtype))
    z = inputs[0] * (1 / T)
    if "gate" not in values:
        return gate.squash(z)
    return torch.where(values["gate"] < 0.5, torch.sigmoid(z), F.hardsigmoid(z))


def mixed(mix: Mix, inputs: tuple[Any, ...], output: Tensor, values: Values) -> Tensor:
    """x + m · (y - x) with m given."""
    x, y = inputs
    return x + values["lambda" if mix.bounded else "mix"] * (y - x)


def fused(part: nn.Module, inputs: tuple[Any, ...], output: Tensor, values: Values) -> Tensor:
    """The weights of the two logits, by hand or the module's own."""
    by_hand = torch.stack([values["fusion.avg"], values["fusion.max"]]).view(1, 2, 1, 1)
    return torch.where(values["fusion.by_hand"] > 0.5, by_hand.to(output.dtype), output)


def routed(part: nn.Module, inputs: tuple[Any, ...], output: Tensor, values: Values) -> Tensor:
    """The shares of the branches: by hand, divided by their sum, or the router's own."""
    count = output.shape[1]
    given = torch.stack([values[f"router.{k + 1}"] for k in range(count)])  # (K,)
    shares = (given + 1e-6) / (given + 1e-6).sum()  # alike where all are 0
    shares = shares.to(output.dtype).view(1, count, 1, 1)
    return torch.where(values["router.by_hand"] > 0.5, shares, output)


def parts_of(module: nn.Module) -> list[Part]:
    """Return every part that takes a setting, in the order of ``named_modules``."""
    found = []
    for path, part in module.named_modules():
        if isinstance(part, Gate):
            shape = list(GATES).index(
                next(word for word, kind in GATES.items() if type(part.squash) is kind)
            )
            T = slider(0.1, 10, part.temperature().item(), log=True)
            controls: dict[str, Control] = {
                "temperature": T,
                "gate": Choice(tuple(GATES), start=shape),
            }
            found.append(Part(path, part, controls, gated))
        elif isinstance(part, Mix):
            name = "lambda" if part.bounded else "mix"
            found.append(Part(path, part, {name: slider(0, 1, part.amount().item())}, mixed))
        elif isinstance(part, Sum | Softmax | Routed):
            found.append(Part(path, part, by_hand("fusion", ("avg", "max"), 1.0), fused))
        elif isinstance(part, Router):
            count = cast(nn.Linear, part.mlp[-1]).out_features
            words = tuple(str(k + 1) for k in range(count))
            found.append(Part(path, part, by_hand("router", words, 1 / count), routed))
    return found


def by_hand(kind: str, words: tuple[str, ...], start: float) -> dict[str, Control]:
    """A switch, and a slider for each word."""
    sliders: dict[str, Control] = {f"{kind}.{word}": Range(0, 1, start=start) for word in words}
    return {f"{kind}.by_hand": Flag()} | sliders


def slider(least: float, most: float, start: float, *, log: bool = False) -> Range:
    """A slider that reaches at least as far as where it starts, its ends in whole hundredths."""
    low, high = math.floor(100 * start) / 100, math.ceil(100 * start) / 100
    low = low if low > 0 or not log else start
    step = None if log else 0.01
    return Range(min(least, low), max(most, high), start=start, step=step, log=log)


@dataclass(frozen=True)
class Connection:
    """A control of the figure, and the parts that follow it."""

    name: str
    control: Control
    parts: tuple[tuple[Part, str], ...]

    @property
    def alone(self) -> bool:
        """Whether it needs no other control: one of fusion or router is nothing without all."""
        return "." not in self.parts[0][1]


def known(module: nn.Module) -> dict[str, Control]:
    """Return every setting that is found in a module: its full name -> its control."""
    return {
        f"{part.path}.{kind}".lstrip("."): control
        for part in parts_of(module)
        for kind, control in part.controls.items()
    }


def names_in(module: nn.Module) -> list[str]:
    """Return the full names that `connect` knows; a fusion or router has one for all it offers."""
    pairs = [(part.path, kind.split(".")[0]) for part in parts_of(module) for kind in part.controls]
    return list(dict.fromkeys(f"{path}.{head}".lstrip(".") for path, head in pairs))


def connect(module: nn.Module, wanted: str) -> list[Connection]:
    """Find what a name stands for; an empty list where this module has nothing of the name.

    ``"temperature"`` is the temperature of every gate, ``"spatial.temperature"`` that of the
    gates below a module named spatial, and ``"fusion"`` or ``"router"`` all of their controls.
    """
    above, _, last = wanted.rpartition(".")
    gathered: dict[str, list[tuple[Part, str]]] = {}
    for part in parts_of(module):
        for kind in part.controls:
            head = kind.split(".")[0]
            if last == head and below(part.path, above):
                full = f"{above}.{kind}".lstrip(".")
                gathered.setdefault(full, []).append((part, kind))
    return [joined(name, parts) for name, parts in gathered.items()]


def below(path: str, above: str) -> bool:
    """Whether the steps of ``above`` follow each other somewhere in ``path``."""
    return not above or f".{above}." in f".{path}."


def joined(name: str, parts: list[tuple[Part, str]]) -> Connection:
    """One control for several parts; refused where they do not start alike."""
    controls = [part.controls[kind] for part, kind in parts]
    if any(control != controls[0] for control in controls):
        raise problem(
            ValueError, "live.error.start", name=name,
            given=[str(control.start) for control in controls],
            allowed=[f"{part.path}.{kind}".lstrip(".") for part, kind in parts],
        )  # fmt: skip
    return Connection(name, controls[0], tuple(parts))


@contextmanager
def connected(connections: list[Connection], values: Values) -> Iterator[None]:
    """Let the parts follow the values, inside the ``with`` block."""
    given: dict[int, tuple[Part, dict[str, Tensor]]] = {}
    for connection in connections:
        if connection.name not in values:
            continue
        for part, kind in connection.parts:
            given.setdefault(id(part.module), (part, {}))[1][kind] = values[connection.name]

    def follow(part: Part, numbers: Values) -> Callable[..., Tensor]:
        return lambda module, inputs, output: part.override(module, inputs, output, numbers)

    handles = [
        part.module.register_forward_hook(follow(part, numbers)) for part, numbers in given.values()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
