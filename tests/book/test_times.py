"""The running times at the pages' feet: stored by their command, one for every notebook."""

from __future__ import annotations

import json
import statistics

from builder import notebooks, times
from builder.book import checked_book
from builder.house import House, to_json

from .conftest import ROOT, TITLE, code

HOUSE = House(ROOT)


def test_every_notebook_has_its_time_and_none_keeps_a_reader_waiting():
    seconds = times.read(HOUSE)["seconds"]
    committed = {path.stem for path in (ROOT / "book" / times.LANGUAGE).glob("*.ipynb")}
    assert set(seconds) == committed, f"measure anew: {times.COMMAND}"
    assert max(seconds.values()) <= 40
    assert statistics.mean(seconds.values()) <= 12


def test_a_failing_notebook_loses_no_time_that_was_measured(build_house, capsys):
    house = build_house(
        index=TITLE + code("print(1)"), broken=TITLE + code("1 / 0"), fine=TITLE + code("print(2)")
    )
    chapters = checked_book(house)
    for name in ("index", "broken", "fine"):
        chapter = next(one for one in chapters if one.name == name)
        path = house.notebook(times.LANGUAGE, name)
        path.parent.mkdir(exist_ok=True)
        face = notebooks.Plain(house, times.LANGUAGE, chapters)
        path.write_text(notebooks.as_text(notebooks.plain_notebook(chapter, face)), "utf-8")
    times.file(house).write_text(to_json({"seconds": {"broken": 7.5, "gone": 3.0}}), "utf-8")
    assert times.measure(house) == 1
    record = json.loads(times.file(house).read_text("utf-8"))
    assert set(record["seconds"]) == {"index", "broken", "fine"}
    assert record["seconds"]["broken"] == 7.5
    assert 0 < record["seconds"]["fine"] < 60
    assert record["command"] == times.COMMAND
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.out
    assert "broken" in said.err
