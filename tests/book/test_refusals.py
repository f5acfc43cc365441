"""Each rule of the builder refuses its own planted fault, and names file, cell and reason."""

from __future__ import annotations

import pytest
from builder.book import checked_book
from builder.house import Refused

from .conftest import TITLE, code, pair

GOOD = (
    TITLE
    + code("x = 1")
    + pair(
        "(a-one)=\n## Bir\n\nSıcaklık 0,25 ve %95; $x + F(x)$, `mask`, {cite}`woo2018`, "
        "[bağ](https://a.org/b).\n\n:::{note}\nBin: 1.200.\n:::",
        "(a-one)=\n## One\n\nTemperature 0.25 and 95%; $x + F(x)$, `mask`, {cite}`woo2018`, "
        "[link](https://a.org/b).\n\n:::{note}\nThousand: 1,200.\n:::",
    )
)


def refusals(house) -> str:
    with pytest.raises(Refused) as caught:
        checked_book(house)
    return str(caught.value)


def test_a_good_chapter_passes(build_house):
    chapters = checked_book(build_house(**{"01_a": GOOD}))
    assert [chapter.name for chapter in chapters] == ["01_a"]
    assert len(chapters[0].pairs) == 2


STRUCTURE = {
    "no language": (TITLE + code("x = 1") + "prose slips in\n", 4, 'without "lang"'),
    "unknown language": (TITLE + '+++ {"lang": "de"}\n\nText\n', 3, 'unknown language "de"'),
    "code with a language": (
        TITLE + "```{code-cell} ipython3\n:lang: tr\n\nx = 1\n```\n",
        3,
        'a code cell has "lang": "tr"',
    ),
    "unpaired at the end": (TITLE + '+++ {"lang": "tr"}\n\nYalnız.\n', 3, "no partner"),
    "unpaired before code": (
        TITLE + '+++ {"lang": "tr"}\n\nYalnız.\n\n' + code("x = 1"),
        3,
        "no partner",
    ),
    "twice the same language": (
        TITLE + '+++ {"lang": "tr"}\n\nBir.\n\n+++ {"lang": "tr"}\n\nİki.\n',
        3,
        "no partner",
    ),
    "unknown tag": (TITLE + code("x = 1", "skip"), 3, 'unknown tag "skip"'),
    "directive around a code cell": (
        TITLE + pair(":::{note}\nAçık", ":::{note}\nOpen") + code("x = 1") + ":::\n",
        3,
        "{note} is still open",
    ),
    "closing line alone": (TITLE + pair("Son\n:::", "End\n:::"), 3, "closes a directive"),
    "open code fence": (TITLE + pair("```python\nx", "```python\nx"), 3, "still open"),
}


@pytest.mark.parametrize("fault", STRUCTURE)
def test_structure(build_house, fault):
    text, cell, reason = STRUCTURE[fault]
    message = refusals(build_house(**{"01_a": text}))
    assert f"book/chapters/01_a.md, cell {cell}: " in message
    assert reason in message


PAIRS = {
    "heading levels": ("### Üç", "#### Four"),
    "formulas": ("$x + y$", "$x - y$"),
    "numbers": ("sıcaklık 0,25", "temperature 0.35"),
    "numbers again": ("1.200 adım", "1.200 steps"),
    "code literals": ("`ReLU`", "`relu`"),
    "fenced code": ("```python\nx = 1\n```", "```python\nx = 2\n```"),
    "citations": ("{cite}`woo2018`", "Woo"),
    "labels": ("(a-one)=\n## Bir", "(a-two)=\n## One"),
    "links": ("[bağ](https://a.org/b)", "[link](https://a.org/c)"),
    "directives": (":::{note}\nBir\n:::", ":::{warning}\nOne\n:::"),
    "claims": (":::{claim} C001\n:::", ":::{claim} C002\n:::"),
    "number in an admonition": (":::{note}\nÜç 3\n:::", ":::{note}\nFour 4\n:::"),
    "alt text numbers": (
        ":::{caption} a-f\n:alt: 3 çizgi\nYazı\n:::",
        ":::{caption} a-f\n:alt: 4 lines\nText\n:::",
    ),
}


@pytest.mark.parametrize("part", PAIRS)
def test_a_pair_that_disagrees(build_house, part):
    message = refusals(build_house(**{"01_a": TITLE + code("x = 1") + pair(*PAIRS[part])}))
    assert "book/chapters/01_a.md, cell 4: the pair (cells 4 and 5) disagrees: " in message


EQUAL = {
    "decimal comma": ("0,25 ile 2,5", "0.25 and 2.5"),
    "per cent": ("%95", "95%"),
    "thousands": ("1.200,5 ve 12.000", "1,200.5 and 12,000"),
    "interval": ("[0; 0,5]", "[0, 0.5]"),
    "other order": ("$a$ ve $b$", "$b$ and $a$"),
    "spaces in a formula": ("$a+b$", "$a + b$"),
    "numbers inside code are code": ("`x[0,5]`", "`x[0,5]`"),
    "a version is no thousand": ("2.13 sürümü", "version 2.13"),
}


@pytest.mark.parametrize("part", EQUAL)
def test_a_pair_that_agrees(build_house, part):
    assert checked_book(build_house(**{"01_a": TITLE + pair(*EQUAL[part])}))


MARKUP = {
    "unknown directive": ((":::{attention}\nA\n:::",) * 2, "unknown directive {attention}"),
    "unknown role": (("{ref}`a-b`",) * 2, "unknown role {ref}"),
    "image": (("![a](b.png)",) * 2, "an image (b.png)"),
    "section without a label": (("## A",) * 2, "has no label line"),
    "caption without alt": ((":::{caption} a-f\nA\n:::",) * 2, "no :alt: text"),
    "unknown claim": ((":::{claim} C999\n:::",) * 2, "claim C999 is not in book/claims.yml"),
    "unknown citation": (("{cite}`who1999`",) * 2, "citation who1999 is not in"),
    "unknown figure": (("{fig}`a-none`",) * 2, "figure a-none has no caption"),
    "unknown class": ((":::{source} cbam_teach.mask.No\n:::",) * 2, "no No there; there are Mask"),
    "unknown chapter": (("[a](99_b.md)",) * 2, "no chapter of _toc.yml"),
    "unknown anchor": (("[a](#a-none)",) * 2, "no label of the book"),
    "label twice, once as a figure": (
        ("(a-x)=\n## A\n\n:::{caption} a-x\n:alt: B\nC\n:::",) * 2,
        "stands already",
    ),
    "label twice": (("(a-x)=\n## A\n\n(a-x)=\n## B",) * 2, "stands already"),
    "forbidden Turkish": (("Özellik haritası", "Feature map"), 'forbidden term "özellik harita"'),
    "forbidden, Turkish capitals": (("UZAMSAL, ÖZELLİK HARİTASI", "a"), "öznitelik haritası"),
    "forbidden verb form": (("Maske çarpılmaktadır.", "a"), "çarpılmaktadır"),
    "forbidden English": (("a", "We delve into masks"), 'forbidden term "delve"'),
    "said too often": (("havuzlama, havuzlama", "a"), 'forbidden term "havuzlama"'),
}


@pytest.mark.parametrize("fault", MARKUP)
def test_markup_and_terms(build_house, fault):
    halves, reason = MARKUP[fault]
    message = refusals(build_house(**{"01_a": TITLE + pair(*halves)}))
    assert "book/chapters/01_a.md, cell " in message
    assert reason in message


CAPTION = pair(":::{caption} a-f\n:alt: B\nC\n:::", ":::{caption} a-f\n:alt: B\nC\n:::")
INSIDE = "::::{note}\n:::{caption} a-f\n:alt: B\nC\n:::\n::::"


@pytest.mark.parametrize(
    "text",
    [
        TITLE + CAPTION,
        TITLE + code("x = 1") + CAPTION,
        TITLE + code("x = 1", "figure") + pair("Ara.", "Between.") + CAPTION,
    ],
    ids=["no code above", "no figure above", "text between"],
)
def test_a_caption_without_its_figure(build_house, text):
    message = refusals(build_house(**{"01_a": text}))
    assert "a caption needs a code cell tagged figure right above it" in message


def test_a_caption_inside_a_box(build_house):
    text = TITLE + code("x = 1", "figure") + pair(INSIDE, INSIDE)
    assert "a caption inside another directive" in refusals(build_house(**{"01_a": text}))


def test_a_caption_with_its_figure(build_house):
    text = TITLE + code("x = 1", "figure") + CAPTION
    assert checked_book(build_house(**{"01_a": text}))


def test_a_term_that_may_be_said_once(build_house):
    text = TITLE + pair("Ortaklama (havuzlama).", "Pooling.")
    assert checked_book(build_house(**{"01_a": text}))


def test_the_same_label_in_two_chapters(build_house):
    section = TITLE + pair("(same)=\n## A", "(same)=\n## A")
    message = refusals(build_house(**{"01_a": section, "02_b": section}))
    assert 'book/chapters/02_b.md, cell 3: label "same" belongs to 01_a' in message


def test_a_chapter_missing_from_the_toc(build_house):
    house = build_house(**{"01_a": TITLE})
    (house.chapters / "03_lost.md").write_text((house.chapters / "01_a.md").read_text("utf-8"))
    assert "book/chapters/03_lost.md: the chapter is missing from _toc.yml" in refusals(house)


def test_a_toc_entry_without_a_chapter(build_house):
    house = build_house(**{"01_a": TITLE, "02_b": TITLE})
    (house.chapters / "02_b.md").unlink()
    assert "_toc.yml: it lists 02_b, which has no source file" in refusals(house)


def test_all_faults_are_reported_together(build_house):
    text = TITLE + pair("Özellik haritası 3", "Feature map 4") + pair("## A", "## A")
    message = refusals(build_house(**{"01_a": text}))
    assert "özellik harita" in message
    assert "numbers differ: only tr has ['3'], only en has ['4']" in message
    assert "has no label line" in message
