"""Just enough Markdown: blocks (prose, code fences, colon directives) and what a text contains."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
OPEN = re.compile(r"^(:{3,})\{([\w-]+)\}[ \t]*(.*)$")
CLOSE = re.compile(r"^(:{3,})[ \t]*$")
OPTION = re.compile(r"^:([\w-]+):[ \t]*(.*)$")
LABEL = re.compile(r"^\(([^)\s]+)\)=[ \t]*$", re.MULTILINE)
HEADING = re.compile(r"^(#{1,6})[ \t]+(.*)$", re.MULTILINE)
ROLE = re.compile(r"\{([\w:.-]+)\}`([^`]+)`")
LITERAL = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
MATH = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$(?!\s)([^$\n]+?)(?<![\s\\])\$(?!\d)", re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
ADDRESS = re.compile(r"<(https?://[^>\s]+)>|(?<![(<\"])\b(https?://[^\s)>\]]+)")


class BlockError(ValueError):
    """A directive or a fence does not end in the cell where it began."""


@dataclass
class Text:
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class Fence:
    """A code fence, kept to the letter."""

    info: str
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class Directive:
    name: str
    argument: str
    options: dict[str, str]
    body: list[Block]


Block = Text | Fence | Directive


def parse_blocks(source: str) -> list[Block]:
    """Split a cell's text into blocks.

    Raises
    ------
    BlockError
        A directive or a code fence is still open at the end, or a closing line closes nothing.
    """
    return _parse(source.splitlines())


def _parse(lines: list[str]) -> list[Block]:
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if fence := FENCE.match(line):
            end = _end_of_fence(lines, at, fence[1])
            blocks.append(Fence(fence[2].strip(), lines[at : end + 1]))
            at = end + 1
        elif opening := OPEN.match(line):
            end = _end_of_directive(lines, at, opening[1], opening[2])
            options, body = _options(lines[at + 1 : end])
            blocks.append(Directive(opening[2], opening[3].strip(), options, _parse(body)))
            at = end + 1
        elif CLOSE.match(line):
            raise BlockError(f'the line "{line.strip()}" closes a directive that is not open here')
        else:
            if not blocks or not isinstance(blocks[-1], Text):
                blocks.append(Text())
            blocks[-1].lines.append(line)
            at += 1
    return blocks


def _end_of_fence(lines: list[str], start: int, mark: str) -> int:
    for at in range(start + 1, len(lines)):
        if re.match(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}\s*$", lines[at]):
            return at
    raise BlockError(f'the code fence "{lines[start].strip()}" is still open at the end')


def _end_of_directive(lines: list[str], start: int, colons: str, name: str) -> int:
    at, inner = start + 1, []  # inner: the longer or shorter directives opened within
    while at < len(lines):
        if fence := FENCE.match(lines[at]):
            at = _end_of_fence(lines, at, fence[1])
        elif opening := OPEN.match(lines[at]):
            inner.append(len(opening[1]))
        elif closing := CLOSE.match(lines[at]):
            if inner and len(closing[1]) == inner[-1]:
                inner.pop()
            elif not inner and len(closing[1]) == len(colons):
                return at
        at += 1
    raise BlockError(f"the directive {{{name}}} is still open at the end of its cell")


def _options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    options = {}
    at = 0
    while at < len(lines) and (option := OPTION.match(lines[at])):
        options[option[1]] = option[2].strip()
        at += 1
    while at < len(lines) and not lines[at].strip():
        at += 1
    return options, lines[at:]


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to what stands outside `literals` and $mathematics$ (roles go to `change`)."""
    pieces, last = [], 0
    for span in _opaque(text):
        pieces += [change(text[last : span[0]]), text[span[0] : span[1]]]
        last = span[1]
    return "".join([*pieces, change(text[last:])])


def _opaque(text: str) -> list[tuple[int, int]]:
    roles = [match.span() for match in ROLE.finditer(text)]
    spans = []
    for match in LITERAL.finditer(text):
        if not any(a <= match.start() < b for a, b in roles):
            spans.append(match.span())
    taken = spans + roles
    for match in MATH.finditer(text):
        if not any(a <= match.start() < b for a, b in taken):
            spans.append(match.span())
    return sorted(spans)
