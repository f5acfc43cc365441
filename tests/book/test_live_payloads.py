"""Live figures in committed notebooks: what is stored, refused, carried over, given to a page."""

from __future__ import annotations

import base64
import copy
import json

import editions
import nbformat
import pytest
from builder import live, notebooks
from builder.book import checked_book, made_from, rewrite, wanted
from builder.faces import Myst
from builder.house import Refused

from .conftest import TITLE, code, pair

# A widget with a fixed id, as a live figure is; the kernel needs no package of ours for it.
WIDGET = """import anywidget, base64, traitlets
class Figure(anywidget.AnyWidget):
    _esm = "export default { render() { /* a front end of some length */ } }"
    still = traitlets.Unicode("data:image/png;base64,AA==").tag(sync=True)
    spec = traitlets.Dict({"b": 1, "a": {"words": "ğ"}}).tag(sync=True)
    models = traitlets.List([b"graph"]).tag(sync=True)
    pictures = traitlets.Bytes(bytes(range(9))).tag(sync=True)
    gate = traitlets.Int(None, allow_none=True).tag(sync=True)
    def _repr_mimebundle_(self, **kwargs):
        data, _ = super()._repr_mimebundle_(**kwargs)
        return {**data, "image/png": "iVBORw0KGgo=", "text/plain": "Figure()"}, {}
"""
SHOW = """import ipywidgets
unseen = Figure(model_id="c" * 32)
Figure(model_id="a" * 32, layout=ipywidgets.Layout(model_id="b" * 32))"""
FIGURE = code(WIDGET) + code(SHOW, "figure")
CAPTION = pair(
    ":::{caption} l-fig\n:alt: Üç çubuk\nNe görülür.\n:::",
    ":::{caption} l-fig\n:alt: Three bars\nWhat is seen.\n:::",
)
AFTER = code("1 + 1") + pair("Sonra.", "Then.") + code("x = 1", "solution")


def again(house):
    return type(house)(house.root)


@pytest.fixture(scope="module")
def executed():
    """The text of a notebook with a live figure, executed by a real kernel once."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("pass", WIDGET, SHOW, "1 + 1")]
    cells[2].metadata["alt"] = "Üç çubuk"
    metadata = {"cbam_teach": {}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    texts = [notebooks.as_text(notebooks.execute(notebook)) for _ in range(2)]
    assert texts[0] == texts[1]
    return nbformat.reads(texts[0], as_version=4)


@pytest.fixture
def made(build_house, executed):
    """`made(*parts)`: a house whose chapter holds the executed outputs."""

    def make(*parts: str, name: str = "01_a"):
        house = build_house(**{name: TITLE + "".join(parts)})
        for path, notebook in wanted(checked_book(house), house).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            filled = notebooks.carry(copy.deepcopy(executed), notebook)
            path.write_text(notebooks.as_text(filled), "utf-8")
        return house

    return make


def model(notebook) -> dict:
    return live.states(notebook)["a" * 32]


def test_what_a_notebook_stores(executed):
    """What is shown, and what that needs; the front end is a few lines, whatever its length."""
    assert set(live.states(executed)) == {"a" * 32, "b" * 32}
    state = model(executed)["state"]
    assert state["_esm"] == live.STORED.read_text("utf-8")
    assert state["alt"] == "Üç çubuk"
    assert not live.IDLE & set(state)
    assert state["gate"] is None
    layout = live.states(executed)["b" * 32]["state"]
    assert all(value is not None for value in layout.values())
    assert [buffer["path"] for buffer in model(executed)["buffers"]] == [
        ["models", 0],
        ["pictures"],
    ]


def test_outputs_hold_view_picture_and_text(executed):
    (output,) = executed.cells[2].outputs
    assert set(output.data) == {live.VIEW, "image/png", "text/plain"}
    assert output.metadata["image/png"]["alt"] == "Üç çubuk"


def test_prose_carries_the_state(made):
    house = made(FIGURE, CAPTION, AFTER)
    assert rewrite(checked_book(again(house)), house, write=True) == []
    path = house.chapters / "01_a.md"
    text = path.read_text("utf-8").replace("Three bars", "Three tall bars")
    path.write_text(text.replace("Üç çubuk", "Üç uzun çubuk"), "utf-8")
    changed = rewrite(checked_book(again(house)), house, write=True)
    assert len(changed) == 2
    for language, alt in (("tr", "Üç uzun çubuk"), ("en", "Three tall bars")):
        notebook = notebooks.read(house.notebook(language, "01_a"))
        assert model(notebook)["state"]["alt"] == alt
        assert set(live.states(notebook)) == {"a" * 32, "b" * 32}


def test_without_live_figures_nothing_is_stored(executed):
    bare = copy.deepcopy(executed)
    bare.cells[2].outputs = []
    live.keep(bare, executed)
    assert "widgets" not in bare.metadata


def test_the_site_gets_the_picture_alone(made):
    house = made(FIGURE, CAPTION, AFTER)
    chapters = checked_book(house)
    committed = notebooks.read(house.notebook("en", "01_a"))
    before = notebooks.as_text(committed)
    notebook = notebooks.site_notebook(chapters[0], Myst(house, "en", chapters), committed)
    (cell,) = [c for c in notebook.cells if c.cell_type == "code" and "mystnb" in c.metadata]
    assert set(cell.outputs[0].data) == {"image/png", "text/plain"}
    assert cell.metadata.mystnb.figure.name == "l-fig"
    assert cell.metadata.mystnb.image.alt == "Three bars"
    assert "widgets" not in notebook.metadata
    assert notebooks.as_text(committed) == before


def test_a_payload_is_one_call(made):
    house = made(FIGURE, CAPTION, AFTER)
    notebook = notebooks.read(house.notebook("tr", "01_a"))
    (found,) = live.payloads(checked_book(house)[0], notebook).items()
    label, text = found
    assert label == "l-fig"
    start = 'cbamLive.payload("l-fig", '
    assert text.startswith(start)
    assert text.endswith(");\n")
    data = json.loads(text[len(start) : -3])
    assert data["buffers"] == {
        "models.0": base64.b64encode(b"graph").decode(),
        "pictures": base64.b64encode(bytes(range(9))).decode(),
    }
    spec = {"b": 1, "a": {"words": "ğ"}}
    assert data["state"] == {"gate": None, "models": [None], "spec": spec}
    assert "ğ" in text


def refusals(house) -> list[str]:
    with pytest.raises(Refused) as caught:
        rewrite(checked_book(again(house)), house, write=False)
    return [str(refusal) for refusal in caught.value.refusals]


def test_a_live_figure_needs_a_caption(made, capsys):
    house = made(FIGURE, AFTER)
    (reason,) = refusals(house)
    assert reason.startswith("book/chapters/01_a.md, cell 4: a live figure without a caption")
    assert editions.main(["notebooks", "--root", str(house.root), "--jobs", "1"]) == 1
    assert "a live figure without a caption" in capsys.readouterr().err


def spoil(house, change) -> None:
    for language in ("tr", "en"):
        path = house.notebook(language, "01_a")
        notebook = notebooks.read(path)
        change(notebook)
        path.write_text(notebooks.as_text(notebook), "utf-8")


def large(notebook) -> None:
    graph = base64.b64encode(bytes(live.LARGEST * 6 // 5)).decode()
    model(notebook)["buffers"][0]["data"] = graph


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda notebook: notebook.metadata.pop("widgets"), "the state of its live figure"),
        (lambda notebook: model(notebook)["state"].update(models=[]), "no exported model"),
        (large, "an exported model of 120 KB; 100 KB are allowed"),
    ],
)
def test_what_a_page_could_not_run_is_refused(made, change, reason):
    house = made(FIGURE, CAPTION, AFTER)
    spoil(house, change)
    (found,) = refusals(house)
    assert found.startswith("book/chapters/01_a.md, cell 4: ")
    assert reason in found


def test_two_live_figures_in_a_cell_are_refused(made):
    house = made(FIGURE, CAPTION, AFTER)

    def twice(notebook):
        for cell in notebook.cells:
            if live.views(cell.get("outputs", ())):
                cell.outputs *= 2

    spoil(house, twice)
    assert any("two live figures in one cell" in reason for reason in refusals(house))


def test_pages_without_a_number_count_from_one(made):
    house = made(FIGURE, CAPTION, AFTER, name="laboratory")
    chapters = checked_book(house)
    assert Myst(house, "tr", chapters).figures == {"l-fig": ("laboratory", "1")}
    text = house.notebook("tr", "laboratory").read_text("utf-8")
    assert "**Şekil 1.** Ne görülür." in text
    assert "# Başlık" in text


def test_unnumbered_pages_share_a_count(build_house):
    second = CAPTION.replace("l-fig", "m-fig")
    drawn = code("pass", "figure")
    house = build_house(a=TITLE + drawn + CAPTION, b=TITLE + drawn + second)
    figures = Myst(house, "tr", checked_book(house)).figures
    assert figures == {"l-fig": ("a", "1"), "m-fig": ("b", "2")}


def test_a_notebook_is_made_from_the_package_and_its_data(made):
    house = made(FIGURE, CAPTION, AFTER)
    notebook = notebooks.read(house.notebook("tr", "01_a"))
    marks = [made_from(notebook, house)]
    package = house.root / "cbam_teach"
    for name in ("weights.npz", "words.toml", "table.json", "live.py"):
        (package / name).write_bytes(b"1")
        marks.append(made_from(notebook, house))
    assert len(set(marks)) == 5
    (package / "front.js").write_text("1")  # nothing of the front end is stored
    assert made_from(notebook, house) == marks[-1]
