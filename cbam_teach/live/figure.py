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
from cbam_teach.live.arguments import check_text, read_controls, read_modules, trait_names
from cbam_teach.live.controls import AnyControl, whole
from cbam_teach.live.export import are_wanted, can_export, to_onnx
from cbam_teach.live.pictures import read_pictures
from cbam_teach.live.program import Program
from cbam_teach.live.views import View

OWN = -1  # the number of the reader's own picture
TAKEN = ("alt", "id")  # names that the page and the builder give to something else
_numbers = itertools.count(1)


class LiveFigure(anywidget.AnyWidget):
    """A figure that computes anew whenever a control is moved.

    In a notebook the module in memory computes, with whatever was changed in it since. In the
    page of the book its exported graph does, without a kernel.

    >>> LiveFigure(CBAM(3), picture, controls=("temperature", "gate"), views=("spatial.mask",))

    Args:
        module: what runs, or a dictionary from name to module: the figure then offers a choice.
            It takes the picture as (1, C, H, W), and scalars by name if it likes; it returns a
            tensor, called "output", or a dictionary of named ones. It runs in evaluation mode and
            gets its modes back; the page computes in float32 whatever the module's precision.
        image: (C, H, W) or (1, C, H, W), or a dictionary from name to picture, all of one size.
            Brightness in [0, 1] of 1 or 3 channels is kept in 8 bits.
        controls: names, or a dictionary from name to `Range`, `Choice`, `Flag` or `Drag`. A name
            is a scalar that ``forward`` takes, or a setting found in the module: "temperature",
            "gate", "mix", "lambda", "fusion", "router", with the name of a module before it to
            mean those below it only: "spatial.temperature".
        views: names of outputs, or `View`s. An output is what the module returns, and every mask
            and every share inside it, by the end of its qualified name: "spatial.mask".
        own: whether a reader may bring a picture; only where those given are brightness.
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
        check_text("call", call)
        check_text("title", title)
        if own and self.album.kind != "uint8":
            raise problem(
                ValueError, "live.error.own", given=str(tuple(self.album.images.shape[1:])),
                allowed="(1, H, W), (3, H, W)",
            )  # fmt: skip
        asked = read_controls(self.modules, controls)
        programs = {name: Program(each, asked) for name, each in self.modules.items()}
        self.programs = programs
        self.shown = shown = describe.choose(programs, self.album.images[:1], views)
        self.controls = describe.all_controls(programs)
        self.brought = self.album.images[0]
        self.traits_of: dict[str, str] = {}
        self.traits_of = trait_names(type(self), self.controls, {*vars(self), *TAKEN})
        spec = describe.spec(
            programs, asked, self.traits_of, shown, self.album,
            own=own, compare=compare, call=call,
            title=title or ", ".join(dict.fromkeys(checks.named(m) for m in self.modules.values())),
        )  # fmt: skip
        written = list(programs) if can_export() and are_wanted() else []
        number = next(_numbers)
        super().__init__(
            model_id=identity(f"figure {number}"),
            layout=ipywidgets.Layout(model_id=identity(f"layout {number}")),
            spec=spec,
            models=[self.graph(name) for name in written],
            pictures=self.album.data(),
        )
        self.add_traits(
            **{
                trait: traitlets.Float(None, allow_none=True).tag(sync=True)
                for trait in self.traits_of.values()
            }
        )
        self.on_msg(self.answer)
        self.observe(self.refuse, ["variant", "against", "picture", *self.traits_of.values()])

    def graph(self, name: str) -> bytes:
        """Return the graph of a module by its name, as `to_onnx` writes it."""
        outputs = list(self.shown.found[name])
        return to_onnx(self.programs[name], self.album.images[:1], outputs)

    def settings(self, variant: int | None = None) -> dict[str, float]:
        """Return the number of each control for a variant, the shown one if none is named."""
        place = self.variant if variant is None else variant
        return list(self.programs.values())[place].starts() | self.touched(place)

    def touched(self, variant: int) -> dict[str, float]:
        """Return the number of each control that is set, as far as the variant has it."""
        names = list(self.programs.values())[variant].controls
        given = {name: getattr(self, self.traits_of[name]) for name in names}
        return {name: value for name, value in given.items() if value is not None}

    def looked_at(self) -> Tensor:
        """Return the picture shown, (1, C, H, W): an offered one, or the last that was brought."""
        return (self.brought if self.picture == OWN else self.album.images[self.picture])[None]

    def compute(self, variant: int | None = None, image: Tensor | None = None) -> dict[str, Tensor]:
        """Return what the views show, as PyTorch computes it at the present settings.

        Args:
            variant: the place of the module; the shown one if none is named.
            image: (1, C, H, W); the picture shown if none is given.
        """
        place = self.variant if variant is None else variant
        return self.run(place, self.touched(place), self.looked_at() if image is None else image)

    def run(self, place: int, numbers: Mapping[str, float], image: Tensor) -> dict[str, Tensor]:
        """Compute a variant; a setting without a number stays as the module has it now."""
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
            place, picture = int(content["variant"]), int(content["picture"])
            if picture == OWN:
                self.brought = self.own(buffers[0])
            image = self.brought if picture == OWN else self.album.images[picture]
            starts = self.spec["variants"][place]["starts"]  # what it sends for what nobody touched
            moved = {name: v for name, v in content["settings"].items() if v != starts.get(name)}
            values = self.run(place, moved, image[None])
            data = [v.cpu().contiguous().numpy().tobytes() for v in values.values()]
            spent = 1000 * (time.perf_counter() - started)
            self.send({"kind": "ran", "milliseconds": spent, **back}, data)
        except Exception as error:
            self.send({"kind": "failed", "message": f"{type(error).__name__}: {error}", **back})

    def own(self, data: Any) -> Tensor:
        """Return the reader's own picture, float32 (C, H, W) as it came."""
        numbers = torch.frombuffer(bytearray(data), dtype=torch.float32)
        return numbers.reshape(self.album.images.shape[1:])

    def refuse(self, change: Any) -> None:
        """Put back what was there before, and say what would have been allowed."""
        name, new = change["name"], change["new"]
        try:
            if name in ("variant", "against"):
                whole(name, new, len(self.programs), least=0 if name == "variant" else -1)
            elif name == "picture":
                whole(name, new, len(self.album.images), least=OWN)
            elif new is not None:
                control = next(n for n, trait in self.traits_of.items() if trait == name)
                self.controls[control].check(name, new)
        except (TypeError, ValueError):
            self.set_trait(name, change["old"])
            raise

    def __repr__(self) -> str:
        names = ", ".join(self.modules) if len(self.modules) > 1 else self.spec["title"]
        knobs = ", ".join(self.controls)
        return f"LiveFigure({names}; {knobs})" if knobs else f"LiveFigure({names})"

    def draw(self) -> bytes:
        """Return the static picture of what is shown now, as a PNG."""
        return describe.still(self.shown, self.compute(), self.looked_at())

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        png = self.draw()
        self.still = describe.as_address(png)
        return {**data, "text/plain": repr(self), "image/png": describe.as_text(png)}, metadata


def identity(what: str) -> str:
    """Return a model id that is the same in every run of a notebook."""
    return hashlib.sha256(f"cbam_teach live {what}".encode()).hexdigest()[:32]
