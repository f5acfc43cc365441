"""``package.module:factory``, a name given on the command line, made into a module."""

import difflib
import importlib
import inspect
import traceback
from pathlib import Path
from typing import Any

from torch import nn

from cbam_teach.checks import named
from cbam_teach.language import error_line, problem, say

FORM = "package.module:factory"


def built(target: str) -> nn.Module:
    """Import what a target names, and build a module with it.

    Args:
        target: ``package.module:factory``, where the factory is a module, or a class or function
            that gives one without arguments; ``Class.make`` is allowed, too.

    Raises:
        ValueError, TypeError, RuntimeError: when that cannot be, with the reason.
    """
    path, colon, names = target.partition(":")
    if not (path and colon and names):
        raise problem(ValueError, "doctor.shell.form", given=repr(target), allowed=FORM)
    try:
        found: Any = importlib.import_module(path)
    except (Exception, SystemExit) as error:
        raise problem(
            RuntimeError, "doctor.shell.import", name=path, given=reason(error), allowed=FORM
        ) from error
    for name in names.split("."):
        if not hasattr(found, name):
            known = [part for part in dir(found) if not part.startswith("_")]
            near = difflib.get_close_matches(name, known, n=5) or known[:5]
            raise problem(
                ValueError, "doctor.shell.attribute", name=path, given=repr(name), allowed=near
            )
        found = getattr(found, name)
    model = found if isinstance(found, nn.Module) else call(found, names)
    if not isinstance(model, nn.Module):
        given = f"{names}() -> {type(model).__name__}"
        raise problem(TypeError, "doctor.shell.build", name=names, given=given, allowed="nn.Module")
    return model


def call(factory: Any, name: str) -> object:
    """Return what a factory gives; refuse one that cannot be called without arguments."""
    needed = required(factory) if callable(factory) else None
    if needed is None or needed:
        given = named(factory) if needed is None else f"{name}({', '.join(needed)})"
        allowed = f"nn.Module, {name}() -> nn.Module"
        raise problem(TypeError, "doctor.shell.call", name=name, given=given, allowed=allowed)
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise problem(
            RuntimeError, "doctor.shell.build", name=name, given=reason(error), allowed="nn.Module"
        ) from error


def required(factory: Any) -> list[str]:
    """Return the names of the arguments without which a factory cannot be called."""
    try:
        wanted = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # some that are written in C do not tell
        return []
    loose = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in wanted if p.default is p.empty and p.kind not in loose]


def reason(error: BaseException) -> str:
    """Return in one line what an error says, and where in a file it was raised."""
    if getattr(error, "in_our_words", False):
        return str(error)
    said = error_line(error)
    if said.endswith(say("error.known.other")):
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    if own and isinstance(own[-1].lineno, int) and Path(own[-1].filename).is_file():
        said += f" ({Path(own[-1].filename).name}, {own[-1].lineno})"
    return said
