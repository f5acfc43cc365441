"""A docstring of the package as Markdown, its words left as they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from textwrap import dedent, indent

HEADING = re.compile(r"^([A-Z][\w ]*):$")
ITEM = re.compile(r"^([\w*]+(?:, [\w*]+)*): (.*)$")
LISTED = {"Args", "Attributes", "Raises"}  # sections that explain names, one by one
INLINE = re.compile(r"``(.+?)``|`([^`]+)`|\*\*(.+?)\*\*", re.DOTALL)
SPECIAL = re.compile(r"([\\`*_\[\]<>$#{}|~^])")

Link = Callable[[str], str]  # a name of the package -> Markdown that leads to it


def sections(text: str) -> list[tuple[str, list[str]]]:
    """Its parts in order, each with its heading; that of the first part is empty."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if heading := HEADING.match(line):
            found.append((heading[1], []))
        elif found[-1][0] and line and not line.startswith(" "):
            found.append(("", [line]))  # the section is over; what follows has no heading
        else:
            found[-1][1].append(line)
    return [(title, dedent("\n".join(lines)).strip("\n").split("\n")) for title, lines in found]


def markdown(title: str, lines: list[str], link: Link) -> str:
    """One part as Markdown."""
    return _items(lines, link) if title in LISTED else _blocks(lines, link)


def _items(lines: list[str], link: Link) -> str:
    """Names with what they mean; a line that names nothing is a paragraph below them."""
    found: list[list[str]] = []
    for line in lines:
        if found and (line.startswith(" ") or not line):
            found[-1].append(line)
        else:
            found.append([line])
    return "\n".join(_item(first, rest, link) for first, *rest in found)


def _item(first: str, rest: list[str], link: Link) -> str:
    named = ITEM.match(first)
    text = _blocks([named[2] if named else first, *dedent("\n".join(rest)).split("\n")], link)
    if not named:
        return f"\n{text}"
    names = ", ".join(f"`{name}`" for name in named[1].split(", "))
    return f"- {names}: " + indent(text, "  ").lstrip()


def _blocks(lines: list[str], link: Link) -> str:
    """Paragraphs, lists, examples and tables."""
    groups: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            groups[-1].append(line)
        else:
            groups.append([])
    return "\n\n".join(_group(group, link) for group in groups if group)


def _group(lines: list[str], link: Link) -> str:
    if lines[0].startswith(">>>"):
        return "\n".join(["```python", *lines, "```"])
    if lines[0].startswith("="):
        return _table(lines, link)
    if all(line.startswith(" ") for line in lines):
        return "\n".join(["```text", *lines, "```"])
    pieces: list[list[str]] = []
    for line in lines:
        if line.startswith("- ") or not pieces:
            pieces.append([])
        pieces[-1].append(line.strip())
    texts = [" ".join(piece) for piece in pieces]
    dashed = [f"- {inline(t[2:], link)}" if t.startswith("- ") else inline(t, link) for t in texts]
    first = "\n\n" if len(dashed) > 1 and not dashed[0].startswith("- ") else "\n"
    return dashed[0] + first + "\n".join(dashed[1:]) if dashed[1:] else dashed[0]


def _table(lines: list[str], link: Link) -> str:
    """A table whose columns are marked by lines of equal signs, the first row its heading."""
    starts = [match.start() for match in re.finditer("=+", lines[0])]
    columns = list(zip(starts, [*starts[1:], None], strict=True))
    rows = [
        [inline(line[first:last].strip(), link) for first, last in columns]
        for line in lines
        if not line.startswith("=")
    ]
    rows.insert(1, ["---"] * len(columns))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def inline(text: str, link: Link) -> str:
    """Code words, names that lead on, bold words; everything else as it is read."""
    pieces, last = [], 0
    for match in INLINE.finditer(text):
        pieces.append(SPECIAL.sub(r"\\\1", text[last : match.start()]))
        if match[1]:
            pieces.append(f"`{match[1]}`")
        else:
            pieces.append(link(match[2]) if match[2] else f"**{inline(match[3], link)}**")
        last = match.end()
    return "".join([*pieces, SPECIAL.sub(r"\\\1", text[last:])])
