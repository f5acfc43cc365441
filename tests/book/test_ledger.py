"""The ledger against the chapters: each testable claim has its one cell, in both editions."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest
import yaml
from builder import coverage, ledger, notebooks
from builder.book import checked_book
from builder.house import LANGUAGES, House

from .conftest import ROOT
from .constants import checks, written

HOUSE = House(ROOT)
LEDGER = yaml.safe_load((ROOT / "book" / "claims.yml").read_text("utf8"))
CHAPTERS = {chapter.name: chapter for chapter in checked_book(HOUSE)}
STANDING = [
    entry
    for entry in LEDGER
    if entry["verdict"] != "not-testable" and not entry.get("pending", False)
]
LENGTHS = {note: table["lines"] for note, table in coverage.read(HOUSE).items()}


def in_notebook(language: str, chapter: str) -> list[str]:
    """The claims that the cells of a committed notebook check."""
    cells = notebooks.read(HOUSE.notebook(language, chapter)).cells
    return [
        call.args[0].value
        for cell in cells
        if cell.cell_type == "code"
        for call in checks(cell.source)
    ]


def test_every_claim_that_stands_is_checked_by_one_cell_of_its_chapter():
    wanted = {name: [] for name in CHAPTERS}
    for entry in STANDING:
        wanted[entry["chapter"]].append(entry["id"])
    for name, chapter in CHAPTERS.items():
        for language in LANGUAGES if chapter.is_notebook else ():
            assert sorted(in_notebook(language, name)) == sorted(wanted[name]), (name, language)


def test_every_claim_that_stands_is_shown_in_its_chapter():
    for entry in STANDING:
        for language in LANGUAGES:
            text = "\n".join(pair[language].source for pair in CHAPTERS[entry["chapter"]].pairs)
            shown = re.findall(r"^:{3,}\{claim\} (\S+)", text, re.MULTILINE)
            assert shown.count(entry["id"]) == 1, entry["id"]


def test_pending_is_what_has_no_chapter_yet():
    for entry in LEDGER:
        assert entry.get("pending", False) == (entry["chapter"] not in CHAPTERS), entry["id"]
    waiting = {entry["chapter"] for entry in LEDGER if "pending" in entry}
    assert waiting <= set(ledger.COMING)
    assert not set(ledger.COMING) & set(CHAPTERS)


def test_places_in_the_notes_are_there():
    for entry in LEDGER:
        for place in entry["lines"]:
            note, first, last = re.fullmatch(r"(\d{3}):(\d+)(?:-(\d+))?", place).groups()
            assert 1 <= int(first) <= int(last or first) <= LENGTHS[note], (entry["id"], place)
        assert bool(entry["lines"]) == entry["source"]["en"].startswith("notes"), entry["id"]


def test_no_statement_stands_twice():
    for language in LANGUAGES:
        said = Counter(entry[language].casefold() for entry in LEDGER)
        assert [text for text, times in said.items() if times > 1] == []


def test_claims_that_explanations_name_are_in_the_ledger():
    known = {entry["id"] for entry in LEDGER}
    for entry in LEDGER:
        for key in ledger.EXPLANATIONS:
            text = " ".join(entry.get(key, {}).values())
            assert set(ledger.NAMED.findall(text)) <= known, entry["id"]


@pytest.mark.parametrize("name", sorted({entry["chapter"] for entry in STANDING}))
def test_what_a_check_is_given_was_computed(name):
    sources = [cell.source for cell in CHAPTERS[name].code]
    for source in sources:
        for call in checks(source):
            assert [type(one) for one in call.args] == [ast.Constant], ast.unparse(call)
            assert [one.arg for one in call.keywords] == ["holds"], ast.unparse(call)
            assert not written(call.keywords[0].value, sources), ast.unparse(call)
            assert ledger.checked(ast.unparse(call).replace("'", '"')), ast.unparse(call)


@pytest.mark.parametrize(
    ("holds", "before", "is_written"),
    [
        ("True", "", True), ("not False", "", True), ("(True, False)", "", True),
        ("bool(1)", "", True), ("1 > 0", "", True), ("seen", "seen = True", True),
        ("seen", "a, seen = f(x), False", True), ("(f(x), False)", "", True),
        ("tuple([True, False])", "", True), ("seen", "seen = True\nseen = f(x)", False),
        ("f(x)", "", False), ("f(x) and True", "", False), ("(f(x), g(x))", "", False),
        ("tuple(seen)", "seen = [f(v) for v in x]", False), ("a == b", "a, b = 1, f(x)", False),
        ("seen", "seen, b = f(x)", False), ("seen", "for seen in x:\n    pass", False),
    ],
)  # fmt: skip
def test_the_finder_of_constants_finds(holds, before, is_written):
    call = next(checks(f'claims.check("C1", holds={holds})'))
    assert written(call.keywords[0].value, [before]) == is_written


def test_a_cell_that_checks_has_an_anchor_on_the_site():
    from builder.faces import Myst

    face = Myst(HOUSE, "en", list(CHAPTERS.values()))
    name = STANDING[0]["chapter"]
    cells = notebooks.site_notebook(
        CHAPTERS[name], face, notebooks.read(HOUSE.notebook("en", name))
    ).cells
    for entry in STANDING:
        if entry["chapter"] == name:
            label = f"({ledger.cell_anchor(entry['id'])})="
            at = next(n for n, cell in enumerate(cells) if label in cell.source)
            assert entry["id"] in ledger.checked(cells[at + 1].source)
