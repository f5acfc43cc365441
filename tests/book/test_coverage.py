"""The table of the notes' parts: planted faults in a small house, and the book's own table."""

from __future__ import annotations

import copy
import importlib

import pytest
import yaml
from builder import coverage
from builder.book import checked_book
from builder.house import House, Refused

from .conftest import ROOT, TITLE, code, pair

CHAPTER = TITLE + code("x = 1") + pair("(a-one)=\n## Bir\n\nİki.", "(a-one)=\n## One\n\nTwo.")
TABLE = {
    "000": {
        "lines": 9,
        "parts": [
            {"lines": "1-4", "holds": "a mask", "defines": ["Mask"], "told": ["01_a#a-one"],
             "code": ["cbam_teach.mask.Mask"]},
            {"lines": 5, "holds": "a rule", "told": ["01_a#a-one"]},
            {"lines": "6-9", "holds": "a greeting", "motivation": "it points elsewhere"},
        ],
    }
}  # fmt: skip
CLAIM = {"id": "C001", "tr": "Bir.", "en": "One.", "verdict": True, "chapter": "01_a"}


@pytest.fixture
def house(build_house):
    def make(table, lines=("000:2-5",), folder="house"):
        made = build_house(folder, **{"index": TITLE, "01_a": CHAPTER})
        book = made.root / "book"
        book.joinpath("coverage.yml").write_text(yaml.safe_dump(table), "utf8")
        book.joinpath("claims.yml").write_text(yaml.safe_dump([CLAIM | {"lines": [*lines]}]))
        return made

    return make


def changed(number, **fields):
    table = copy.deepcopy(TABLE)
    table["000"]["parts"][number] |= fields
    return table


def test_a_good_table_passes_and_a_book_may_have_none(house, build_house):
    assert checked_book(house(TABLE))
    assert checked_book(build_house("bare", index=TITLE))


FAULTS = {
    "gap": (changed(1, lines="6-6"), "note 000: lines 5-5 are in no part"),
    "overlap": (changed(1, lines="4-5"), "note 000: line 4 is in the part before as well"),
    "backwards": (changed(2, lines="6-5"), "note 000: 6-5 ends before it begins"),
    "too short": (changed(2, lines="6-8"), "note 000: it has 9 lines, its parts end at 8"),
    "no range": (changed(1, lines="five"), "note 000: 'five' is no range of lines"),
    "chapter": (changed(1, told=["02_b#a-one"]), "02_b is no chapter of _toc.yml"),
    "label": (
        changed(1, told=["01_a#a-two"]),
        "note 000, lines 5: 01_a#a-two: 01_a has no label a-two",
    ),
    "no label": (changed(1, told=["01_a"]), "01_a: 01_a has no label (none was given)"),
    "module": (changed(0, code=["cbam_teach.masks.Mask"]), "there is no masks.py"),
    "name": (changed(0, code=["cbam_teach.mask.Musk"]), "no Musk there; there are Mask"),
    "no code": (changed(0, code=[]), "it defines Mask, but names nothing of the package"),
    "nowhere": (changed(1, told=[]), "note 000, lines 5: it is told nowhere"),
    "silent": (changed(1, holds=""), "it does not say what it holds"),
    "field": (changed(1, tolld=[]), "unknown field tolld"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_stops_the_build(house, fault):
    table, reason = FAULTS[fault]
    with pytest.raises(Refused) as caught:
        checked_book(house(table))
    assert "book/coverage.yml: note 000" in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("place", ["000:9-10", "000:0-3", "001:1", "line 3", "000:4-3"])
def test_a_claim_outside_the_notes_stops_the_build(house, place):
    with pytest.raises(Refused, match=f"book/coverage.yml: claim C001: {place} is in no "):
        checked_book(house(TABLE, [place]))


def test_the_chapter_that_checks_a_claim_is_a_home_of_its_lines(house):
    made = house(TABLE, ["000:6"])
    with pytest.raises(Refused, match="claim C001: 000:6 is told nowhere in 01_a"):
        checked_book(made)
    assert checked_book(house(TABLE, ["000:5-6"], "again"))


# ---- the book's own table --------------------------------------------------------------------
NOTES = coverage.read(House(ROOT))
PARTS = [(note, part) for note, table in NOTES.items() for part in table["parts"]]
LENGTHS = {"000": 401, "001": 282, "002": 316, "003": 1237, "004": 297}


def test_all_five_notes_are_covered_whole():
    assert {note: table["lines"] for note, table in NOTES.items()} == LENGTHS
    for note, table in NOTES.items():
        covered = [
            line
            for part in table["parts"]
            for line in range(coverage.lines(part)[0], coverage.lines(part)[1] + 1)
        ]
        assert covered == list(range(1, LENGTHS[note] + 1)), note


def test_the_package_has_what_the_table_names():
    for name in sorted({name for _, part in PARTS for name in part.get("code", ())}):
        module, _, attribute = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), attribute)), name


def test_every_class_of_the_notes_has_its_part():
    """As many as the notes define: classes, and the two functions of notes 001 and 004."""
    defined = {note: [] for note in NOTES}
    for note, part in PARTS:
        defined[note] += part.get("defines", ())
    assert {note: len(names) for note, names in defined.items()} == {
        "000": 9, "001": 8, "002": 2, "003": 23, "004": 3,
    }  # fmt: skip
    for name in ("Pattern_1_Residual", "FxConv", "CBAMV3", "DynamicSpatialAttention", "get_T"):
        assert sum(name in names for names in defined.values()) == 1, name
