"""What a live figure's front end is told: the figure in words, names and numbers."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from torch import Tensor, nn

from cbam_teach.checks import named
from cbam_teach.language import get_language, problem, words
from cbam_teach.live import still as drawing
from cbam_teach.live.controls import AnyControl, Control, Drag, Range, check_drag, spoken
from cbam_teach.live.pictures import Album
from cbam_teach.live.program import MASK, Program
from cbam_teach.live.views import IMAGE, View, check_fit, usual
from cbam_teach.mask import Mask, Shares

VERSION = 1
COLOURS, DIVERGING = 64, 65


@dataclass(frozen=True)
class Shown:
    """The views of a figure, and the outputs that they need.

    Attributes:
        views: in the order shown.
        outputs: the names of the outputs, each once.
        found: variant -> output -> its value at the start; an output may be missing in some.
        bounded: the outputs that are masks or shares.
        shares: the outputs that are shares.
    """

    views: list[View]
    outputs: list[str]
    found: dict[str, dict[str, Tensor]]
    bounded: set[str]
    shares: set[str]


def choose(programs: Mapping[str, Program], image: Tensor, views: Sequence[str | View]) -> Shown:
    """Find the outputs that the views want in every variant; refuse a view that none has."""
    if isinstance(views, str) or not isinstance(views, tuple | list) or not views:
        raise problem(
            TypeError, "live.error.views", given=named(views), allowed='("output", …), [View(…), …]'
        )
    asked = [view.of if isinstance(view, View) else view for view in views]
    outputs = [of for of in dict.fromkeys(asked) if of != IMAGE]
    found = {name: program.choose(image, outputs) for name, program in programs.items()}
    values: dict[str, list[Tensor]] = {IMAGE: [image]}
    for some in found.values():
        for of, value in some.items():
            values.setdefault(of, []).append(value)
    for of in outputs:
        if of not in values:
            known = {name for program in programs.values() for name in program.names(image)}
            raise problem(
                ValueError, "live.error.output", name=of, given=repr(of),
                allowed=sorted({IMAGE, *known}),
            )  # fmt: skip
    full = [v if isinstance(v, View) else usual(v, max(values[v], key=Tensor.numel)) for v in views]
    for view in full:
        for value in values[view.of]:
            check_fit(view, value)
    kinds = {of: kind_of(of, programs, found) for of in outputs}
    bounded = {of for of, kind in kinds.items() if kind is not None}
    shares = {of for of, kind in kinds.items() if kind is Shares}
    return Shown(full, outputs, found, bounded, shares)


def kind_of(
    of: str, programs: Mapping[str, Program], found: Mapping[str, Mapping[str, Tensor]]
) -> type[nn.Module] | None:
    """Return `Mask` or `Shares` for an output of such a module, else None."""
    for variant, program in programs.items():
        parts = {path or MASK: part for path, part in program.module.named_modules()}
        part = parts.get(dict(zip(found[variant], program.outputs, strict=True)).get(of, ""))
        if isinstance(part, Mask | Shares):
            return Shares if isinstance(part, Shares) else Mask
    return None


def all_controls(programs: Mapping[str, Program]) -> dict[str, Control]:
    """Return the controls of all variants; a slider reaches as far as any variant's does."""
    gathered: dict[str, Control] = {}
    for program in programs.values():
        for name, control in program.controls.items():
            first = gathered.setdefault(name, control)
            if isinstance(first, Range) and isinstance(control, Range):
                least, most = min(first.least, control.least), max(first.most, control.most)
                gathered[name] = replace(first, least=least, most=most)
    return gathered


def spec(
    programs: Mapping[str, Program],
    asked: Mapping[str, AnyControl | None],
    traits: Mapping[str, str],
    shown: Shown,
    album: Album,
    *,
    own: bool,
    compare: bool,
    call: str | None,
    title: str,
) -> dict[str, Any]:
    """Return the whole description of a figure, in the language in use."""
    language = get_language()
    controls = all_controls(programs)
    for name, control in asked.items():
        if isinstance(control, Drag):
            check_drag(name, control, controls, [view.kind for view in shown.views])
    first = next(iter(programs.values())).starts()
    return {
        "version": VERSION,
        "language": language,
        "title": title,
        "words": ui_words(language),
        "palette": palette("cividis", COLOURS),
        "diverging": palette("PuOr", DIVERGING),
        "own": own,
        "compare": compare,
        "share": None if call is None else {"call": call},
        "image": album.describe(),
        "variants": [
            {
                "name": name,
                "label": name,
                "controls": list(program.controls),
                "starts": program.starts(),
                "outputs": [
                    {"name": of, "shape": list(value.shape), "shares": of in shown.shares}
                    for of, value in shown.found[name].items()
                ],
            }
            for name, program in programs.items()
        ],
        "controls": [
            {"name": name, "trait": traits[name], "label": spoken("control", name)}
            | control.describe()
            | {"start": first.get(name, start_of(programs, name))}
            for name, control in controls.items()
        ]
        + [
            {"name": name, "trait": None, "label": spoken("control", name)} | control.describe()
            for name, control in asked.items()
            if isinstance(control, Drag)
        ],
        "views": [view.describe(view.of in shown.bounded) for view in shown.views],
    }  # fmt: skip


def start_of(programs: Mapping[str, Program], name: str) -> float:
    """Return where a control stands in the first variant that has it."""
    return next(p.starts()[name] for p in programs.values() if name in p.controls)


def ui_words(language: str) -> dict[str, str]:
    """Return the front end's own words in a language."""
    return {key: each[language] for key, each in words().items() if key.startswith("live.ui.")}


@cache
def palette(name: str, count: int) -> list[str]:
    """Return evenly spaced colours of one of matplotlib's maps, its low end first."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [str(to_hex(colormaps[name](i / (count - 1)))) for i in range(count)]


def drawn(shown: Shown, values: Mapping[str, Tensor]) -> list[tuple[View, bool]]:
    """Return the views that these values have, each with whether it is a mask's or a share's."""
    return [(v, v.of in shown.bounded) for v in shown.views if v.of in {IMAGE, *values}]


def still(shown: Shown, values: Mapping[str, Tensor], image: Tensor) -> bytes:
    """Return the static picture of a figure's values, as a PNG."""
    return drawing.draw(drawn(shown, values), values, image, shown.shares)


def as_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def as_address(png: bytes) -> str:
    """Return a picture as an address that holds it, in few bytes."""
    return f"data:image/webp;base64,{as_text(drawing.lighter(png))}"
