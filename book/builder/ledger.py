"""The page of the ledger: claims under their chapters, with verdicts and the way to their cells."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from .sources import claim, claims
from .words import word

if TYPE_CHECKING:
    from .faces import Face

VERDICTS = ("true", "false", "only-if", "not-testable")
EXPLANATIONS = ("condition", "correction", "why")
CHECK = re.compile(r"\bcheck\(\s*\"(C\d+)\"")
NAMED = re.compile(r"\bC\d{3,4}\b")
# Chapters that claims wait for. One that stands is named by its own title, and not here.
COMING = {}


def verdict(entry: dict) -> str:
    """The verdict as a word; YAML reads true and false as booleans."""
    return str(entry["verdict"]).lower()


def anchor(name: str) -> str:
    """Where the ledger has the claim: #c101."""
    return name.lower()


def cell_anchor(name: str) -> str:
    """Where its chapter has the cell that checks it: #check-c101."""
    return f"check-{name.lower()}"


def checked(source: str) -> list[str]:
    """The claims that a code cell checks."""
    return CHECK.findall(source)


def number(chapter: str) -> str:
    """The number in a file name: 6 of 06_pattern_1, 8b of 08b_doctor, 0 of 00_when_attention."""
    return re.match(r"0?(\w+?)_", chapter)[1]


def page(face: Face) -> str:
    """All claims as sections of boxes, one section for each chapter, in the face's language."""
    ledger, language = claims(face.house), face.language
    counts = Counter(verdict(entry) for entry in ledger.values())
    parts = ", ".join(f"{counts[v]} {word(v, language)}" for v in VERDICTS)
    lines = [word("ledger-count", language).format(count=len(ledger), parts=parts)]
    for chapter in dict.fromkeys(entry["chapter"] for entry in ledger.values()):
        label = "ledger-" + chapter.replace("_", "-")
        lines.append(f"{face.label(label)}\n## {number(chapter)}. {title(face, chapter)}")
        entries = [entry for entry in ledger.values() if entry["chapter"] == chapter]
        lines += [box(face, entry) for entry in entries]
    return "\n\n".join(lines)


def way(face: Face, name: str) -> str:
    """A claim's number, leading to the cell that checks it, or to its entry where none does."""
    entry = claim(face.house, name)
    if "pending" in entry or verdict(entry) == "not-testable":
        return face.chapter_link(name, "ledger", anchor(name))
    return face.chapter_link(name, entry["chapter"], cell_anchor(name))


def title(face: Face, chapter: str) -> str:
    if chapter not in face.titles and chapter not in COMING:
        raise LookupError(f"claims wait for {chapter}, which neither stands nor has a title")
    if chapter in face.titles:
        return face.titles[chapter]
    return dict(zip(("tr", "en"), COMING[chapter], strict=True))[face.language]


def box(face: Face, entry: dict) -> str:
    """One claim with everything that the ledger says of it."""
    language, name, ruled = face.language, entry["id"], verdict(entry)
    body = [f"“{entry[language]}”"]
    for key in EXPLANATIONS:
        if key in entry:
            body.append(f"**{word(key, language)}** {_linked(face, entry[key][language])}")
    last = [f"**{word('said-in', language)}** {entry['source'][language]}."]
    if ruled != "not-testable":
        if "pending" in entry:
            waiting = word("waiting", language).format(number=number(entry["chapter"]))
            last.append(f"**{word('pending', language)}** {waiting}")
        else:
            text = f"{number(entry['chapter'])}. {title(face, entry['chapter'])}"
            link = face.chapter_link(text, entry["chapter"], cell_anchor(name))
            last.append(f"**{word('checked-in', language)}** {link}")
    body.append(" ".join(last))
    heading = f"{name} · {word(ruled, language)}"
    classes = ["claim", f"claim-{ruled}", "ledger-entry"]
    return face.label(anchor(name)) + "\n" + face.box(heading, classes, "\n\n".join(body))


def _linked(face: Face, text: str) -> str:
    """A claim that is named in an explanation leads to its own entry."""
    known = claims(face.house)

    def link(match: re.Match) -> str:
        name = match[0]
        return face.chapter_link(name, "ledger", anchor(name)) if name in known else name

    return NAMED.sub(link, text)
