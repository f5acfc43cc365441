"""A module that a reader can turn the knobs of, in a notebook and in the page of the book."""

import hashlib
import itertools
import time
from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import ipywidgets
import torch
import traitlets
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.language import problem
from cbam_teach.live import describe, join
from cbam_teach.live.controls import AnyControl
from cbam_teach.live.export import can_export, to_onnx
from cbam_teach.live.pictures import read_pictures
from cbam_teach.live.program import Program, read_controls
from cbam_teach.live.views import View

OWN = -1  # the number of the reader's own picture
_numbers = itertools.count(1)


class LiveFigure(anywidget.AnyWidget):
    """A figure that computes anew whenever a control is moved.

    In a notebook the module in memory computes, with whatever was changed in it since. In the
    page of the book its exported graph does, without a kernel.

    >>> LiveFigure(CBAM(3), picture, controls=("temperature", "gate"), views=("spatial.mask",))

    Args:
        module: what runs, or a dictionary from name to module: the figure then offers a choice.
            It takes the picture as (1, C, H, W), and scalars by name if it likes; it returns a
            tensor, called "output", or a dictionary of named ones.
        image: (C, H, W) or (1, C, H, W), or a dictionary from name to picture, all of one size.
            Brightness in [0, 1] of 1 or 3 channels is kept in 8 bits.
        controls: names, or a dictionary from name to `Range`, `Choice`, `Flag` or `Drag`. A name
            is a scalar that ``forward`` takes, or a setting found in the module: "temperature",
            "gate", "mix", "lambda", "fusion", "router", with the name of a module before it to
            mean those below it only: "spatial.temperature".
        views: names of outputs, or `View`s. An output is what the module returns, and every mask
            and every share inside it, by the end of its qualified name: "spatial.mask".
        own: whether a reader may bring a picture; only for 1 or 3 channels.
        compare: whether two of several modules can be seen side by side.
        call: the name of a function that makes this figure; then its present setting can be
            copied as a call of it, and as a link.
        title: what the figure is called for who does not see it.

    Every control is a trait of its own, with dots as underscores: ``figure.spatial_temperature``
    can be set, observed and linked. None: as the module has it.

    Attributes:
        variant, against: the place of the module shown, and of that beside it (-1: none).
        picture: the place of the picture shown (-1: the reader's own).

    Raises:
        TypeError, ValueError: for an argument that is not allowed, and where a module cannot be
            written as a graph; the error then names the operator. Without the packages onnx and
            onnxscript no graph is written, and only a kernel computes.
    """

    _esm = join.as_module()
    _css = join.style()

    spec = traitlets.Dict().tag(sync=True)
    models = traitlets.List(traitlets.Bytes()).tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)
    variant = traitlets.Int(0).tag(sync=True)
    against = traitlets.Int(-1).tag(sync=True)
    picture = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        module: nn.Module | Mapping[str, nn.Module],
        image: Tensor | Mapping[str, Tensor],
        *,
        controls: Sequence[str] | Mapping[str, AnyControl] = (),
        views: Sequence[str | View] = ("output",),
        own: bool = False,
        compare: bool = False,
        call: str | None = None,
        title: str | None = None,
    ) -> None:
        self.modules = read_modules(module)
        self.album = read_pictures(image)
        checks.flag("LiveFigure", "own", own)
        checks.flag("LiveFigure", "compare", compare)
        asked = read_controls(self.modules, controls)
        programs = {name: Program(each, asked) for name, each in self.modules.items()}
        self.programs = programs
        self.shown = shown = describe.choose(programs, self.album.images[:1], views)
        number = next(_numbers)
        self.controls = describe.all_controls(programs)
        self.traits_of = {name: trait_name(type(self), name) for name in self.controls}
        super().__init__(
            model_id=identity(f"figure {number}"),
            layout=ipywidgets.Layout(model_id=identity(f"layout {number}")),
        )
        self.add_traits(
            **{
                trait: traitlets.Float(None, allow_none=True).tag(sync=True)
                for trait in self.traits_of.values()
            }
        )
        self.spec = describe.spec(
            programs, asked, self.traits_of, shown, self.album,
            own=own and self.album.kind == "uint8", compare=compare, call=call,
            title=title or ", ".join(dict.fromkeys(checks.named(m) for m in self.modules.values())),
        )  # fmt: skip
        self.pictures = self.album.data()
        if can_export():
            example = self.album.images[:1]
            self.models = [
                to_onnx(program, example, list(shown.found[name]))
                for name, program in programs.items()
            ]
        self.on_msg(self.answer)
        self.observe(self.refuse, list(self.traits_of.values()))

    def settings(self, variant: int | None = None) -> dict[str, float]:
        """Return the number of each control for a variant, the shown one if none is named."""
        program = list(self.programs.values())[self.variant if variant is None else variant]
        starts = program.starts()
        given = {name: getattr(self, self.traits_of[name]) for name in program.controls}
        return {n: float(starts[n] if value is None else value) for n, value in given.items()}

    def compute(self, variant: int | None = None, image: Tensor | None = None) -> dict[str, Tensor]:
        """Return what the views show, as PyTorch computes it at the present settings.

        Args:
            variant: the place of the module; the shown one if none is named.
            image: (1, C, H, W); the picture shown if none is given.
        """
        place = self.variant if variant is None else variant
        picture = self.album.images[self.picture][None] if image is None else image
        return self.run(place, self.settings(place), picture)

    def run(self, place: int, numbers: Mapping[str, float], image: Tensor) -> dict[str, Tensor]:
        values = list(self.programs.values())[place].compute(image, numbers)
        names = [output["name"] for output in self.spec["variants"][place]["outputs"]]
        return dict(zip(names, values, strict=True))

    def answer(self, widget: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        """Compute for the front end; what goes wrong is said there and raises nothing here."""
        if content.get("kind") == "hello":
            self.send({"kind": "here"})
        if content.get("kind") != "run":
            return
        back = {"id": content.get("id"), "variant": content.get("variant")}
        try:
            started = time.perf_counter()
            place = int(content["picture"])
            image = self.album.images[place][None] if place != OWN else self.own(buffers[0])
            values = self.run(int(content["variant"]), content["settings"], image)
            data = [
                v.detach().float().cpu().contiguous().numpy().tobytes() for v in values.values()
            ]
            spent = 1000 * (time.perf_counter() - started)
            self.send({"kind": "ran", "milliseconds": spent, **back}, data)
        except Exception as error:
            self.send({"kind": "failed", "message": f"{type(error).__name__}: {error}", **back})

    def own(self, data: Any) -> Tensor:
        """Return the reader's own picture, float32 (C, H, W) as it came."""
        numbers = torch.frombuffer(bytearray(data), dtype=torch.float32)
        return numbers.reshape(1, *self.album.images.shape[1:])

    def refuse(self, change: Any) -> None:
        """Put back what was there before, and say what would have been allowed."""
        name = next(n for n, trait in self.traits_of.items() if trait == change["name"])
        if change["new"] is None:
            return
        try:
            self.controls[name].check(change["name"], change["new"])
        except (TypeError, ValueError):
            self.set_trait(change["name"], change["old"])
            raise

    def __repr__(self) -> str:
        names = ", ".join(self.modules) if len(self.modules) > 1 else self.spec["title"]
        knobs = ", ".join(self.controls)
        return f"LiveFigure({names}; {knobs})" if knobs else f"LiveFigure({names})"

    def draw(self) -> bytes:
        """Return the static picture of what is shown now, as a PNG."""
        picture = self.album.images[max(self.picture, 0)][None]
        return describe.still(self.shown, self.compute(image=picture), picture)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        png = self.draw()
        self.still = describe.as_address(png)
        return {**data, "text/plain": repr(self), "image/png": describe.as_text(png)}, metadata


def read_modules(module: object) -> dict[str, nn.Module]:
    """Return name -> module; one module alone has the empty name."""
    given = dict(module) if isinstance(module, Mapping) else {"": module}
    for value in given.values():
        if not isinstance(value, nn.Module):
            raise problem(
                TypeError, "error.module", owner="LiveFigure", given=checks.named(value),
                allowed="nn.Module",
            )  # fmt: skip
    checks.integer("LiveFigure", "len(module)", len(given))
    return {str(name): value for name, value in given.items() if isinstance(value, nn.Module)}


def trait_name(owner: type, control: str) -> str:
    """Return the attribute under which a control is kept."""
    name = control.replace(".", "_")
    name = name if name.isidentifier() and name != "lambda" else f"set_{name}"
    return f"set_{name}" if hasattr(owner, name) else name


def identity(what: str) -> str:
    """Return a model id that is the same in every run of a notebook."""
    return hashlib.sha256(f"cbam_teach live {what}".encode()).hexdigest()[:32]
