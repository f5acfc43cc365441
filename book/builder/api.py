"""The page of the package's public names, made of their docstrings."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from . import docstrings, ledger
from .definitions import PACKAGE, Definition, declared, find, parameters, written
from .house import House
from .sources import UnknownSource
from .words import WORDS, word

if TYPE_CHECKING:
    from .faces import Face

WIDE = 88  # a longer signature has one parameter a line


@dataclass(frozen=True)
class Name:
    """A public name, its definition, and the chapter that explains it, if one does."""

    dotted: str
    definition: Definition
    chapter: str | None


@functools.cache
def _groups(path: Path) -> list[dict]:
    return yaml.safe_load(path.read_text("utf-8"))


def groups(house: House) -> list[dict]:
    """The groups of `book/api.yml`: label, title and text in both languages, names."""
    return _groups(house.root / "book" / "api.yml")


def names(house: House, group: dict) -> list[Name]:
    return [Name(dotted, find(house, dotted), at) for dotted, at in group["names"].items()]


def anchor(dotted: str) -> str:
    """Where the page has the name: #api-cbam, #api-laboratory-load."""
    return "api-" + dotted.removeprefix(f"{PACKAGE}.").replace(".", "-").replace("_", "-").lower()


def labels(house: House) -> set[str]:
    """The anchors that chapters may link to."""
    return {anchor(dotted) for group in groups(house) for dotted in group["names"]}


def page(face: Face) -> str:
    """All names under their groups.

    Raises
    ------
    UnknownSource
        Where a name is listed that is not there or says nothing of itself, where a name of an
        `__all__` is not listed, and where two names would have the same address.
    """
    listed = [(group, names(face.house, group)) for group in groups(face.house)]
    everything = [name for _, found in listed for name in found]
    _check(face.house, everything)
    ours = [name.definition.name for name in everything]
    known = {own: name.dotted for own, name in zip(ours, everything, strict=True)}
    known = {own: dotted for own, dotted in known.items() if ours.count(own) == 1}
    known |= {name.dotted: name.dotted for name in everything}
    lines = []
    for group, found in listed:
        said = group[face.language]
        lines.append(f"{face.label(group['label'])}\n## {said['title']}\n\n{said['text']}")
        lines += [_entry(face, name, known) for name in found]
    return "\n\n".join(lines)


def _check(house: House, listed: list[Name]) -> None:
    held = {(name.definition.file, name.definition.name) for name in listed}
    for dotted in declared(house):
        definition = find(house, dotted)
        if (definition.file, definition.name) not in held:
            raise UnknownSource(f"{dotted} is public and in no group of book/api.yml")
    if silent := [name.dotted for name in listed if not name.definition.docstring]:
        raise UnknownSource(f"no docstring: {', '.join(silent)}")
    places = {group["label"]: f"the group {group['label']}" for group in groups(house)}
    for name in listed:
        if (first := places.setdefault(anchor(name.dotted), name.dotted)) != name.dotted:
            raise UnknownSource(f"{name.dotted} and {first} would have the same address")


def signature(house: House, name: Name) -> str:
    """How it is called, as the source writes it."""
    node = name.definition.node
    if not isinstance(node, ast.ClassDef | ast.FunctionDef):
        if isinstance(node, ast.AnnAssign):
            return f"{name.dotted}: {written(node.annotation)}"
        return f"{name.dotted} = {written(node.value)}"
    taken = parameters(house, name.definition)
    return name.dotted if taken is None else _call(name.dotted, taken, node)


def _call(name: str, taken: list[str], node: ast.stmt) -> str:
    returns = getattr(node, "returns", None)
    after = f" -> {written(returns)}" if returns else ""
    line = f"{name}({', '.join(taken)}){after}"
    if len(line) <= WIDE:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in taken), f"){after}"])


def _entry(face: Face, name: Name, known: dict[str, str]) -> str:
    def link(word_: str) -> str:
        dotted = known.get(word_)
        shown = f"`{word_}`"
        return face.chapter_link(shown, "api", anchor(dotted)) if dotted else shown

    definition = name.definition
    title = name.dotted.rpartition(".")[2].replace("_", r"\_")
    call = signature(face.house, name)
    lines = [f"{face.label(anchor(name.dotted))}\n### {title}", f"```python\n{call}\n```"]
    for part, text in docstrings.sections(definition.docstring):
        if part:
            if f"doc-{part}" not in WORDS:
                raise UnknownSource(f"{name.dotted}: no word for its section {part}")
            lines.append(f"**{word(f'doc-{part}', face.language)}**")
        lines.append(_english(face, docstrings.markdown(part, text, link)))
    if methods := _methods(definition.node, link):
        lines += [f"**{word('doc-methods', face.language)}**", _english(face, methods)]
    return "\n\n".join([*lines, _places(face, name)])


def _english(face: Face, text: str) -> str:
    """Mark English on a page of another language, for screen readers and for hyphenation."""
    return text if face.language == "en" else f'<div lang="en">\n\n{text}\n\n</div>'


def _methods(node: ast.stmt, link: docstrings.Link) -> str:
    """What else a class offers: its documented methods and properties, a line each."""
    shown = []
    for child in getattr(node, "body", ()) if isinstance(node, ast.ClassDef) else ():
        said = ast.get_docstring(child) if isinstance(child, ast.FunctionDef) else None
        if said and not child.name.startswith("_") and child.name != "forward":
            marks = {ast.unparse(mark) for mark in child.decorator_list}
            first = docstrings.inline(" ".join(said.partition("\n\n")[0].split()), link)
            call = "" if marks & {"property", "cached_property"} else "()"
            shown.append(f"- `{child.name}{call}`: {first}")
    return "\n".join(shown)


def _places(face: Face, name: Name) -> str:
    """The chapter that explains it, where it stands, and its source."""
    house, definition = face.house, name.definition
    parts = []
    if name.chapter and ledger.title(face, name.chapter) and name.chapter in face.pages:
        shown = face.chapter_link(face.page_title(name.chapter), name.chapter, "")
        parts.append(f"**{word('explained-in', face.language)}** {shown}")
    path, (first, last) = definition.file.relative_to(house.root).as_posix(), definition.span
    place = f"{house.repository}/blob/v{house.version}/{path}#L{first}-L{last}"
    return " · ".join([*parts, f"*{word('code', face.language)}* [{path}]({place})"])
