"""Numbers that the book says of itself, and claims that are named in a sentence."""

from __future__ import annotations

import pytest
from builder import counts
from builder.book import checked_book
from builder.faces import Myst, Plain
from builder.house import Refused

from .conftest import CLAIMS, TITLE, code, pair

MORE = """
- {id: C002, tr: Bir., en: One., verdict: true, chapter: 01_a, pending: true, plan: Count.}
- {id: C003, tr: İki., en: Two., verdict: not-testable, chapter: 01_a}
"""
CHAPTER = (
    TITLE
    + code("a = 1", "exercise")
    + code("grade(a)", "check")
    + code("a = 2", "solution")
    + code("a = 3", "wrong")
    + code("a = 4", "wrong")
)
EXPECTED = {
    "notebooks": "2",
    "cells": "2",
    "solutions": "1",
    "wrong-answers": "2",
    "claims": "3",
    "testable": "2",
    "checked": "1",
    "counterexamples": "1",
    "tests": "3",
    "runs": "2",
}


@pytest.fixture
def house(build_house):
    def make(said="{count}`runs`"):
        made = build_house(**{"index": TITLE + pair(said, said), "01_a": CHAPTER, "ledger": TITLE})
        (made.root / "book" / "claims.yml").write_text(CLAIMS + MORE, "utf-8")
        tests = made.root / "tests" / "book"
        tests.mkdir(parents=True)
        (tests / "counterexamples.yml").write_text("C001: {old: a, new: b}\n", "utf-8")
        source = "def test_a(): ...\nclass A:\n    def test_b(self): ...\ndef other(): ...\n"
        (tests / "test_x.py").write_text(source, "utf-8")
        (tests.parent / "test_y.py").write_text("async def test_c(): ...\n", "utf-8")
        (tests / "helper.py").write_text("def test_not_collected(): ...\n", "utf-8")
        runs = made.root / "cbam_teach" / "results" / "runs"
        runs.mkdir(parents=True)
        for name in ("a.json", "b.json", "README.md"):
            (runs / name).write_text("{}", "utf-8")
        return made

    return make


def rendered(made, said, face=Myst, language="en"):
    return face(made, language, checked_book(made)).render(said)


@pytest.mark.parametrize("face", [Myst, Plain])
def test_what_is_counted(house, face):
    made = house()
    assert set(EXPECTED) == set(counts.COUNTS)
    for key, number in EXPECTED.items():
        assert rendered(made, f"There are {{count}}`{key}`.", face) == f"There are {number}."


def test_a_large_number_is_written_as_the_language_has_it(house, monkeypatch):
    made = house()
    monkeypatch.setitem(counts.COUNTS, "runs", lambda face: 12345)
    assert rendered(made, "{count}`runs`", language="tr") == "12.345"
    assert rendered(made, "{count}`runs`", language="en") == "12,345"


def test_what_nothing_counts_is_refused(house):
    with pytest.raises(Refused, match=r"nothing counts cats; counted are notebooks, cells, .*runs"):
        checked_book(house("{count}`cats`"))


def test_a_claim_in_a_sentence_leads_to_its_cell_or_to_its_entry(house):
    made = house("{claim}`C001`")
    said = "Not so ({claim}`C001`, {claim}`C002`, {claim}`C003`)."
    assert rendered(made, said) == "Not so ([C001](#check-c001), [C002](#c002), [C003](#c003))."
    there = rendered(made, "{claim}`C001` {claim}`C002`", Plain, "tr")
    assert "/tr/01_a.html#check-c001)" in there
    assert "/tr/ledger.html#c002)" in there


def test_an_unknown_claim_in_a_sentence_is_refused(house):
    with pytest.raises(Refused, match=r"claim C404 is not in book/claims\.yml"):
        checked_book(house("{claim}`C404`"))


def test_both_halves_name_the_same(house, build_house):
    made = build_house(index=TITLE + pair("{count}`runs`", "{count}`claims`"))
    with pytest.raises(Refused, match=r"only tr has \['\{count\}`runs`'\]"):
        checked_book(made)
