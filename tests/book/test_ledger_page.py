"""The page that the builder makes of the ledger, in small houses."""

from __future__ import annotations

import pytest
import yaml
from builder import ledger
from builder.book import checked_book
from builder.faces import Myst, Plain
from builder.house import Refused

from .conftest import TITLE, code, pair

BOTH = {"tr": "İki dilde, C001 gibi.", "en": "In two languages, as C001."}
ENTRY = {"tr": "Maske çarpar.", "en": "A mask multiplies.", "lines": [], "chapter": "01_a"}
ENTRY["source"] = {"tr": "sık söylenir", "en": "often said"}
LEDGER = [
    ENTRY | {"id": "C001", "verdict": True},
    ENTRY | {"id": "C002", "verdict": "not-testable", "why": BOTH},
    ENTRY | {"id": "C900", "verdict": False, "correction": BOTH, "chapter": "09_gates",
             "pending": True, "plan": "Count. Fails with: one."},
]  # fmt: skip
CHAPTER = TITLE + code('check("C001", holds=f(1))')
PAGE = pair("# Kayıt\n\n:::{ledger}\n:::", "# Ledger\n\n:::{ledger}\n:::")


@pytest.fixture
def house(build_house, monkeypatch):
    monkeypatch.setattr(ledger, "COMING", {"09_gates": ("Kapılar", "Gates")})

    def make(entries, **chapters):
        made = build_house(**{"index": TITLE, "01_a": CHAPTER, "ledger": PAGE} | chapters)
        text = yaml.safe_dump(entries, allow_unicode=True)
        (made.root / "book" / "claims.yml").write_text(text, "utf8")
        return made

    return make


def page(made, face, language):
    return face(made, language, checked_book(made)).render(":::{ledger}\n:::")


def test_every_entry_has_its_place_verdict_and_explanation(house):
    text = page(house(LEDGER), Myst, "en")
    assert "3 claims: 1 true, 1 false, 0 only if, 1 not testable." in text
    assert text.index("(ledger-01-a)=\n## 1. Title") < text.index("(ledger-09-gates)=\n## 9. Gates")
    first, second, third = (text.index(f"(c{n})=") for n in ("001", "002", "900"))
    true, why, false = text[first:second], text[second:third], text[third:]
    assert "C001 · true\n:class: claim claim-true ledger-entry" in true
    assert "**Said in:** often said. **Checked in:** [1. Title](#check-c001)" in true
    assert "**Why not:** In two languages, as [C001](#c001)." in why
    assert "Checked in" not in why
    assert "**What is true:** In two languages" in false
    assert "**Pending:** its cell comes with chapter 9." in false


def test_the_other_language_and_the_other_face(house):
    text = page(house(LEDGER), Plain, "tr")
    assert "3 iddia: 1 doğru, 1 yanlış, 0 koşullu doğru, 1 sınanamaz." in text
    assert "## 9. Kapılar" in text
    assert "**Bekliyor:** hücresi 9. bölümle gelecek." in text
    assert "/tr/01_a.html#check-c001)" in text


def test_a_box_in_a_chapter_leads_to_the_ledger_where_there_is_one(house, build_house):
    claim = ":::{claim} C001\n:::"
    made = house(LEDGER)
    rendered = Myst(made, "en", checked_book(made)).render(claim)
    assert "Claim [C001](#c001) · true" in rendered
    bare = build_house("bare", index=TITLE)
    assert "Claim C001 · false" in Myst(bare, "en", checked_book(bare)).render(claim)


def test_a_claim_that_waits_for_an_unknown_chapter_is_refused(house):
    lost = LEDGER[2] | {"chapter": "77_nowhere"}
    with pytest.raises(Refused, match="claims wait for 77_nowhere, which neither stands nor"):
        checked_book(house([lost]))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('check("C001", holds=f(1))', ["C001"]),
        ('a = 1\nclaims.check("C1", holds=a)\ncheck( "C22",\n holds=b)', ["C1", "C22"]),
        ('recheck("C001")\nprint("C002")', []),
    ],
)
def test_the_claims_of_a_cell_are_found(source, found):
    assert ledger.checked(source) == found


def test_numbers_of_chapters():
    names = ("00_when_attention", "06_pattern_1", "08b_doctor", "10_fusion")
    assert [ledger.number(name) for name in names] == ["0", "6", "8b", "10"]
