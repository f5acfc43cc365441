"""The rules that a pair of texts has to keep. Each broken one is a refusal with its cell."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import yaml

from .anatomy import Anatomy, anatomy, differences
from .house import LANGUAGES, House, Refusal
from .markdown import LINK, Directive, parse_blocks
from .source import Cell, Chapter

ROLES = {"cite", "fig", "claim", "count"}
ADMONITIONS = {"note", "warning", "tip", "important", "hint", "admonition"}
DIRECTIVES = ADMONITIONS | {"claim", "source", "caption", "bibliography", "ledger"}
DIRECTIVES |= {"glossary", "api"}
LOWER = str.maketrans({"I": "ı", "İ": "i"})


def lower(text: str, language: str) -> str:
    """Lower case as the language has it: I is ı and İ is i in Turkish."""
    return (text.translate(LOWER) if language == "tr" else text).lower()


@functools.cache
def _glossary(path: Path) -> dict[str, list[dict]]:
    entries = yaml.safe_load(path.read_text("utf-8"))["forbidden"]
    for rules in entries.values():
        for rule in rules:
            rule["regex"] = re.compile(rf"(?<!\w)(?:{rule['pattern']})")
    return entries


def check_chapter(chapter: Chapter, house: House) -> list[Refusal]:
    """Every disagreement, unknown word of markup and forbidden term of one chapter."""
    refusals: list[Refusal] = []
    forbidden = _glossary(house.root / "book" / "glossary.yml")
    seen: dict[str, int] = {}
    labels: dict[str, int] = {}
    for pair in chapter.pairs:
        bodies: dict[str, Anatomy] = {}
        for language in LANGUAGES:
            cell = pair[language]
            body = bodies[language] = anatomy(cell.source, language)
            reasons = [
                *_markup(cell.source, body),
                *_links(cell.source, house),
                *_terms(body.prose, forbidden.get(language, ()), language, seen),
            ]
            refusals += [Refusal(chapter.file, cell.number, reason) for reason in reasons]
        for sentence in differences(bodies["tr"], bodies["en"]):
            place = pair["tr"].number
            reason = f"the pair (cells {place} and {pair['en'].number}) disagrees: {sentence}"
            refusals.append(Refusal(chapter.file, place, reason))
        for label in addresses(bodies["tr"]):
            if label in labels:
                reason = f'label "{label}" stands already in cell {labels[label]}'
                refusals.append(Refusal(chapter.file, pair["tr"].number, reason))
            labels[label] = pair["tr"].number
        refusals += _section_labels(chapter, pair)
        refusals += _captions(chapter, pair["tr"], bodies["tr"])
    return refusals


def _markup(source: str, body: Anatomy) -> list[str]:
    reasons = []
    names = [entry.split()[0] for entry in body.directives if not entry.startswith(":")]
    for name in names:
        if name not in DIRECTIVES:
            known = ", ".join(sorted(DIRECTIVES))
            reasons.append(f"unknown directive {{{name}}}; both faces know {known}")
    for role in body.roles:
        if role not in ROLES:
            reasons.append(f"unknown role {{{role}}}; both faces know {', '.join(sorted(ROLES))}")
    for block in parse_blocks(source):
        captioned = isinstance(block, Directive) and block.name == "caption"
        if captioned and not block.options.get("alt"):
            reasons.append(f'the caption of "{block.argument}" has no :alt: text')
        if getattr(block, "info", "").startswith("{"):
            reasons.append(f"a directive in a code fence ({block.info}); write it with colons")
    return reasons


def _links(source: str, house: House) -> list[str]:
    reasons = []
    for match in LINK.finditer(source):
        target = match[3].partition("#")[0]
        if match[1]:
            reasons.append(f"an image ({match[3]}); figures are computed in code cells")
        elif target.endswith(".md") and target.removesuffix(".md") not in house.toc:
            reasons.append(f"a link to {target}, which is no chapter of _toc.yml")
    return reasons


def _terms(prose: str, rules, language: str, seen: dict[str, int]) -> list[str]:
    reasons, text = [], lower(prose, language)
    for rule in rules:
        found = rule["regex"].findall(text)
        seen[rule["pattern"]] = seen.get(rule["pattern"], 0) + len(found)
        if found and seen[rule["pattern"]] > rule.get("allowed", 0):
            reasons.append(f'forbidden term "{found[0]}": {rule["instead"]}')
    return reasons


def forbidden_terms(prose: str, language: str, house: House) -> list[str]:
    """Forbidden words of a text that stands in no chapter."""
    rules = _glossary(house.root / "book" / "glossary.yml").get(language, ())
    return _terms(prose, rules, language, {})


def _captions(chapter: Chapter, cell: Cell, body: Anatomy) -> list[Refusal]:
    """A caption describes the figure of the code cell right above, and stands in no other box."""
    named = [name for name in body.directives if name.startswith("caption ")]
    top = [b for b in parse_blocks(cell.source) if getattr(b, "name", "") == "caption"]
    refusals = []
    if len(named) != len(top):
        refusals.append(Refusal(chapter.file, cell.number, "a caption inside another directive"))
    above = [c for c in chapter.cells if c.number < cell.number and c.lang != "en"]
    if named and (len(named) > 1 or not above or "figure" not in above[-1].tags):
        reason = "a caption needs a code cell tagged figure right above it, one for each"
        refusals.append(Refusal(chapter.file, cell.number, reason))
    return refusals


def _section_labels(chapter: Chapter, pair) -> list[Refusal]:
    """A section without a label has no address that both editions share."""
    refusals = []
    for cell in pair.values():
        lines = [line for line in cell.source.splitlines() if line.strip()]
        for above, line in zip(["", *lines], lines, strict=False):
            if re.match(r"^##[ \t]", line) and not re.match(r"^\(\S+\)=", above):
                reason = f'the section "{line[2:].strip()}" has no label line (name)= above it'
                refusals.append(Refusal(chapter.file, cell.number, reason))
    return refusals


def addresses(body: Anatomy) -> list[str]:
    """The labels of a text: those of its sections and those of its figures."""
    captions = [name.split()[1] for name in body.directives if name.startswith("caption ")]
    return [*body.labels, *captions]


def check_labels(chapters: list[Chapter]) -> list[Refusal]:
    """Labels are addresses of the whole book: one place each, and every figure named once."""
    refusals, owner = [], {}
    for chapter in chapters:
        for pair in chapter.pairs:
            body = anatomy(pair["tr"].source, "tr")
            for label in addresses(body):
                if owner.setdefault(label, chapter.name) != chapter.name:
                    reason = f'label "{label}" belongs to {owner[label]} already'
                    refusals.append(Refusal(chapter.file, pair["tr"].number, reason))
    return refusals
