"""The committed notebooks: what the sources give, readable everywhere, quiet about the machine."""

from __future__ import annotations

import json
import re
from functools import reduce
from pathlib import Path

import editions
import pytest
from builder import notebooks
from builder.house import House
from builder.markdown import LITERAL

from cbam_teach import results

from .conftest import ROOT

HOUSE = House(ROOT)
COMMITTED = sorted(
    path for language in ("tr", "en") for path in (ROOT / "book" / language).glob("*.ipynb")
)
MYST = re.compile(r"^:{3,}|\{[\w:-]+\}`|^\([\w-]+\)=|^\s*(?:`{3,}|~{3,})\{|^\+\+\+", re.MULTILINE)
IGNORED = re.compile(
    r"nbval-skip|nbval-ignore-output|nbval-raises-exception|raises-exception"
    r"|NBVAL_SKIP|NBVAL_IGNORE_OUTPUT|NBVAL_RAISES_EXCEPTION|PYTEST_VALIDATE_IGNORE_OUTPUT",
    re.IGNORECASE,
)
# A table of stored results says below which PyTorch made them.
STORED = [f"PyTorch: {run}" for run in sorted({run["torch"] for run in results.runs()})]
NOISE = re.compile(r"0x[0-9a-f]{6,}|\bcuda\b|/home/|/usr/|site-packages|\bCPU\b|\d ?ms\b", re.I)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each = pytest.mark.parametrize("path", COMMITTED, ids=name)


def markdown(path: Path) -> str:
    """All prose of a notebook, without its code."""
    cells = [c.source for c in notebooks.read(path).cells if c.cell_type == "markdown"]
    text = re.sub(r"^```(?!\{).*?^```$", "", "\n\n".join(cells), flags=re.M | re.S)
    return LITERAL.sub("", text)


def code_cells(path: Path):
    return [cell for cell in notebooks.read(path).cells if cell.cell_type == "code"]


def text_of(cell) -> str:
    parts = []
    for output in cell.outputs:
        parts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return "\n".join(parts)


def test_what_is_committed_is_what_the_sources_give():
    assert editions.run_check(HOUSE) == 0
    assert len(COMMITTED) >= 6


@each
def test_no_myst_syntax(path):
    assert MYST.findall(markdown(path)) == []


@pytest.mark.parametrize(
    "planted",
    [":::{note}", "{cite}`woo2018`", "(a-one)=", "```{note}", "::::", '+++ {"lang": "tr"}'],
)
def test_the_finder_of_myst_syntax_finds(planted):
    assert MYST.search(f"Text.\n{planted}\nText.")


@each
def test_no_cell_escapes_nbval(path):
    assert IGNORED.findall(path.read_text("utf-8")) == []


@each
def test_outputs_say_nothing_of_the_machine(path):
    def here(said):  # without the version that a stored result says it was made with
        return NOISE.findall(reduce(lambda text, old: text.replace(old, ""), STORED, said))

    said = {cell.source: here(text_of(cell)) for cell in code_cells(path)}
    assert {source: found for source, found in said.items() if found} == {}


@each
def test_every_cell_was_executed_in_order(path):
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@each
def test_figures_have_alt_text_and_print_what_they_draw(path):
    for cell in code_cells(path):
        pictures = [out for out in cell.outputs if "image/png" in out.get("data", {})]
        tagged = "figure" in cell.metadata.get("tags", [])
        assert bool(pictures) == tagged, f"tag and picture disagree:\n{cell.source}"
        if pictures:
            alt = pictures[-1].metadata.get("image/png", {}).get("alt", "")
            assert len(alt) > 20, f"no alt text:\n{cell.source}"
            assert len(pictures) == 1
            printed = [out.text for out in cell.outputs if out.get("name") == "stdout"]
            assert re.search(r"\d", "".join(printed)), f"prints no number:\n{cell.source}"


@each
def test_code_cells_are_short(path):
    for cell in code_cells(path):
        assert len(cell.source.splitlines()) <= 15, cell.source


@each
def test_size(path):
    assert path.stat().st_size < 1_000_000
    assert json.loads(path.read_text("utf-8"))["nbformat"] == 4
