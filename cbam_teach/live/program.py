"""A module as a function of a picture and some numbers, which PyTorch and the page both run."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.checks import named
from cbam_teach.diagnostics import at_rest, home
from cbam_teach.language import problem
from cbam_teach.live.controls import AnyControl, Control, Drag
from cbam_teach.live.settings import Connection, connect, connected
from cbam_teach.trace import trace

OUTPUT = "output"  # the name of what a module returns, unless it returns names itself
MASK = "mask"  # the name of the map of a module that is itself a mask


class Program(nn.Module):
    """Run a module with some of its numbers given, and return the maps that are asked for.

    Args:
        module: what runs. Its ``forward`` takes the picture, and may take scalars by name
            after it; it returns a tensor, or a dictionary from name to tensor.
        controls: the names of the settings wanted, or a dictionary from name to control.
            A name is a scalar of ``forward``, for which a control is needed, or that of a
            setting found in the module (`settings.connect`).

    Attributes:
        controls: name -> control, those that do something here, in the order asked for.

    Shape:
        (B, C, H, W) and one scalar per control -> a tuple of the outputs chosen.
    """

    def __init__(self, module: nn.Module, controls: Mapping[str, AnyControl | None]) -> None:
        super().__init__()
        self.module = module
        self.own: list[str] = []
        self.kept: set[str] = set()  # settings that the module has itself where none is given
        self.connections: list[Connection] = []
        self.controls: dict[str, Control] = {}
        self.outputs: tuple[str, ...] = ()
        scalars = scalars_of(module)
        for name, control in controls.items():
            if isinstance(control, Drag):
                continue
            if name in scalars:
                if control is None:
                    raise problem(
                        ValueError, "live.error.range", name=name,
                        given=name, allowed=f"{{{name!r}: Range(0, 1, start=0.5)}}",
                    )  # fmt: skip
                self.own.append(name)
                self.controls[name] = control
                continue
            for connection in connect(module, name):
                self.check(connection, control)
                self.connections.append(connection)
                if connection.alone and (control is None or control.start is None):
                    self.kept.add(connection.name)
                self.controls[connection.name] = control or connection.control
        missing = scalars - set(self.own)
        if missing:
            raise problem(
                ValueError, "live.error.scalars", module=named(module),
                given=list(self.controls), allowed=sorted(missing),
            )  # fmt: skip

    def check(self, connection: Connection, control: Control | None) -> None:
        """Refuse a control of another kind, and a part that two controls would set."""
        if control is not None and type(control) is not type(connection.control):
            raise problem(
                TypeError, "live.error.control", name=connection.name, given=named(control),
                allowed=type(connection.control).__name__,
            )  # fmt: skip
        for other in self.connections:
            if {(id(p.module), kind) for p, kind in other.parts} & {
                (id(p.module), kind) for p, kind in connection.parts
            }:
                raise problem(
                    ValueError, "live.error.twice",
                    given=[other.name, connection.name], allowed=[other.name],
                )  # fmt: skip

    def starts(self) -> dict[str, float]:
        """Return where each control stands at first in this module."""
        starts = {c.name: c.control.start for c in self.connections}
        for name, control in self.controls.items():
            if control.start is not None:
                starts[name] = control.start
            elif name not in starts:
                starts[name] = min(max(0, control.least), control.most)
        return {name: float(starts[name] or 0) for name in self.controls}

    def maps(self, image: Float[Tensor, "b c h w"], values: Mapping[str, Tensor]) -> dict[str, Any]:
        """Return everything that can be looked at, by name."""
        with connected(self.connections, values), trace(self.module) as maps:
            out = self.module(
                image.to(width(self, image)), **{name: values[name] for name in self.own}
            )
        found = out if isinstance(out, dict) else {OUTPUT: out}
        for value in found.values():
            if not isinstance(value, Tensor):
                raise problem(
                    TypeError, "live.error.returned", module=named(self.module),
                    given=named(value), allowed="torch.Tensor, {name: torch.Tensor}",
                )  # fmt: skip
        return {name or MASK: value for name, value in maps.items()} | found

    def choose(self, image: Float[Tensor, "b c h w"], wanted: Sequence[str]) -> dict[str, Tensor]:
        """Keep those outputs of ``wanted`` that this module has; return them at the start."""
        maps = self.look(image)
        found = {of: name for of in wanted if (name := match(of, maps)) is not None}
        self.outputs = tuple(found.values())
        return {of: maps[name] for of, name in found.items()}

    def names(self, image: Float[Tensor, "b c h w"]) -> list[str]:
        """Return the name of everything that can be looked at."""
        return list(self.look(image))

    def look(self, image: Float[Tensor, "b c h w"]) -> dict[str, Any]:
        """Return all maps at the start, by name; the module keeps its mode."""
        image = image.to(home(self, image))
        with at_rest(self):
            return self.maps(image, self.scalars(self.starts(), image))

    def compute(
        self, image: Float[Tensor, "b c h w"], numbers: Mapping[str, float]
    ) -> tuple[Tensor, ...]:
        """Return the outputs chosen, where the module is; the module keeps its mode.

        A setting without a number stays as the module has it now.
        """
        image = image.to(home(self, image))
        scalars = self.scalars(self.starts() | dict(numbers), image)
        given = {n: v for n, v in scalars.items() if n in numbers or n not in self.kept}
        with at_rest(self):
            return self.chosen(image, given)

    def scalars(self, numbers: Mapping[str, float], image: Tensor) -> dict[str, Tensor]:
        """Return the numbers as scalars beside the picture, in the order of the controls."""
        return {
            name: torch.tensor(float(numbers[name]), dtype=image.dtype, device=image.device)
            for name in self.controls
        }

    def chosen(
        self, image: Float[Tensor, "b c h w"], values: Mapping[str, Tensor]
    ) -> tuple[Tensor, ...]:
        maps = self.maps(image, values)
        return tuple(maps[name].float() for name in self.outputs)

    def forward(self, image: Float[Tensor, "b c h w"], *numbers: Tensor) -> tuple[Tensor, ...]:
        return self.chosen(image, dict(zip(self.controls, numbers, strict=True)))


def width(module: nn.Module, image: Tensor) -> torch.dtype:
    """Return the type of a module's first real parameter or buffer, or that of the picture."""
    tensors = (*module.parameters(), *module.buffers(), image)
    return next(tensor.dtype for tensor in tensors if tensor.is_floating_point())


def match(of: str, maps: Mapping[str, Any]) -> str | None:
    """Return the output that ``of`` names: all of its name, or the one that ends in it."""
    if of in maps:
        return of
    ending = [name for name in maps if name.endswith(f".{of}")]
    if len(ending) > 1:
        raise problem(ValueError, "live.error.output", name=of, given=of, allowed=ending)
    return ending[0] if ending else None


def scalars_of(module: nn.Module) -> set[str]:
    """Return the names of what ``forward`` takes after the picture, as far as it must be given."""
    return {
        item.name
        for item in list(inspect.signature(module.forward).parameters.values())[1:]
        if item.default is item.empty and item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
    }
