"""Words of the interface, from words.toml, given to everything that asks gettext for one."""

from __future__ import annotations

import tomllib
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from sphinx import locale
from sphinx.application import Sphinx

CATALOGUES = ("sphinx", "booktheme")
# What myst-nb writes on a folded code cell: closed, open.
PROMPTS = {"tr": ("Kodu göster", "Kodu gizle"), "en": ("Show the code", "Hide the code")}
# What Sphinx's searchtools.js says.
SEARCH = (
    "Searching",
    "Search Results",
    "Your search did not match any documents. Please make sure that all words are spelled "
    "correctly and that you've selected enough categories.",
    "Search finished, found ${resultCount} page(s) matching the search query.",
)


@cache
def words(language: str) -> dict[str, str]:
    text = Path(__file__).with_name("words.toml").read_text("utf8")
    return tomllib.loads(text)[language]


class Words(GNUTranslations):
    """Our words first, then those of the catalogue that was there."""

    def __init__(self, ours: dict[str, str], before: NullTranslations) -> None:
        super().__init__()
        self.ours, self.before = ours, before

    def gettext(self, message: str) -> str:
        return self.ours.get(message) or self.before.gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.ours.get(one) or self.before.ngettext(one, many, n)


def install(app: Sphinx) -> None:
    """Put our words before every catalogue; called before any label or page is made."""
    for name in CATALOGUES:
        before = locale.get_translator(name)
        locale.translators["general", name] = Words(words(app.config.language), before)
    app.translator = locale.get_translator("sphinx")


def for_search(language: str) -> dict[str, str]:
    """What the search page's scripts say, by the words of Sphinx's doctools.js."""
    ours = words(language)
    return {message: ours.get(message, message) for message in SEARCH}
