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
from cbam_teach.live.controls import AnyControl, Control, Drag, require
from cbam_teach.live.settings import Connection, connect, connected, known
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
            found = connect(module, name)
            self.connections += found
            for connection in found:
                self.controls[connection.name] = control or connection.control
        missing = scalars - set(self.own)
        if missing:
            raise problem(
                ValueError, "live.error.scalars", module=named(module),
                given=list(self.controls), allowed=sorted(missing),
            )  # fmt: skip

    def starts(self) -> dict[str, float]:
        """Return where each control stands at first in this module."""
        found = {c.name: c.control.start for c in self.connections}
        chosen = {name: control.start for name, control in self.controls.items()}
        return {
            name: float(start if start is not None else found.get(name, 0) or 0)
            for name, start in chosen.items()
        }

    def maps(self, image: Float[Tensor, "b c h w"], values: Mapping[str, Tensor]) -> dict[str, Any]:
        """Return everything that can be looked at, by name."""
        with connected(self.connections, values), trace(self.module) as maps:
            out = self.module(image, **{name: values[name] for name in self.own})
        found = out if isinstance(out, dict) else {OUTPUT: out}
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
        """Return the outputs chosen, where the module is; the module keeps its mode."""
        image = image.to(home(self, image))
        with at_rest(self):
            return self(image, *self.scalars(numbers, image).values())

    def scalars(self, numbers: Mapping[str, float], image: Tensor) -> dict[str, Tensor]:
        """Return the numbers as scalars beside the picture, in the order of the controls."""
        return {
            name: torch.tensor(float(numbers[name]), dtype=image.dtype, device=image.device)
            for name in self.controls
        }

    def forward(self, image: Float[Tensor, "b c h w"], *numbers: Tensor) -> tuple[Tensor, ...]:
        maps = self.maps(image, dict(zip(self.controls, numbers, strict=True)))
        return tuple(maps[name] for name in self.outputs)


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
    _, *others = inspect.signature(module.forward).parameters.values()
    return {
        item.name
        for item in others
        if item.default is item.empty and item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
    }


def read_controls(
    modules: Mapping[str, nn.Module], controls: Sequence[str] | Mapping[str, AnyControl]
) -> dict[str, AnyControl | None]:
    """Return name -> control, or None where it is to be found; refuse what no module has."""
    if isinstance(controls, Mapping):
        asked: dict[str, AnyControl | None] = dict(controls)
        for name, given in controls.items():
            require(name, given)
    elif isinstance(controls, tuple | list):
        asked = dict.fromkeys(controls)
    else:
        raise problem(
            TypeError, "live.error.controls", given=named(controls),
            allowed='("temperature", …), {"rows": Range(0, 1)}',
        )  # fmt: skip
    for name, control in asked.items():
        if isinstance(control, Drag):
            continue
        if not any(name in scalars_of(m) or connect(m, name) for m in modules.values()):
            choices = sorted({*(n for m in modules.values() for n in (*scalars_of(m), *known(m)))})
            raise problem(
                ValueError, "live.error.setting", name=name, given=repr(name), allowed=choices
            )
    return asked
