"""nbval has teeth: a planted wrong shape, wrong number or missing output fails each time."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PIXEL = "iVBORw0KGgo="

GOOD = [
    ("shape = (4, 3, 32, 32)\nprint(shape)", "(4, 3, 32, 32)\n"),
    ("print('T =', 0.25)", "T = 0.25\n"),
    (f"print('data:image/png;base64,{PIXEL}')", f"data:image/png;base64,{PIXEL}\n"),
]


FAULTS = {  # name -> (cell, text to replace, replacement); no text: drop the output
    "wrong-shape": (0, "(4, 3, 32, 32)", "(4, 3, 16, 16)"),
    "wrong-number": (1, "0.25", "0.26"),
    "text-beside-a-picture": (2, "data:image", "Data:image"),
    "missing-output": (0, None, None),
    "missing-value": (3, None, None),
    "one-output-too-many": (3, "extra", None),
}


def notebook() -> nbformat.NotebookNode:
    cells = []
    for count, (source, text) in enumerate(GOOD, 1):
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        cells.append(nbformat.v4.new_code_cell(source, outputs=[output], execution_count=count))
    value = nbformat.v4.new_output("execute_result", {"text/plain": "7"}, execution_count=4)
    cells.append(nbformat.v4.new_code_cell("3 + 4", outputs=[value], execution_count=4))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def planted(fault: str) -> nbformat.NotebookNode:
    index, old, new = FAULTS[fault]
    faulty = notebook()
    cell = faulty.cells[index]
    if old is None:
        cell.outputs = []
    elif new is None:
        cell.outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=old))
    else:
        assert old in cell.outputs[0].text
        cell.outputs[0].text = cell.outputs[0].text.replace(old, new)
    return faulty


@pytest.fixture(scope="module")
def failures(tmp_path_factory) -> dict[str, list[int]]:
    """Name of each notebook -> the cells in which nbval found a difference (one run of nbval)."""
    folder = tmp_path_factory.mktemp("nbval")
    books = {fault: planted(fault) for fault in FAULTS} | {"right": notebook()}
    books["other-bytes"] = notebook()
    books["other-bytes"].cells[2].outputs[0].text = "data:image/png;base64,AAAA\n"
    for name, book in books.items():
        nbformat.write(book, folder / f"{name}.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q"]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg")]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(folder)]
    command += [f"--junitxml={folder / 'report.xml'}", str(folder)]
    subprocess.run(command, capture_output=True, cwd=folder, check=False)
    found = {name: [] for name in books}
    cases = list(ET.parse(folder / "report.xml").iter("testcase"))
    assert len(cases) == 4 * len(books)
    for case in cases:
        name = case.get("classname").removesuffix(".ipynb")
        if case.find("failure") is not None:
            found[name].append(int(case.get("name").rsplit("Cell ", 1)[1]))
    return found


def test_the_right_outputs_pass(failures):
    assert failures["right"] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_fails_in_its_cell(failures, fault):
    assert failures[fault] == [FAULTS[fault][0]]


def test_only_the_bytes_of_a_picture_may_differ(failures):
    assert failures["other-bytes"] == []
