"""The page of the terms: in small houses with planted faults, and as the book has it."""

from __future__ import annotations

import copy
import re

import pytest
import yaml
from builder import terms
from builder.book import checked_book
from builder.faces import Myst, Plain
from builder.house import LANGUAGES, House, Refused

from .conftest import ROOT, TITLE, code, pair

PAGE = pair("# Terimler\n\n:::{glossary}\n:::", "# Glossary\n\n:::{glossary}\n:::")
FIRST = (
    TITLE
    + code("x = 1")
    + pair(
        "(a-one)=\n## Bir\n\nKapı. `kol` $kol$\n\n(a-two)=\n## İki\n\nÇekirdeği ve kolu\ngörelim.",
        "(a-one)=\n## One\n\nA door. `kol` $kol$\n\n(a-two)=\n## Two\n\nThe kernel, its branch.",
    )
)
SECOND = pair("# İkinci\n\nBir kapı.", "# Second\n\nA gate, a mask.") + code("x = 1")
LIST = pair("# Liste\n\nKol, kapı.", "# List\n\nBranch, gate.")  # no code: it only lists
SAYS = {"tr": "Ne olduğu, $x$.", "en": "What it is, $x$."}
TERMS = [
    {"id": "kernel", "tr": "çekirdek", "en": "kernel", "says": SAYS},
    {"id": "gate", "tr": "kapı", "en": "gate", "says": SAYS},
    {"id": "branch", "tr": "kol", "en": "branch", "says": SAYS, "find": {"tr": r"kol(?:u)?\b"}},
]


@pytest.fixture
def house(build_house):
    def make(entries):
        parts = {"index": TITLE, "list": LIST, "01_a": FIRST, "b": SECOND, "glossary": PAGE}
        made = build_house(**parts)
        text = yaml.safe_dump(entries, allow_unicode=True)
        (made.root / "book" / "terms.yml").write_text(text, "utf8")
        return made

    return make


def page(made, face, language):
    return face(made, language, checked_book(made)).render(":::{glossary}\n:::")


def changed(number, **fields):
    entries = copy.deepcopy(TERMS)
    entries[number] |= fields
    return entries


def test_the_page_is_sorted_and_leads_to_the_first_use(house):
    text = page(house(TERMS), Myst, "tr")
    letters = '<span class="house-letters">[Ç](#term-kernel) [K](#term-gate)</span>'
    assert text.startswith(f"{letters}\n\n(term-kernel)=\n**çekirdek**")
    assert re.findall(r"\((term-\w+)\)=", text) == ["term-kernel", "term-gate", "term-branch"]
    assert (
        '(term-branch)=\n**kol** · <i lang="en">branch</i>\\\nNe olduğu, $x$.\\\n'
        "İlk geçtiği yer: [1. Başlık · İki](#a-two)" in text
    )
    # Only one edition of section One says gate; the opening of the page after it has no label.
    assert "İlk geçtiği yer: [İkinci](/b.ipynb)" in text


def test_the_other_language_and_the_other_face(house):
    text = page(house(TERMS), Plain, "en")
    assert re.findall(r'<a id="(term-\w+)"', text) == ["term-branch", "term-gate", "term-kernel"]
    assert '**gate** · <i lang="tr">kapı</i>' in text
    assert "/en/01_a.html#a-two)" in text


FAULTS = {
    "lost": (changed(1, tr="kapak"), "no place uses gate in both languages"),
    "no sentence": (changed(0, says={"tr": "Bir."}), "kernel: it has no says.en"),
    "no term": (changed(0, en=""), "kernel: it has no en"),
    "unknown field": (changed(0, find_tr="x"), "kernel: unknown field find_tr"),
    "other formulas": (changed(0, says=SAYS | {"en": "It, $y$."}), "kernel: formulas differ"),
    "forbidden word": (
        changed(0, says={"tr": "$x$ tarafından.", "en": "By $x$."}),
        'kernel: forbidden term "tarafından"',
    ),
    "twice": ([*TERMS, TERMS[1] | {"id": "gates"}], "kapı: this tr stands twice"),
    "same id": ([*TERMS, TERMS[1]], "gate: this id stands twice"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_stops_the_build(house, fault):
    entries, reason = FAULTS[fault]
    with pytest.raises(Refused) as caught:
        checked_book(house(entries))
    assert f"book/chapters/glossary.md, cell 1: book/terms.yml: {reason}" in str(caught.value)


def test_a_link_to_a_term_is_a_link_to_a_label(build_house):
    link = "[kapı](glossary.md#term-{})"
    for name, refused in (("gate", False), ("door", True)):
        text = pair(f"# A\n\n{link.format(name)}", f"# A\n\n{link.format(name)}")
        made = build_house(name, index=text, b=SECOND, glossary=PAGE)
        (made.root / "book" / "terms.yml").write_text(yaml.safe_dump(TERMS[1:2]), "utf8")
        if refused:
            with pytest.raises(Refused, match="#term-door, which is no label of the book"):
                checked_book(made)
        else:
            checked_book(made)


def test_both_alphabets():
    tr = ["iddia", "ısınma", "zaman", "çekirdek", "cümle", "şekil", "süs", "üç", "uç", "öz", "on"]
    tr += ["hâl", "hal kapısı"]
    assert sorted(tr, key=lambda text: terms.order(text, "tr")) == [
        *("cümle", "çekirdek", "hâl", "hal kapısı", "ısınma", "iddia", "on", "öz", "süs"),
        *("şekil", "uç", "üç", "zaman"),
    ]
    en = ["gates", "gate", "gate width", "ReLU", "rank"]
    assert sorted(en, key=lambda text: terms.order(text, "en")) == [
        "gate", "gate width", "gates", "rank", "ReLU",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("çekirdek", ["çekirdeğin", "çekirdekler"]),
        ("artık blok", ["artık bloğu"]),
        ("kapı", ["kapısı"]),
        ("Kalıp", ["kalıbı"]),
    ],
)
def test_a_turkish_term_is_found_with_its_suffixes(written, found):
    for form in found:
        assert terms.pattern({"tr": written}, "tr").search(f"bir {form} var")
        assert not terms.pattern({"tr": written}, "tr").search(f"bir x{form} var")


# ---- the book's own terms --------------------------------------------------------------------
HOUSE = House(ROOT)
BOOK = terms.read(HOUSE)


@pytest.fixture(scope="module")
def chapters():
    return checked_book(HOUSE)


def test_every_term_of_the_book_has_a_sentence_and_a_first_use_in_both_languages(chapters):
    assert len(BOOK) >= 70
    found = terms.first_uses(BOOK, chapters)
    places = {(p.chapter, p.anchor): p for p in terms.places(chapters)}
    for entry in BOOK:
        place = found[entry["id"]]
        assert place is not None, entry["id"]
        for language in LANGUAGES:
            sentence = entry["says"][language]
            assert sentence.endswith("."), entry["id"]
            assert sentence.rstrip(".").count(". ") == 0, entry["id"]
            assert terms.pattern(entry, language).search(place.text[language]), entry["id"]
        assert bool(place.anchor) == bool(place.heading["tr"]), entry["id"]
        assert (place.chapter, place.anchor) in places


def test_a_first_use_is_the_first(chapters):
    order, found = terms.places(chapters), terms.first_uses(BOOK, chapters)
    for entry in BOOK:
        before = order[: order.index(found[entry["id"]])]
        both = [
            place
            for place in before
            if all(terms.pattern(entry, lang).search(place.text[lang]) for lang in LANGUAGES)
        ]
        assert both == [], entry["id"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_of_the_page_lead_somewhere(chapters, language):
    text = Myst(HOUSE, language, chapters).render(":::{glossary}\n:::")
    own = {terms.anchor(entry) for entry in BOOK}
    labels = own | {place.anchor for place in terms.places(chapters)}
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) >= len(BOOK) + 15
    for link in links:
        target = link.removeprefix("#") if link.startswith("#") else ""
        page = link.removeprefix("/").removesuffix(".ipynb")
        assert target in labels if target else page in HOUSE.toc, link
    assert set(re.findall(r"^\((term-[\w-]+)\)=$", text, re.M)) == own
