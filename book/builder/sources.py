"""What chapters quote from elsewhere: the package's code, the ledger of claims, the references."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

import pybtex.database
import yaml

from .house import House
from .words import word


class UnknownSource(LookupError):
    """A chapter names something that does not exist; the message says what does."""


@dataclass(frozen=True)
class Code:
    text: str
    path: str
    first: int
    last: int


def package_code(house: House, dotted: str) -> Code:
    """Real source of `cbam_teach.module.Name[.method]` without docstrings; nothing is imported."""
    package, module, *names = dotted.split(".")
    path = house.root / package / f"{module}.py"
    if package != "cbam_teach" or not path.exists() or not names:
        raise UnknownSource(f"{dotted}: wanted cbam_teach.module.Name, there is no {path.name}")
    text = path.read_text("utf-8")
    node: ast.AST = ast.parse(text)
    for name in names:
        inside = {child.name: child for child in node.body if hasattr(child, "name")}
        if name not in inside:
            raise UnknownSource(f"{dotted}: no {name} there; there are {', '.join(inside)}")
        node = inside[name]
    first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
    lines = text.splitlines()
    dropped = _docstring_lines(node)
    kept = [lines[n - 1] for n in range(first, node.end_lineno + 1) if n not in dropped]
    indent = len(kept[0]) - len(kept[0].lstrip())
    source = "\n".join(line[indent:] for line in kept)
    return Code(source, f"cbam_teach/{module}.py", first, node.end_lineno)


def _docstring_lines(node: ast.AST) -> set[int]:
    """Lines of every docstring inside a definition, with the blank line that follows it."""
    dropped: set[int] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(child):
            literal = child.body[0]
            dropped |= set(range(literal.lineno, literal.end_lineno + 1))
            if len(child.body) > 1 and child.body[1].lineno > literal.end_lineno + 1:
                dropped.add(literal.end_lineno + 1)
    return dropped


@functools.cache
def _ledger(path: Path) -> dict[str, dict]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the quick one, where it was built
    return {entry["id"]: entry for entry in yaml.load(path.read_text("utf-8"), loader) or ()}


def claims(house: House) -> dict[str, dict]:
    """The ledger: its entries by id, in the order of the file."""
    return _ledger(house.root / "book" / "claims.yml")


def claim(house: House, name: str) -> dict:
    ledger = claims(house)
    if name not in ledger:
        raise UnknownSource(f"claim {name} is not in book/claims.yml")
    return ledger[name]


class References:
    """`references.bib` as texts in one language: short citations and the list of sources."""

    def __init__(self, house: House, language: str):
        self.language = language
        path = house.root / "book" / "references.bib"
        self.entries = pybtex.database.parse_file(str(path)).entries

    def _entry(self, key: str) -> pybtex.database.Entry:
        if key not in self.entries:
            raise UnknownSource(f"citation {key} is not in book/references.bib")
        return self.entries[key]

    def short(self, key: str) -> str:
        """Authors and year: "Woo et al. (2018)" in English, "Woo vd. (2018)" in Turkish."""
        entry = self._entry(key)
        alike = [k for k, e in self.entries.items() if self._who(e) == self._who(entry)]
        letter = "abcdefgh"[alike.index(key)] if len(alike) > 1 else ""
        return "{} ({}{})".format(*self._who(entry), letter)

    def _who(self, entry: pybtex.database.Entry) -> tuple[str, str]:
        names = [_family(person) for person in entry.persons["author"]]
        if len(names) > 2:
            who = f"{names[0]} {word('others', self.language)}"
        else:
            who = f" {word('and', self.language)} ".join(names)
        return who, entry.fields["year"]

    def address(self, key: str) -> str:
        fields = self._entry(key).fields
        if "doi" in fields:
            return f"https://doi.org/{fields['doi']}"
        if "eprint" in fields:
            return f"https://arxiv.org/abs/{fields['eprint']}"
        if "url" in fields:
            return fields["url"]
        raise UnknownSource(f"citation {key} has neither doi, eprint nor url")

    def full(self, key: str) -> str:
        """One line of the list of sources, as Markdown."""
        entry = self._entry(key)
        people = [_person(person) for person in entry.persons["author"]]
        if len(people) > 8:
            people = [*people[:6], word("others", self.language)]
        fields = entry.fields
        year = self.short(key).rpartition(" ")[2]
        where = fields.get("journal") or fields.get("booktitle") or fields.get("publisher") or ""
        where = f" {_plain(where)}." if where else ""
        address = self.address(key)
        shown = address.removeprefix("https://")
        title = _plain(fields["title"])
        return f"{', '.join(people)} {year}. *{title}*.{where} [{shown}]({address})"

    def ordered(self) -> list[str]:
        return sorted(self.entries, key=lambda key: (self.short(key), key))


def _plain(text: str) -> str:
    return text.replace("{", "").replace("}", "").replace("--", "–")


def _family(person: pybtex.database.Person) -> str:
    return _plain(" ".join([*person.prelast_names, *person.last_names]))


def _person(person: pybtex.database.Person) -> str:
    given = [*person.first_names, *person.middle_names]
    initials = " ".join("-".join(f"{part[0]}." for part in name.split("-")) for name in given)
    return f"{_family(person)}, {_plain(initials)}" if initials else _family(person)
