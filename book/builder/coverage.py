"""Where the book tells each part of the five notes: `book/coverage.yml`, checked line by line."""

from __future__ import annotations

import re

import yaml

from .anatomy import anatomy
from .house import LANGUAGES, House, Refusal
from .ledger import verdict
from .rules import addresses
from .source import Chapter
from .sources import UnknownSource, claims, package_code

FILE = "book/coverage.yml"
FIELDS = {"lines", "holds", "defines", "told", "code", "motivation"}
LINES = re.compile(r"(\d+)(?:-(\d+))?")
PLACE = re.compile(r"(\d{3}):(\d+)(?:-(\d+))?")  # in the ledger: NOTE:FIRST-LAST


def read(house: House) -> dict[str, dict]:
    """The notes by number, each with its length and its parts; none where there is no table."""
    path = house.root / FILE
    return yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}


def lines(part: dict) -> tuple[int, int]:
    """First and last line of a part.

    Raises
    ------
    ValueError
        Where they are not written as FIRST-LAST, or as one number.
    """
    match = LINES.fullmatch(str(part.get("lines", "")))
    if match is None:
        raise ValueError(f"{part.get('lines')!r} is no range of lines; write FIRST-LAST")
    return int(match[1]), int(match[2] or match[1])


def check(chapters: list[Chapter], house: House) -> list[Refusal]:
    """Each line of a note in no part or in two, each home that is not there, each lost claim."""
    notes = read(house)
    reasons = []
    labels = {chapter.name: _labels(chapter) for chapter in chapters}
    for note, table in notes.items():
        try:
            reasons += _ranges(note, table)
        except ValueError as error:
            reasons.append(f"note {note}: {error}")
        for part in table.get("parts", ()):
            place = f"note {note}, lines {part.get('lines')}"
            reasons += [f"{place}: {reason}" for reason in _part(part, labels, house)]
    reasons += _claims(notes, labels, house) if notes and not reasons else []
    return [Refusal(FILE, None, reason) for reason in reasons]


def _labels(chapter: Chapter) -> set[str]:
    """What both editions of a chapter can be asked for."""
    found = [
        {name for pair in chapter.pairs for name in addresses(anatomy(pair[lang].source, lang))}
        for lang in LANGUAGES
    ]
    return set.intersection(*found)


def _ranges(note: str, table: dict) -> list[str]:
    reasons, after = [], 1  # the line that the next part has to begin with
    for part in table.get("parts", ()):
        first, last = lines(part)
        if first > after:
            reasons.append(f"note {note}: lines {after}-{first - 1} are in no part")
        elif first < after:
            reasons.append(f"note {note}: line {first} is in the part before as well")
        if last < first:
            reasons.append(f"note {note}: {first}-{last} ends before it begins")
        after = last + 1
    if after - 1 != table.get("lines"):
        length = f"it has {table.get('lines')} lines, its parts end at {after - 1}"
        reasons.append(f"note {note}: {length}")
    return reasons


def _part(part: dict, labels: dict[str, set[str]], house: House) -> list[str]:
    reasons = [f"unknown field {key}" for key in sorted(set(part) - FIELDS)]
    if not str(part.get("holds", "")).strip():
        reasons.append("it does not say what it holds")
    if not part.get("told") and not part.get("motivation"):
        reasons.append("it is told nowhere; give told, or motivation where it only motivates")
    if part.get("defines") and not part.get("code"):
        reasons.append(f"it defines {', '.join(part['defines'])}, but names nothing of the package")
    for home in part.get("told", ()):
        chapter, _, label = home.partition("#")
        if chapter not in labels:
            reasons.append(f"{home}: {chapter} is no chapter of _toc.yml")
        elif label not in labels[chapter]:
            reasons.append(f"{home}: {chapter} has no label {label or '(none was given)'}")
    for name in part.get("code", ()):
        try:
            package_code(house, name)
        except UnknownSource as error:
            reasons.append(str(error.args[0]))
    return reasons


def _claims(notes: dict[str, dict], labels: dict[str, set[str]], house: House) -> list[str]:
    """Claims of lines that no note has, or whose chapter is the home of no part there."""
    reasons = []
    for entry in claims(house).values():
        told = entry["chapter"] not in labels or verdict(entry) == "not-testable"
        for place in entry.get("lines", ()):
            match = PLACE.fullmatch(place)
            note = notes.get(match[1]) if match else None
            if note is None:
                reasons.append(f"claim {entry['id']}: {place} is in no note")
                continue
            first, last = int(match[2]), int(match[3] or match[2])
            parts = [p for p in note["parts"] if lines(p)[0] <= last and first <= lines(p)[1]]
            if not 1 <= first <= last <= note["lines"]:
                reasons.append(f"claim {entry['id']}: {place} is in no part of note {match[1]}")
            elif not told and not any(_told_in(entry["chapter"], part) for part in parts):
                chapter = entry["chapter"]
                reasons.append(f"claim {entry['id']}: {place} is told nowhere in {chapter}")
    return reasons


def _told_in(chapter: str, part: dict) -> bool:
    return any(home.partition("#")[0] == chapter for home in part.get("told", ()))
