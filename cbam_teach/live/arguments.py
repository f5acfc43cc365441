"""What `LiveFigure` is given: checked, and brought into one form."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from keyword import iskeyword

from torch import nn

from cbam_teach import checks
from cbam_teach.language import problem
from cbam_teach.live.controls import AnyControl, Drag, require
from cbam_teach.live.program import scalars_of
from cbam_teach.live.settings import connect, names_in


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
            TypeError, "live.error.controls", given=checks.named(controls),
            allowed='("temperature", …), {"rows": Range(0, 1)}',
        )  # fmt: skip
    for name, control in asked.items():
        if isinstance(control, Drag):
            continue
        if not any(name in scalars_of(m) or connect(m, name) for m in modules.values()):
            choices = sorted({n for m in modules.values() for n in (*scalars_of(m), *names_in(m))})
            raise problem(
                ValueError, "live.error.setting", name=name, given=repr(name), allowed=choices
            )
    return asked


def check_text(option: str, value: object) -> None:
    """Refuse what is neither a text nor None."""
    if not isinstance(value, str | None):
        raise problem(
            TypeError, "live.error.text", option=option, given=repr(value), allowed='"…", None'
        )


def trait_names(owner: type, controls: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Return control -> the attribute under which it is kept, one that nothing else has."""
    names: dict[str, str] = {}
    for control in controls:
        name = re.sub(r"\W", "_", control)
        while (
            not name.isidentifier()
            or iskeyword(name)
            or name.startswith("_")
            or hasattr(owner, name)
            or name in {*taken, *names.values()}
        ):
            name = f"set_{name}"
        names[control] = name
    return names
