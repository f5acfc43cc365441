"""The theme's parts on their own, without a browser: formulas, style sheets, anchors, words."""

from __future__ import annotations

import re

import mathematics
import parts
import pytest
import styles
import words
from sphinx.errors import ExtensionError


@pytest.fixture(scope="module")
def typesetter():
    if not (mathematics.MODULES / "mathjax").is_dir():
        pytest.skip("MathJax is not installed. Run `make book`.")
    found = mathematics.Typesetter()
    yield found
    found.close()


def marked(kind: str, tex: str) -> str:
    tag = "div" if kind == "display" else "span"
    return f'<{tag} class="math house-{kind}">{tex}</{tag}>'


def test_a_page_shares_its_glyphs(typesetter):
    formula = marked("inline", r"\\alpha_c &lt; 1")
    page = typesetter.page(f"<p>{formula} {formula}</p></body>", "page")
    assert page.count("<mjx-container") == page.count("<math") == 2
    assert "house-inline" not in page
    used = set(re.findall(r'xlink:href="#([^"]+)"', page))
    assert used == set(re.findall(r'<path id="([^"]+)"', page))
    assert page.count("</body>") == 1


def test_a_stop_stays_with_its_formula(typesetter):
    page = typesetter.page(f"<p>({marked('inline', 'y')}), x</p></body>", "page")
    assert re.search(
        r'<span class="house-stay">\(<span class="math inline">.*?</span>\),</span>', page
    )


@pytest.mark.parametrize(
    ("tex", "said"),
    [(r"\frac{a", "Missing close brace"), (r"\nosuchcommand", "Undefined control sequence")],
)
def test_a_formula_that_cannot_be_read_is_reported(typesetter, tex: str, said: str):
    answer = typesetter.typeset([("x", False), (tex, True)])
    assert len(answer["errors"]) == 1
    assert said in answer["errors"][0]


def test_missing_assets_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(mathematics, "MODULES", tmp_path)
    with pytest.raises(ExtensionError, match=r"(?s)from npm.*node_modules/mathjax.*make book"):
        mathematics.asset("mathjax")


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".seen{color:red}", ".seen{color:red}\n"),
        (".absent{color:red}", ""),
        (".seen,.absent{color:red}", ".seen{color:red}\n"),
        (".seen:not(.absent){color:red}", ".seen:not(.absent){color:red}\n"),
        (".seen .absent{color:red}", ""),
        ("a:hover,p{color:red}", "a:hover,p{color:red}\n"),
        ("@media print{.seen{a:b}.absent{a:b}}", "@media print{.seen{a:b}\n}\n"),
        ("@media print{.absent{a:b}}", ""),
        ('@font-face{src:url("x.woff2")}p{a:b}', "p{a:b}\n"),
        ('p::after{content:"}"}', 'p::after{content:"}"}\n'),
        (
            "p{background:url(data:image/svg+xml;a{b)}",
            "p{background:url(data:image/svg+xml;a{b)}\n",
        ),
        ("/*! by whom */ /* why */ p{a:b}", "/*! by whom */p{a:b}\n"),
    ],
)
def test_a_style_sheet_keeps_what_can_show(css: str, kept: str):
    assert styles.thin(css, {"seen"}) == kept


def test_our_words_come_first():
    from gettext import NullTranslations

    ours = words.Words({"previous": "önceki"}, NullTranslations())
    assert (ours.gettext("previous"), ours.gettext("unknown")) == ("önceki", "unknown")


def test_both_lists_know_what_the_search_says():
    for language in ("tr", "en"):
        said = words.for_search(language)
        assert set(said) == set(words.SEARCH)
    assert all(said != key for key, said in words.for_search("tr").items())


PAGE = """<head></head><figure class="align-default" id="a-fig"><img></figure>
<script type="text/x-thebe-config">{}</script>
<script>kernelName = 'python3'</script>
<div class="cbam-quiz">?</div>"""


def test_a_page_gets_the_scripts_that_it_needs(tmp_path):
    page = tmp_path / "01_a.html"
    plain = parts.complete(PAGE.replace("cbam-quiz", "other"), page, "tr")
    assert "<script" not in plain
    assert 'defer src="_static/quiz.js"' in parts.complete(PAGE, page, "tr")
    (tmp_path / "_live").mkdir()
    (tmp_path / "_live" / "01_a-a-fig.js").write_text("1")
    live = parts.complete(PAGE, page, "tr")
    assert re.search(r'<figure data-live="_live/01_a-a-fig\.js\?v=\w{8}" class=', live)
    assert 'src="_static/host.js" data-base="../engine/"' in live
    assert "etkileşimli değil: {reason}" in live


def test_a_live_figure_that_is_not_in_its_page_fails(tmp_path):
    (tmp_path / "_live").mkdir()
    (tmp_path / "_live" / "01_a-b-fig.js").write_text("1")
    with pytest.raises(LookupError, match=r"01_a\.html has no figure b-fig"):
        parts.complete(PAGE, tmp_path / "01_a.html", "en")
