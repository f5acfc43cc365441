"""The two faces of a text: plain Markdown for notebooks, MyST for the site."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass

from . import api, counts, ledger, terms
from .house import House
from .markdown import (
    HEADING,
    LABEL,
    LINK,
    ROLE,
    Block,
    Directive,
    Fence,
    outside_code,
    parse_blocks,
)
from .source import Chapter
from .sources import References, claim, package_code
from .words import word

FOLDED = {"hint", "dropdown"}


@dataclass(frozen=True)
class Caption:
    label: str
    alt: str
    text: str


class Face(ABC):
    """Turns the markup of a chapter's text into what one kind of reader's program understands."""

    def __init__(self, house: House, language: str, chapters: list[Chapter]):
        self.house, self.language, self.chapters = house, language, chapters
        self.references = References(house, language)
        self.figures = _figures(chapters)
        self.pages = {c.name: f"{c.name}.{'ipynb' if c.is_notebook else 'md'}" for c in chapters}
        self.titles = {c.name: chapter_title(c, language) for c in chapters}

    # ---- common to both faces ----------------------------------------------------------------
    def render(self, source: str) -> str:
        """A cell's text in this face; captions are left out (see `captions`)."""
        rendered = self._blocks(parse_blocks(source))
        return re.sub(r"\n{3,}", "\n\n", rendered).strip()

    def captions(self, source: str) -> list[Caption]:
        blocks = parse_blocks(source)
        return [
            Caption(block.argument, block.options["alt"], self._blocks(block.body).strip())
            for block in blocks
            if isinstance(block, Directive) and block.name == "caption"
        ]

    def page_title(self, chapter: str) -> str:
        """The title of a page, with its number where it has one: 2. Masks."""
        number = number_of(chapter)
        return f"{number}. {self.titles[chapter]}" if number else self.titles[chapter]

    def figure_title(self, caption: Caption) -> str:
        return f"**{self.figure_name(caption.label)}.** {caption.text}"

    def figure_name(self, label: str) -> str:
        if label not in self.figures:
            raise LookupError(f"figure {label} has no caption in any chapter")
        return f"{word('figure', self.language)} {self.figures[label][1]}"

    def _blocks(self, blocks: list[Block]) -> str:
        parts = []
        for block in blocks:
            if isinstance(block, Fence):
                parts.append(block.text)
            elif isinstance(block, Directive):
                parts.append("\n" + self._directive(block) + "\n")
            else:
                parts.append(self._text(block.text))
        return "\n".join(parts)

    def _text(self, text: str) -> str:
        text = LABEL.sub(lambda match: self.label(match[1]), text)
        return outside_code(text, self._inline)

    def _inline(self, text: str) -> str:
        text = LINK.sub(lambda match: self._link(match), text)
        return ROLE.sub(lambda match: self._role(match[1], match[2]), text)

    def _link(self, match: re.Match) -> str:
        target, _, anchor = match[3].partition("#")
        if target and not target.endswith(".md"):
            return match[0]
        return self.chapter_link(match[2], target.removesuffix(".md"), anchor)

    def _role(self, role: str, content: str) -> str:
        if role == "cite":
            keys = [key.strip() for key in content.split(",")]
            return "; ".join(self.citation(key) for key in keys)
        if role == "count":
            return counts.text(self, content)
        if role == "claim":
            return ledger.way(self, content)
        return self.chapter_link(self.figure_name(content), self.figures[content][0], content)

    def _directive(self, block: Directive) -> str:
        if block.name == "caption":
            return ""
        if block.name == "claim":
            return self._claim(block.argument)
        if block.name == "source":
            return self._source(block.argument)
        if block.name == "bibliography":
            return "\n\n".join(self.reference(key) for key in self.references.ordered())
        if block.name == "api":
            return api.page(self)
        if block.name == "ledger":
            return ledger.page(self)
        if block.name == "glossary":
            return terms.page(self)
        classes = block.options.get("class", "").split()
        named = "" if block.name == "admonition" else block.name
        title = block.argument or (word(named, self.language) if named else "")
        kinds = [named] if named else []
        body = self._blocks(block.body).strip()
        return self.box(title, kinds + classes, body)

    def _claim(self, name: str) -> str:
        entry, language = claim(self.house, name), self.language
        verdict = ledger.verdict(entry)
        shown = name
        if "ledger" in self.pages:
            shown = self.chapter_link(name, "ledger", ledger.anchor(name))
        title = f"{word('claim', language)} {shown} · {word(verdict, language)}"
        lines = [f"“{entry[language]}”"]
        for key in ("condition", "correction"):
            if key in entry:
                lines.append(f"**{word(key, language)}** {entry[key][language]}")
        return self.box(title, ["claim", f"claim-{verdict}"], "\n\n".join(lines))

    def _source(self, dotted: str) -> str:
        code = package_code(self.house, dotted)
        place = f"{self.house.repository}/blob/v{self.house.version}/{code.path}"
        link = f"[{code.path}]({place}#L{code.first}-L{code.last})"
        return f"```python\n{code.text}\n```\n\n*{word('code', self.language)}* {link}"

    # ---- what the faces do differently -------------------------------------------------------
    @abstractmethod
    def label(self, name: str) -> str: ...

    @abstractmethod
    def chapter_link(self, text: str, chapter: str, anchor: str) -> str: ...

    @abstractmethod
    def citation(self, key: str) -> str: ...

    @abstractmethod
    def reference(self, key: str) -> str: ...

    @abstractmethod
    def box(self, title: str, classes: list[str], body: str) -> str: ...

    def solution(self, code: str) -> str:
        title = word("solution", self.language)
        return self.box(title, ["dropdown", "solution"], f"```python\n{code}\n```")


class Plain(Face):
    """Markdown as Jupyter, Colab and GitHub show it."""

    def label(self, name: str) -> str:
        return f'<a id="{name}"></a>\n'

    def chapter_link(self, text: str, chapter: str, anchor: str) -> str:
        page = f"{self.house.site}/{self.language}/{chapter}.html" if chapter else ""
        return f"[{text}]({page}{'#' if anchor else ''}{anchor})"

    def citation(self, key: str) -> str:
        return f"[{self.references.short(key)}]({self.references.address(key)})"

    def reference(self, key: str) -> str:
        return f"- {self.references.full(key)}"

    def box(self, title: str, classes: list[str], body: str) -> str:
        if FOLDED & set(classes):
            return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"
        quoted = "\n".join(f"> {line}".rstrip() for line in body.splitlines())
        return f"> **{title}**\n>\n{quoted}"

    def figure(self, caption: Caption) -> str:
        return f'<a id="{caption.label}"></a>\n{self.figure_title(caption)}'


class Myst(Face):
    """MyST Markdown as Jupyter Book reads it."""

    def label(self, name: str) -> str:
        return f"({name})="

    def chapter_link(self, text: str, chapter: str, anchor: str) -> str:
        return f"[{text}](#{anchor})" if anchor else f"[{text}](/{self.pages[chapter]})"

    def citation(self, key: str) -> str:
        return f"[{self.references.short(key)}](#ref-{key})"

    def reference(self, key: str) -> str:
        return f"(ref-{key})=\n{self.references.full(key)}"

    def box(self, title: str, classes: list[str], body: str) -> str:
        if "hint" in classes and "dropdown" not in classes:
            classes = [*classes, "dropdown"]
        colons = ":" * (3 + max([0, *(len(run) - 2 for run in re.findall(r"^:{3,}", body, re.M))]))
        kind = f":class: {' '.join(classes)}\n" if classes else ""
        return f"{colons}{{admonition}} {title}\n{kind}\n{body}\n{colons}"


def _figures(chapters: list[Chapter]) -> dict[str, tuple[str, str]]:
    """Label -> (chapter, number): 6.2 is the second figure of chapter 06, 2 that of other pages."""
    figures: dict[str, tuple[str, str]] = {}
    counts: Counter[str] = Counter()
    for chapter in chapters:
        number = chapter_number(chapter)
        for pair in chapter.pairs:
            for block in parse_blocks(pair["tr"].source):
                if isinstance(block, Directive) and block.name == "caption":
                    counts[number] += 1
                    place = f"{number}.{counts[number]}".lstrip(".")
                    figures[block.argument] = (chapter.name, place)
    return figures


def chapter_title(chapter: Chapter, language: str) -> str:
    """The text of its first heading."""
    for cell in chapter.edition(language):
        if heading := HEADING.search(cell.source):
            return heading[2].strip()
    return chapter.name


def chapter_number(chapter: Chapter) -> str:
    """The chapter's number; none for other pages."""
    return number_of(chapter.name)


def number_of(name: str) -> str:
    """The number in a file name: 6 of 06_pattern_1, 8b of 08b_doctor; none of laboratory."""
    match = re.match(r"0*(\d+[a-z]?)_", name)
    return match[1] if match else ""
