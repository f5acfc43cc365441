"""What two halves of a pair have to agree in: everything in a text that is not words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from .markdown import (
    ADDRESS,
    HEADING,
    LABEL,
    LINK,
    LITERAL,
    MATH,
    ROLE,
    Block,
    Directive,
    Fence,
    parse_blocks,
)

NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
NEUTRAL = {"claim", "source", "caption"}  # directives whose argument is no word of a language


@dataclass
class Anatomy:
    headings: list[int] = field(default_factory=list)
    directives: list[str] = field(default_factory=list)
    formulas: Counter = field(default_factory=Counter)
    literals: Counter = field(default_factory=Counter)
    citations: Counter = field(default_factory=Counter)
    references: Counter = field(default_factory=Counter)
    labels: list[str] = field(default_factory=list)
    links: Counter = field(default_factory=Counter)
    numbers: Counter = field(default_factory=Counter)
    roles: Counter = field(default_factory=Counter)
    prose: str = ""


# What a message calls each part, in the order of the messages.
PARTS = {
    "headings": "heading levels",
    "directives": "directives",
    "formulas": "formulas",
    "literals": "code literals",
    "citations": "citations",
    "references": "figure references",
    "labels": "labels",
    "links": "links",
    "numbers": "numbers",
}


def anatomy(source: str, language: str) -> Anatomy:
    """Take a cell's text apart. Numbers are normalised: 0,25 in Turkish is 0.25 in English."""
    found = Anatomy()
    _walk(parse_blocks(source), language, found)
    return found


def _walk(blocks: list[Block], language: str, found: Anatomy) -> None:
    for block in blocks:
        if isinstance(block, Fence):
            found.literals["\n".join(line.rstrip() for line in block.lines)] += 1
        elif isinstance(block, Directive):
            neutral = block.name in NEUTRAL
            found.directives.append(f"{block.name} {block.argument}" if neutral else block.name)
            if not neutral:
                _text(block.argument, language, found)
            for key, value in block.options.items():
                if key == "alt":
                    _text(value, language, found)
                else:
                    found.directives.append(f":{key}: {value}")
            _walk(block.body, language, found)
        else:
            _text(block.text, language, found)


def _text(text: str, language: str, found: Anatomy) -> None:
    found.labels += LABEL.findall(text)
    text = LABEL.sub("\n", text)
    for role, content in ROLE.findall(text):
        found.roles[role] += 1
        if role == "cite":
            found.citations.update(key.strip() for key in content.split(","))
        else:
            found.references[f"{{{role}}}`{content}`"] += 1
    text = ROLE.sub(" ", text)
    found.literals.update(match[2].strip() for match in LITERAL.finditer(text))
    text = LITERAL.sub(" ` ", text)
    for match in MATH.finditer(text):
        found.formulas["".join((match[1] or match[2]).split())] += 1
    text = MATH.sub(" $ ", text)
    found.links.update(match[3] for match in LINK.finditer(text))
    text = LINK.sub(lambda match: match[2], text)
    found.links.update(match[1] or match[2] for match in ADDRESS.finditer(text))
    text = ADDRESS.sub(" ", text)
    found.headings += [len(marks) for marks, _ in HEADING.findall(text)]
    found.numbers.update(
        number for token in NUMBER.findall(text) for number in normalised(token, language)
    )
    found.prose += text + "\n"


def normalised(token: str, language: str) -> list[str]:
    """One written number as digits with a decimal point; a list such as 4,3,32 as its members."""
    decimal, thousands = (",", ".") if language == "tr" else (".", ",")
    groups = re.escape(thousands)
    if re.fullmatch(rf"\d{{1,3}}({groups}\d{{3}})+({re.escape(decimal)}\d+)?", token):
        token = token.replace(thousands, "")
    if token.count(decimal) == 1 and thousands not in token:
        return [token.replace(decimal, ".")]
    if "," in token:
        return [part for member in token.split(",") for part in normalised(member, language)]
    return [token]


def differences(tr: Anatomy, en: Anatomy) -> list[str]:
    """One sentence for each part in which two halves disagree; empty when they agree."""
    sentences = []
    for name, words in PARTS.items():
        a, b = getattr(tr, name), getattr(en, name)
        if a == b:
            continue
        if isinstance(a, Counter):
            only_tr, only_en = sorted((a - b).elements()), sorted((b - a).elements())
            sentences.append(f"{words} differ: only tr has {only_tr}, only en has {only_en}")
        else:
            sentences.append(f"{words} differ: tr has {a}, en has {b}")
    return sentences
