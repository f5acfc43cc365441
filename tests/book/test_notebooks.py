"""Executing, keeping and refusing: what happens to the outputs of a notebook."""

from __future__ import annotations

import editions
import pytest
from builder import notebooks
from builder.book import checked_book, rewrite, wanted
from builder.house import Refused

from .conftest import TITLE, code, pair

CELLS = (
    code("print((2, 3, 5, 7))") + pair("Sonra.", "Then.") + code("[0] * 2") + pair("Son.", "End.")
)
DRAW = """import matplotlib.pyplot as plt
print(plt.bar([0, 1], [1, 2])[1].get_height())
plt.show()"""
FIGURE = code(DRAW, "figure")
CAPTION = pair(
    ":::{caption} a-f\n:alt: İki çubuk\nİki.\n:::", ":::{caption} a-f\n:alt: Two bars\nTwo.\n:::"
)


def run(house) -> int:
    return editions.run_notebooks(house, everything=False, jobs=2)


def again(house):
    return type(house)(house.root)


def edit(house, old: str, new: str) -> None:
    path = house.chapters / "01_a.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def stored(house, language: str = "tr") -> str:
    return house.notebook(language, "01_a").read_text("utf-8")


def test_twice_gives_the_same_bytes(build_house):
    first = build_house("one", **{"01_a": TITLE + CELLS + FIGURE + CAPTION})
    second = build_house("two", **{"01_a": TITLE + CELLS + FIGURE + CAPTION})
    assert run(first) == run(second) == 0
    for language in ("tr", "en"):
        assert stored(first, language) == stored(second, language)
    notebook = notebooks.read(first.notebook("tr", "01_a"))
    picture = notebook.cells[-2].outputs[-1]
    assert picture.metadata["image/png"]["alt"] == "İki çubuk"
    assert "(2, 3, 5, 7)" in stored(first)
    for noise in ("execution", "iopub", "3.11", "widget"):
        assert noise not in {key for cell in notebook.cells for key in cell.metadata}
    assert notebook.metadata.language_info == {"name": "python"}


def test_prose_keeps_outputs_and_code_asks_for_execution(build_house, capsys):
    house = build_house(**{"01_a": TITLE + CELLS})
    assert run(house) == 0
    before = stored(house)
    # other prose: rewritten, outputs kept, nothing executed
    edit(house, "Sonra.", "Daha sonra.")
    edit(house, "Then.", "Later.")
    chapters = checked_book(again(house))
    assert [path.name for path in rewrite(chapters, again(house), write=True)] == ["01_a.ipynb"] * 2
    assert stored(house) == before.replace("Sonra.", "Daha sonra.").replace(
        *[
            next(c.id for c in notebooks.read(path).cells if c.source == text)
            for path, text in (
                (_saved(house, before), "Sonra."),
                (house.notebook("tr", "01_a"), "Daha sonra."),
            )
        ]
    )
    assert rewrite(chapters, again(house), write=True) == []
    # other code: refused until executed
    edit(house, "[0] * 2", "[0] * 3")
    with pytest.raises(Refused, match="from code cell 2"):
        rewrite(checked_book(again(house)), again(house), write=True)
    capsys.readouterr()
    assert run(again(house)) == 0
    assert "2 to execute" in capsys.readouterr().out
    assert run(again(house)) == 0
    assert "0 to execute" in capsys.readouterr().out


def _saved(house, text: str):
    path = house.root / "saved.ipynb"
    path.write_text(text, "utf-8")
    return path


def test_a_changed_package_asks_for_execution(build_house, capsys):
    house = build_house(**{"01_a": TITLE + CELLS})
    assert run(house) == 0
    (house.root / "cbam_teach" / "mask.py").write_text('"""Other."""\n')
    assert rewrite(checked_book(again(house)), again(house), write=False) == []
    capsys.readouterr()
    assert run(again(house)) == 0
    assert "2 to execute" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("raise ValueError('planted')", "ValueError: planted"),
        ("import warnings\nwarnings.warn('planted')", "wrote to the error stream"),
    ],
)
def test_a_failing_cell_stores_nothing_and_keeps_the_rest(build_house, capsys, bad, reason):
    good = TITLE + CELLS
    house = build_house(**{"01_a": good, "02_b": TITLE + code(bad)})
    assert run(house) == 1
    assert reason in capsys.readouterr().out
    assert stored(house)
    assert not house.notebook("tr", "02_b").exists()


def test_alt_text_follows_its_source(build_house):
    house = build_house(**{"01_a": TITLE + FIGURE + CAPTION})
    assert run(house) == 0
    edit(house, "İki çubuk", "Yan yana iki çubuk")
    edit(house, "Two bars", "Two bars side by side")
    rewrite(checked_book(again(house)), again(house), write=True)
    cell = next(c for c in notebooks.read(house.notebook("en", "01_a")).cells if c.get("outputs"))
    assert cell.outputs[-1].metadata["image/png"]["alt"] == "Two bars side by side"
    assert "alt" not in cell.metadata


def test_a_notebook_of_no_chapter_is_refused(build_house):
    house = build_house(**{"01_a": TITLE + CELLS})
    assert run(house) == 0
    house.notebook("en", "09_old").write_text(stored(house, "en"))
    with pytest.raises(Refused, match="no chapter makes this notebook"):
        rewrite(checked_book(again(house)), again(house), write=False)


def test_a_page_without_code_has_no_notebook(build_house):
    house = build_house(**{"index": TITLE, "01_a": TITLE + CELLS})
    assert {path.stem for path in wanted(checked_book(house), house)} == {"01_a"}
