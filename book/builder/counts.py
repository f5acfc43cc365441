"""Numbers that a page may say of the book itself, counted where the things are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import yaml

from . import ledger
from .house import LANGUAGES, House
from .sources import UnknownSource, claims

if TYPE_CHECKING:
    from .faces import Face

TEST = re.compile(r"^ *(?:async )?def test_", re.MULTILINE)


def _cells(face: Face, *tags: str) -> int:
    """Code cells of all chapters: those with one of the tags, or all that a reader gets."""
    cells = [cell for chapter in face.chapters for cell in chapter.code]
    if tags:
        return sum(bool(set(tags) & set(cell.tags)) for cell in cells)
    return sum(not {"wrong", "solution"} & set(cell.tags) for cell in cells)


def _testable(house: House) -> list[dict]:
    return [one for one in claims(house).values() if ledger.verdict(one) != "not-testable"]


def _counterexamples(house: House) -> int:
    path = house.root / "tests" / "book" / "counterexamples.yml"
    return len(yaml.safe_load(path.read_text("utf-8")))


def _tests(house: House) -> int:
    files = (house.root / "tests").rglob("test_*.py")
    return sum(len(TEST.findall(file.read_text("utf-8"))) for file in files)


def _runs(house: House) -> int:
    return len(list((house.root / "cbam_teach" / "results" / "runs").glob("*.json")))


COUNTS: dict[str, Callable[[Face], int]] = {
    "notebooks": lambda face: sum(c.is_notebook for c in face.chapters) * len(LANGUAGES),
    "cells": _cells,
    "solutions": lambda face: _cells(face, "solution"),
    "wrong-answers": lambda face: _cells(face, "wrong"),
    "claims": lambda face: len(claims(face.house)),
    "testable": lambda face: len(_testable(face.house)),
    "checked": lambda face: sum("pending" not in one for one in _testable(face.house)),
    "counterexamples": lambda face: _counterexamples(face.house),
    "tests": lambda face: _tests(face.house),
    "runs": lambda face: _runs(face.house),
}


def text(face: Face, key: str) -> str:
    """The number as the face's language writes it: 1.234 or 1,234."""
    if key not in COUNTS:
        raise UnknownSource(f"nothing counts {key}; counted are {', '.join(COUNTS)}")
    written = f"{COUNTS[key](face):,}"
    return written.replace(",", ".") if face.language == "tr" else written
