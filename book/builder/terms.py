"""The page of the terms: each in both languages, one sentence, and where the book first uses it."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from .anatomy import anatomy, differences
from .house import LANGUAGES, OTHER, House
from .markdown import HEADING, LABEL, LINK
from .rules import forbidden_terms, lower
from .source import Chapter
from .words import word

if TYPE_CHECKING:
    from .faces import Face

# The order of the letters; what is no letter (a space, a hyphen) comes before all of them.
ALPHABETS = {"tr": "abcçdefgğhıijklmnoöpqrsştuüvwxyz", "en": "abcdefghijklmnopqrstuvwxyz"}
LONG = str.maketrans("âîû", "aiu")  # sorted as the letters below their hats
SOFT = {"k": "[kğ]", "p": "[pb]", "ç": "[çc]", "t": "[td]"}  # a last letter before a vowel
FIELDS = {"id", "tr", "en", "says", "find"}


@dataclass(frozen=True)
class Place:
    """A section of a chapter, or its opening, which has no anchor; texts in both languages."""

    chapter: str
    anchor: str
    heading: dict[str, str]
    text: dict[str, str]


def _stored(house: House) -> list[dict]:
    return yaml.safe_load((house.root / "book" / "terms.yml").read_text("utf-8"))


def read(house: House) -> list[dict]:
    """The entries of `book/terms.yml`.

    Raises
    ------
    LookupError
        With every entry that lacks something, that stands twice, or whose two sentences disagree.
    """
    terms = _stored(house)
    reasons = [f"{entry.get('id')}: {fault}" for entry in terms for fault in faults(entry, house)]
    for key in ("id", *LANGUAGES):
        values = [entry.get(key) for entry in terms]
        reasons += [
            f"{value}: this {key} stands twice"
            for n, value in enumerate(values)
            if value in values[:n]
        ]
    if reasons:
        raise LookupError("book/terms.yml: " + "; ".join(reasons))
    return terms


def faults(entry: dict, house: House) -> list[str]:
    """What is wrong with one entry, as words of a message."""
    said = [("says." + lang, entry.get("says", {}).get(lang)) for lang in LANGUAGES]
    needed = [(key, entry.get(key)) for key in ("id", *LANGUAGES)]
    found = [f"it has no {key}" for key, value in [*needed, *said] if not str(value or "").strip()]
    found += [f"unknown field {key}" for key in sorted(set(entry) - FIELDS)]
    if not found:
        bodies = {lang: anatomy(entry["says"][lang], lang) for lang in LANGUAGES}
        found += differences(bodies["tr"], bodies["en"])
        for language, body in bodies.items():
            found += forbidden_terms(f"{entry[language]} {body.prose}", language, house)
    return found


def places(chapters: list[Chapter]) -> list[Place]:
    """Openings and sections of the pages with code, in reading order; other pages only list."""
    found = []
    for chapter in chapters:
        if not chapter.is_notebook:
            continue
        anchor, heading = "", dict.fromkeys(LANGUAGES, "")
        for pair in chapter.pairs:
            halves = {lang: LABEL.split(pair[lang].source) for lang in LANGUAGES}
            for n in range(0, len(halves["tr"]), 2):  # text, label, text, label, text
                sources = {lang: halves[lang][n] for lang in LANGUAGES}
                if n:
                    anchor = halves["tr"][n - 1]
                    heading = {lang: _heading(source) for lang, source in sources.items()}
                text = {lang: _plain(source, lang) for lang, source in sources.items()}
                found.append(Place(chapter.name, anchor, heading, text))
    return found


def _heading(source: str) -> str:
    match = HEADING.search(source)
    return match[2].strip() if match else ""


@functools.cache
def _plain(source: str, language: str) -> str:
    """The prose of a text in lower case and on one line, without code, formulas and links."""
    kept = LINK.sub(" ", source)  # what a link to another place is called is used there
    return " ".join(lower(anatomy(kept, language).prose, language).split())


def pattern(entry: dict, language: str) -> re.Pattern:
    """What finds a term in lower-case prose: its own beginning, or what the entry says."""
    given = entry.get("find", {}).get(language)
    if not given:
        plain = lower(entry[language], language)
        soft = SOFT.get(plain[-1]) if language == "tr" else None
        given = re.escape(plain[:-1]) + soft if soft else re.escape(plain)
    return re.compile(rf"(?<!\w)(?:{given})")


def first_uses(terms: list[dict], chapters: list[Chapter]) -> dict[str, Place | None]:
    """For each term, by its id, the first place whose two languages both use it."""
    where = places(chapters)
    finders = {t["id"]: {lang: pattern(t, lang) for lang in LANGUAGES} for t in terms}
    return {
        name: next(
            (p for p in where if all(finder[lang].search(p.text[lang]) for lang in LANGUAGES)),
            None,
        )
        for name, finder in finders.items()
    }


def order(text: str, language: str) -> list[int]:
    """Sorts as a dictionary of the language does: ç after c, ı before i, a space before letters."""
    return [ALPHABETS[language].find(c) for c in lower(text, language).translate(LONG)]


def capital(letter: str, language: str) -> str:
    return "İ" if (letter, language) == ("i", "tr") else letter.upper()


def anchor(entry: dict) -> str:
    return f"term-{entry['id']}"


def anchors(house: House) -> set[str]:
    """The labels of the page, for links from elsewhere."""
    return {f"term-{entry.get('id')}" for entry in _stored(house)}


def page(face: Face) -> str:
    """All terms in the order of the face's language, below a line of first letters."""
    terms, language = read(face.house), face.language
    found = first_uses(terms, face.chapters)
    if lost := [entry["id"] for entry in terms if found[entry["id"]] is None]:
        raise LookupError(f"book/terms.yml: no place uses {', '.join(lost)} in both languages")
    terms = sorted(terms, key=lambda entry: order(entry[language], language))
    initials: dict[str, str] = {}
    for entry in terms:
        initials.setdefault(capital(entry[language][0], language), anchor(entry))
    letters = [face.chapter_link(letter, "glossary", at) for letter, at in initials.items()]
    top = f'<span class="house-letters">{" ".join(letters)}</span>'
    return "\n\n".join([top, *(one(face, t, found[t["id"]]) for t in terms)])


def one(face: Face, entry: dict, place: Place) -> str:
    """A term, what it is called in the other language, its sentence, its first use."""
    language, other = face.language, OTHER[face.language]
    named = f'**{entry[language]}** · <i lang="{other}">{entry[other]}</i>'
    text = face.page_title(place.chapter)
    if place.anchor:
        text += f" · {place.heading[language]}"
    link = face.chapter_link(text, place.chapter, place.anchor)
    said = entry["says"][language].strip()
    lines = [named, said, f"{word('first-use', language)} {link}"]
    return face.label(anchor(entry)) + "\n" + "\\\n".join(lines)
