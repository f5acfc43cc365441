"""The two faces of one text: plain Markdown in the notebook, MyST on the site."""

from __future__ import annotations

import json

import nbformat
import pytest
from builder.book import checked_book, wanted
from builder.faces import Myst, Plain
from builder.notebooks import as_text, plain_notebook, site_notebook

from .conftest import TITLE, code, pair

CHAPTER = (
    TITLE
    + code("figure()", "figure")
    + pair(
        ":::{caption} a-fig\n:alt: Üç çizgi\nNe görülür.\n:::\n\nSonra.",
        ":::{caption} a-fig\n:alt: Three lines\nWhat is seen.\n:::\n\nThen.",
    )
    + pair(
        "(a-one)=\n## Bir\n\n{fig}`a-fig`, {cite}`woo2018`, [ikinci](02_b.md#b-x), `{cite}`\n\n"
        ":::{claim} C001\n:::\n\n:::{warning}\nİki satır\n\n`kod`\n:::\n\n"
        ":::{hint}\nBak.\n:::\n\n:::{source} cbam_teach.mask.Mask\n:::",
        "(a-one)=\n## One\n\n{fig}`a-fig`, {cite}`woo2018`, [second](02_b.md#b-x), `{cite}`\n\n"
        ":::{claim} C001\n:::\n\n:::{warning}\nTwo lines\n\n`kod`\n:::\n\n"
        ":::{hint}\nLook.\n:::\n\n:::{source} cbam_teach.mask.Mask\n:::",
    )
    + code("answer = None", "exercise")
    + code("answer == 2", "check")
    + code("answer = 2", "solution")
    + code("answer = 3", "wrong")
)
SECOND = (
    TITLE + code("y = 1") + pair("(b-x)=\n## X\n\n[geri](01_a.md)", "(b-x)=\n## X\n\n[b](01_a.md)")
)


@pytest.fixture
def house(build_house):
    return build_house(**{"01_a": CHAPTER, "02_b": SECOND})


def texts(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_notebook_face(house):
    chapters = checked_book(house)
    text = texts(plain_notebook(chapters[0], Plain(house, "tr", chapters)))
    site = house.site
    for expected in (
        "# 1. Başlık",
        '<a id="a-fig"></a>\n**Şekil 1.1.** Ne görülür.',
        '<a id="a-one"></a>\n\n## Bir',
        f"[Şekil 1.1]({site}/tr/01_a.html#a-fig)",
        "[Woo vd. (2018)](https://doi.org/10.1007/978-3-030-01234-2_1)",
        f"[ikinci]({site}/tr/02_b.html#b-x)",
        "`{cite}`",
        "> **İddia C001 · yanlış**\n>\n> “Maske toplanır.”\n>\n> **Doğrusu:** Maske çarpılır.",
        "> **Uyarı**\n>\n> İki satır\n>\n> `kod`",
        "<details>\n<summary>İpucu</summary>\n\nBak.\n\n</details>",
        "```python\nclass Mask:\n    def forward(self, x):\n        return x  # (B,C,1,1)\n```",
        "<details>\n<summary>Çözüm</summary>\n\n```python\nanswer = 2\n```\n\n</details>",
    ):
        assert expected in text
    for unexpected in (":::", "{claim}", "{fig}", "answer = 3", ")=", ":alt:"):
        assert unexpected not in text


def test_site_face(house):
    chapters = checked_book(house)
    plain = plain_notebook(chapters[0], Plain(house, "en", chapters))
    for number, cell in enumerate(c for c in plain.cells if c.cell_type == "code"):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{number}")]
    face = Myst(house, "en", chapters)
    notebook = site_notebook(chapters[0], face, plain)
    text = texts(notebook)
    for expected in (
        "(a-one)=\n## One",
        "[Figure 1.1](#a-fig)",
        "[Woo et al. (2018)](#ref-woo2018)",
        "[second](#b-x)",
        ":::{admonition} Claim C001 · false\n:class: claim claim-false\n",
        ":::{admonition} Hint\n:class: hint dropdown\n",
        ":::{admonition} Solution\n:class: dropdown solution\n\n```python\nanswer = 2\n```\n:::",
    ):
        assert expected in text
    assert "answer = 3" not in text
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    # title, then the set-up cell, then the figure with alt text and caption of its language
    assert [cell.cell_type for cell in notebook.cells[:3]] == ["markdown", "code", "code"]
    assert cells[0].metadata.tags == ["hide-input"]
    assert cells[1].metadata.mystnb.image.alt == "Three lines"
    assert cells[1].metadata.mystnb.figure.caption == "**Figure 1.1.** What is seen."
    # outputs keep their cells although the set-up cell moved
    assert [cell.outputs[0].text for cell in cells[1:]] == ["1", "2", "3"]


def test_the_first_cell(house):
    first = plain_notebook(checked_book(house)[1], Plain(house, "tr", checked_book(house))).cells[0]
    assert first.cell_type == "code"
    assert f"git+{house.repository}@v{house.version}" in first.source
    assert 'cbam_teach.start("tr", seed=0)' in first.source
    assert "CBAM_TEACH_WHEEL" in first.source


def test_names_come_from_content(house):
    first = [as_text(notebook) for notebook in wanted(checked_book(house), house).values()]
    again = [as_text(notebook) for notebook in wanted(checked_book(house), house).values()]
    assert first == again
    for text in first:
        ids = [cell["id"] for cell in json.loads(text)["cells"]]
        assert len(ids) == len(set(ids))


def test_nested_directives_close_in_order(build_house):
    body = "::::{admonition} A\n:class: dropdown\n:::{note}\nB\n:::\n::::"
    house = build_house(**{"01_a": TITLE + pair(body, body)})
    chapters = checked_book(house)
    text = Myst(house, "en", chapters).render(body)
    assert text.startswith("::::{admonition} A\n:class: dropdown\n")
    assert ":::{admonition} Note\n:class: note\n\nB\n:::\n::::" in text
