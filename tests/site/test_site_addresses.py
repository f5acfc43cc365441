"""Where a page's buttons lead: run, download, edit, report."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import LANGUAGES, ROOT
from visits import Visit


@pytest.fixture
def at(visits: dict[str, Visit]):
    """Addresses of one kind of button on one page: at("tr", "index.html")("edit")."""

    def page(language: str, name: str):
        buttons = visits[f"{language}/{name}"].seen["buttons"]
        return lambda kind: [href for names, href in buttons if f"house-{kind}" in names.split()]

    return page


def repository(config: dict) -> tuple[str, str]:
    return config["repository"]["url"].rstrip("/"), config["repository"]["branch"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_run_where_they_say(at, chapters: list[str], config: dict, language: str):
    home, branch = repository(config)
    owner = urlsplit(home).path
    for name in chapters:
        links = at(language, name)
        notebook = f"book/{language}/{Path(name).stem}.ipynb"
        colab = f"https://colab.research.google.com/github{owner}/blob/{branch}/{notebook}"
        binder = f"https://mybinder.org/v2/gh{owner}/{branch}?urlpath=lab/tree/{notebook}"
        assert links("colab") == [colab]
        assert links("binder") == [binder]
        assert (ROOT / notebook).is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_download_gives_the_committed_notebook(at, built: Path, chapters: list[str], language: str):
    for name in chapters:
        (href,) = at(language, name)("download")
        stored = ROOT / "book" / language / f"{Path(name).stem}.ipynb"
        assert (built / language / href).read_bytes() == stored.read_bytes()
        assert json.loads(stored.read_text("utf8"))["nbformat"] == 4


def test_download_saves_under_the_chapters_name(page, address: str, chapters: list[str]):
    page.goto(f"{address}/tr/{chapters[0]}")
    page.locator(".house-menu summary").first.click()
    with page.expect_download() as caught:
        page.locator("a.house-download").click()
    assert caught.value.suggested_filename == chapters[0].replace(".html", ".ipynb")


@pytest.mark.parametrize("language", LANGUAGES)
def test_edit_opens_the_source(at, names: list[str], config: dict, language: str):
    """Both editions are written in one file, and that is what opens."""
    home, branch = repository(config)
    for name in names:
        links = at(language, name)
        assert links("repository") == [home]
        assert [href.split("?")[0] for href in links("issue")] == [f"{home}/issues/new"]
        if name == "search.html":
            assert links("edit") == []
            continue
        source = f"book/chapters/{Path(name).stem}.md"
        assert links("edit") == [f"{home}/edit/{branch}/{source}"]
        assert (ROOT / source).is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_foot_says_the_running_time_and_where_to_report(at, built, names, chapters, language):
    times = json.loads((ROOT / "book" / "times.json").read_text("utf8"))
    for name in names:
        links, page = at(language, name), Path(name).stem
        assert links("mistake") == links("issue")
        assert f"{language}/{page}" in unquote(links("mistake")[0])
        text = (built / language / name).read_text("utf8")
        (foot,) = re.findall(r'<p class="house-facts">(.*?)<a ', text, re.S)
        known = [math.ceil(times["seconds"][page]), times["processors"]] if name in chapters else []
        assert [int(number) for number in re.findall(r"\d+", foot)] == known


def test_pages_without_a_notebook_offer_none(at, names: list[str], chapters: list[str]):
    for name in set(names) - set(chapters):
        links = at("tr", name)
        assert links("colab") + links("binder") + links("download") == []
