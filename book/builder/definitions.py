"""Where a public name of the package is defined, and how it is called; nothing is imported."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

from .house import House
from .sources import UnknownSource

PACKAGE = "cbam_teach"


@dataclass(frozen=True)
class Definition:
    name: str
    node: ast.stmt
    file: Path
    lines: tuple[str, ...]  # of the whole file

    @property
    def span(self) -> tuple[int, int]:
        """First and last line, decorators included."""
        first = [self.node.lineno, *(d.lineno for d in getattr(self.node, "decorator_list", ()))]
        return min(first), self.node.end_lineno

    @property
    def docstring(self) -> str:
        """That of a class or a function; of a constant, the lines `#: …` right above it."""
        if isinstance(self.node, ast.ClassDef | ast.FunctionDef):
            return ast.get_docstring(self.node) or ""
        said: list[str] = []
        for line in reversed(self.lines[: self.node.lineno - 1]):
            if not line.startswith("#:"):
                break
            said.insert(0, line.removeprefix("#:").strip())
        return "\n".join(said)


@functools.cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


def find(house: House, dotted: str) -> Definition:
    """Follow `cbam_teach.module.name` to where it is defined.

    Raises
    ------
    UnknownSource
        Where no module or no name of the kind is there.
    """
    module, _, name = dotted.rpartition(".")
    file = _file(house, module)
    if file is None:
        raise UnknownSource(f"{dotted}: there is no module {module}")
    text = file.read_text("utf-8")
    for node in _tree(text).body:
        if name in _names(node):
            return Definition(name, node, file, tuple(text.splitlines()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return find(house, f"{node.module}.{alias.name}")
    raise UnknownSource(f"{dotted}: no {name} in {file.relative_to(house.root).as_posix()}")


def _file(house: House, module: str) -> Path | None:
    path = house.root / module.replace(".", "/")
    places = (path / "__init__.py", path.with_suffix(".py"))
    return next((place for place in places if place.exists()), None)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def declared(house: House) -> list[str]:
    """Every name in an `__all__` of the package, as `cbam_teach.module.name`."""
    found = []
    for file in sorted((house.root / PACKAGE).rglob("*.py")):
        parts = file.relative_to(house.root).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        for node in _tree(file.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and _names(node) == ["__all__"]:
                found += [f"{module}.{name}" for name in ast.literal_eval(node.value)]
    return found


def parameters(house: House, definition: Definition) -> list[str] | None:
    """What a call takes, each as the source writes it; None where nothing of ours says it."""
    node = definition.node
    if isinstance(node, ast.FunctionDef):
        return _arguments(node.args)
    if not isinstance(node, ast.ClassDef):
        return None
    for child in node.body:
        if getattr(child, "name", "") == "__init__":
            return _arguments(child.args)[1:]
    marks = {ast.unparse(mark).partition("(")[0] for mark in node.decorator_list}
    inherited = _inherited(house, definition)
    if "dataclass" not in marks and "NamedTuple" not in map(ast.unparse, node.bases):
        return inherited
    fields = {part.partition(":")[0]: part for part in inherited or ()}
    own = [_field(child) for child in node.body if isinstance(child, ast.AnnAssign)]
    return list((fields | {part.partition(":")[0]: part for part in own}).values())


def _inherited(house: House, definition: Definition) -> list[str] | None:
    """The parameters of the first parent that is a class of the package."""
    module = ".".join(definition.file.relative_to(house.root).with_suffix("").parts)
    for base in definition.node.bases:
        try:
            parent = find(house, f"{module.removesuffix('.__init__')}.{ast.unparse(base)}")
        except UnknownSource:
            continue
        return parameters(house, parent)
    return None


def _field(node: ast.AnnAssign) -> str:
    """A field of a dataclass or of a named tuple, as a parameter."""
    default = node.value
    if isinstance(default, ast.Call) and ast.unparse(default.func) == "field":
        given = {word.arg: word.value for word in default.keywords}
        default = given.get("default")
    text = f"{written(node.target)}: {written(node.annotation)}"
    return text if default is None else f"{text} = {written(default)}"


def _arguments(args: ast.arguments) -> list[str]:
    """The parameters as `name: annotation = default`, with the lone `*` and `/`."""
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    found = [_argument(arg, default) for arg, default in zip(plain, defaults, strict=True)]
    if args.posonlyargs:
        found.insert(len(args.posonlyargs), "/")
    if args.vararg:
        found.append(f"*{_argument(args.vararg, None)}")
    elif args.kwonlyargs:
        found.append("*")
    pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    found += [_argument(arg, default) for arg, default in pairs]
    return [*found, f"**{_argument(args.kwarg, None)}"] if args.kwarg else found


def _argument(arg: ast.arg, default: ast.expr | None) -> str:
    text = f"{arg.arg}: {written(arg.annotation)}" if arg.annotation else arg.arg
    if default is None:
        return text
    return f"{text} = {written(default)}" if arg.annotation else f"{text}={written(default)}"


def written(node: ast.expr) -> str:
    """An expression as the package writes it, on one line: its texts in double quotes."""
    text = ast.unparse(node)
    return text if '"' in text else text.replace("'", '"')
