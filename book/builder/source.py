"""Read a chapter's source file into cells, and refuse what cannot be split into two editions."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import jupytext

from .house import LANGUAGES, OTHER, House, Refusal, Refused
from .markdown import BlockError, parse_blocks

# What the builder does with a code cell; any other tag is refused.
TAGS = {
    "figure": "its last output is the figure that the next caption describes",
    "exercise": "the learner edits it",
    "check": "grades the exercise before it",
    "solution": "folded in both faces; tests run it in place of the exercise",
    "wrong": "in neither face; tests run it in place of the exercise and see the check refuse it",
    "hide-input": "the site folds its code",
}


@dataclass
class Cell:
    kind: str  # "markdown" or "code"
    source: str
    number: int  # counted from 1 in the source file
    lang: str | None = None
    tags: tuple[str, ...] = ()


@dataclass
class Chapter:
    name: str
    file: str  # as a message names it
    cells: list[Cell] = field(default_factory=list)

    @property
    def pairs(self) -> list[dict[str, Cell]]:
        """Markdown cells two by two: {"tr": cell, "en": cell}, in reading order."""
        cells = [cell for cell in self.cells if cell.kind == "markdown"]
        return [{a.lang: a, b.lang: b} for a, b in zip(cells[::2], cells[1::2], strict=True)]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def is_notebook(self) -> bool:
        """A page without code gets no notebook."""
        return bool(self.code)

    def edition(self, language: str) -> list[Cell]:
        return [cell for cell in self.cells if cell.lang in (None, language)]


def read_chapter(path: Path, house: House) -> Chapter:
    """Read and check the structure of one chapter.

    Raises
    ------
    Refused
        With every cell that has no language, an unknown one or no partner, every code cell that
        has a language or an unknown tag, and every directive left open at the end of its cell.
    """
    file = path.relative_to(house.root).as_posix()
    notebook = jupytext.read(path, fmt="md:myst")
    chapter = Chapter(path.stem, file)
    for number, cell in enumerate(notebook.cells, 1):
        tags = tuple(cell.metadata.get("tags", ()))
        lang = cell.metadata.get("lang")
        chapter.cells.append(Cell(cell.cell_type, cell.source, number, lang, tags))
    refusals = _structure(chapter)
    if refusals:
        raise Refused(refusals)
    return chapter


def _structure(chapter: Chapter) -> list[Refusal]:
    refusals = []

    def refuse(cell: Cell | None, reason: str) -> None:
        refusals.append(Refusal(chapter.file, cell and cell.number, reason))

    if not chapter.cells:
        refuse(None, "the chapter is empty")
    waiting: Cell | None = None  # a markdown cell whose partner has to come next
    for cell in chapter.cells:
        if cell.kind not in ("markdown", "code"):
            refuse(cell, f"a {cell.kind} cell; only markdown and code cells can be split")
            continue
        if cell.kind == "code":
            if cell.lang is not None:
                refuse(cell, f'a code cell has "lang": "{cell.lang}"; code serves both editions')
            for tag in cell.tags:
                if tag not in TAGS:
                    refuse(cell, f'unknown tag "{tag}"; known tags are {", ".join(TAGS)}')
            if waiting:
                _unpaired(refuse, waiting)
            waiting = None
            continue
        try:
            parse_blocks(cell.source)
        except BlockError as error:
            refuse(cell, str(error))
        if cell.lang is None:
            start = cell.source.strip().splitlines()[0][:40] if cell.source.strip() else ""
            refuse(
                cell,
                f'a markdown cell without "lang" (it begins "{start}"); prose after a code cell '
                'needs its own line +++ {"lang": "tr"} or "en"',
            )
            if waiting:
                _unpaired(refuse, waiting)
            waiting = None
        elif cell.lang not in LANGUAGES:
            refuse(cell, f'unknown language "{cell.lang}"; known are {", ".join(LANGUAGES)}')
            waiting = None
        elif waiting is None:
            waiting = cell
        elif cell.lang == OTHER[waiting.lang]:
            waiting = None
        else:
            _unpaired(refuse, waiting)
            waiting = cell
    if waiting:
        _unpaired(refuse, waiting)
    return refusals


def _unpaired(refuse, cell: Cell) -> None:
    refuse(cell, f'no partner: the next cell is not the "{OTHER[cell.lang]}" half of this text')


def read_book(house: House) -> list[Chapter]:
    """All chapters in the order of `_toc.yml`; refusals of all of them are raised together."""
    refusals, chapters = [], {}
    for path in sorted(house.chapters.glob("*.md")):
        if path.stem not in house.toc:
            file = path.relative_to(house.root).as_posix()
            refusals.append(Refusal(file, None, "the chapter is missing from _toc.yml"))
        try:
            chapters[path.stem] = read_chapter(path, house)
        except Refused as refused:
            refusals += refused.refusals
    known = {path.stem for path in house.chapters.glob("*.md")}
    for name in house.toc:
        if name not in known:
            refusals.append(Refusal("_toc.yml", None, f"it lists {name}, which has no source file"))
    if refusals:
        raise Refused(refusals)
    return [chapters[name] for name in house.toc]
