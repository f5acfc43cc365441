"""Drift is impossible: one half of a pair cannot change alone."""

from __future__ import annotations

import editions
import pytest
from builder.book import agreed_book
from builder.house import Refused

from .conftest import TITLE, pair


def edit(house, old: str, new: str) -> None:
    path = house.chapters / "01_a.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def house(build_house):
    house = build_house(**{"01_a": TITLE + pair("Maske çarpılır.", "A mask multiplies.")})
    agreed_book(house, record=True)
    return house


def fresh(house):
    return type(house)(house.root)


def test_nothing_edited(house):
    assert agreed_book(fresh(house), record=False)


@pytest.mark.parametrize(
    ("old", "new", "edited", "other", "cell"),
    [
        ("Maske çarpılır.", "Maske toplanır.", "tr", "en", 3),
        ("A mask multiplies.", "A mask is added.", "en", "tr", 4),
    ],
)
def test_one_half_edited(house, old, new, edited, other, cell):
    edit(house, old, new)
    with pytest.raises(Refused, match="make agree") as caught:
        agreed_book(fresh(house), record=True)
    message = str(caught.value)
    assert f"cell {cell}: only the {edited} half" in message
    assert f"the {other} half is" in message
    # refused again: refusing stores nothing
    with pytest.raises(Refused, match="make agree"):
        agreed_book(fresh(house), record=True)
    # and "make agree" settles it
    editions.run_agree(fresh(house))
    assert agreed_book(fresh(house), record=False)


def test_both_halves_edited(house):
    edit(house, "Maske çarpılır.", "Maske toplanır.")
    edit(house, "A mask multiplies.", "A mask is added.")
    with pytest.raises(Refused, match="does not hold the present pairs of 01_a"):
        agreed_book(fresh(house), record=False)
    assert agreed_book(fresh(house), record=True)
    assert agreed_book(fresh(house), record=False)


def test_pairs_may_move_and_come(house):
    start = '+++ {"lang": "tr"}\n\nMaske'
    edit(house, start, pair("Yeni.", "New.") + start)
    assert agreed_book(fresh(house), record=True)
