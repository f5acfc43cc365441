"""Turkish search. Sphinx lower-cases as English does: I becomes i, İ becomes i with a loose dot.

So "Işık" and "İlgi" cannot be found. Here words are lower-cased as Turkish does, stemmed, and then
both i are made one: "IŞIK", "Işık", "ışık" find each other, and so do "CIFAR" and "cifar".
static/search.js does the same to the query.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.search.tr import SearchTurkish


def lower(word: str) -> str:
    return word.replace("I", "ı").replace("İ", "i").lower()


def fold(word: str) -> str:
    return word.replace("ı", "i")


class Turkish(SearchTurkish):
    """Index side of the search."""

    def split(self, input: str) -> list[str]:
        """Words; one with an I is filed under both readings, since CIFAR is no Turkish word."""
        found = super().split(input)
        return [lower(word) for word in found] + [word.lower() for word in found if "I" in word]

    def stem(self, word: str) -> str:
        return fold(self.stemmer.stemWord(lower(word)))


def setup(app: Sphinx) -> None:
    app.add_search_language(Turkish)
