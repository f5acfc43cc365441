"""The built site, a server for it and a browser."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from browser import LANGUAGES, ROOT, chromium, find, pages, served, site
from visits import Visit, Visitor

sys.path.insert(0, str(ROOT / "book" / "theme"))


# Files whose tests look at the same walk through the site: one worker walks it, once.
WALKS = {
    "test_site_live_people.py": "figures",
    **dict.fromkeys(
        (
            f"test_site_{what}.py"
            for what in ("pages", "addresses", "languages", "live_files", "words")
        ),
        "pages",
    ),
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """Hand out tests one by one, but those of one walk together and first."""
    from xdist.scheduler import LoadScopeScheduling

    class Walks(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return WALKS.get(Path(nodeid.partition("::")[0]).name, nodeid)

    return Walks(config, log)


def missing(message: str) -> None:
    """A test without its ground is skipped; in CI that is a failure."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def built() -> Path:
    if not (site() / "index.html").is_file():
        missing(f"The site is not built: no index.html in {site()}. Run `make book`.")
    return site()


@pytest.fixture(scope="session")
def names(built: Path) -> list[str]:
    """Pages of one edition; the other has the same (a test says so)."""
    return pages(built / LANGUAGES[0])


@pytest.fixture(scope="session")
def chapters(built: Path, names: list[str]) -> list[str]:
    """Pages that are notebooks, too."""
    notebooks = built / LANGUAGES[0] / "_downloads" / "notebooks"
    return [name for name in names if (notebooks / name).with_suffix(".ipynb").is_file()]


@pytest.fixture(scope="session")
def numbered(chapters: list[str]) -> list[str]:
    return [name for name in chapters if name[0].isdigit()]


@pytest.fixture(scope="session")
def live(built: Path, chapters: list[str]) -> dict[str, list[str]]:
    """Pages with live figures: the labels of each."""
    found = {}
    for name in chapters:
        text = (built / LANGUAGES[0] / name).read_text("utf8")
        if labels := re.findall(r'<figure data-live="[^"]+"[^>]* id="([^"]+)"', text):
            found[name] = labels
    assert found, "no page of the site has a live figure"
    return found


@pytest.fixture(scope="session")
def config() -> dict:
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf8"))


@pytest.fixture(scope="session")
def address(built: Path, config: dict):
    """The site on a server, at the same path as on its host."""
    with served(built, urlsplit(config["html"]["baseurl"]).path.rstrip("/")) as url:
        yield url


@pytest.fixture(scope="session")
def own(tmp_path_factory):
    """The address of a page with a live figure made for tests, in both languages."""
    import live_page

    folder = tmp_path_factory.mktemp("own")
    live_page.write(folder, {language: live_page.figure(language) for language in LANGUAGES})
    with served(folder) as url:
        yield url


@pytest.fixture(scope="session")
def browser():
    if find() is None:
        missing("There is no Chromium on the PATH. Install the package chromium.")
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="tr-TR")
    yield context.new_page()
    context.close()


@pytest.fixture
def visitor(page) -> Visitor:
    return Visitor(page)


@pytest.fixture(scope="session")
def visits(browser, address: str, built: Path) -> dict[str, Visit]:
    """Every page of the site, opened once, with all that was asked for and said."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="tr-TR")
    visitor = Visitor(context.new_page())
    found = {name: visitor.open(address, name) for name in pages(built)}
    context.close()
    return found


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, which finds what keeps people out of a page."""
    script = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        missing("axe-core is not installed; run `make node_modules/.done`.")
    return script.read_text("utf8")
