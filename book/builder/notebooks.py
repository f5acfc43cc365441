"""Committed notebooks: built from a chapter's cells, executed once, the same bytes every time."""

from __future__ import annotations

import copy
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from . import ledger, live
from .faces import Caption, Face, Myst, Plain, chapter_number
from .house import House, digest
from .source import Cell, Chapter

ANSI = re.compile(r"\x1b\[[0-9;]*m")  # colours of a traceback
SETUP = """\
# {note}
import importlib.util, os, subprocess, sys
if importlib.util.find_spec("cbam_teach") is None:
    package = os.environ.get("CBAM_TEACH_WHEEL", "git+{repository}@v{version}")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", package], check=True)
import cbam_teach
device = cbam_teach.start("{language}", seed=0)"""
NOTES = {
    "tr": "Kurulum: paket yoksa yükler; dili, tohumu ve aygıtı seçer.",
    "en": "Set-up: installs the package if it is missing; chooses language, seed and device.",
}


def setup_code(house: House, language: str) -> str:
    return SETUP.format(
        note=NOTES[language],
        repository=house.repository,
        version=house.version,
        language=language,
    )


def plain_notebook(chapter: Chapter, face: Plain) -> nbformat.NotebookNode:
    """The committed face, without outputs."""
    cells = [_code(setup_code(face.house, face.language), ("setup",))]
    for cell, text in _shown(chapter, face):
        if cell.kind == "code":
            cells.append(_code(text, cell.tags))
            continue
        for caption in face.captions(cell.source):
            _figure_cell(cells).metadata["alt"] = caption.alt
            text = f"{face.figure(caption)}\n\n{text}".strip()
        cells.append(nbformat.v4.new_markdown_cell(text))
    return _notebook(cells, chapter, face.language)


def site_notebook(
    chapter: Chapter, face: Myst, committed: nbformat.NotebookNode
) -> nbformat.NotebookNode:
    """The site's face of the same cells, holding the outputs of the committed notebook."""
    stored = iter([cell.outputs for cell in committed.cells if cell.cell_type == "code"][1:])
    cells = []
    for cell, text in _shown(chapter, face):
        if cell.kind == "code":
            if names := ledger.checked(text):  # the ledger leads to the cell
                labels = [face.label(ledger.cell_anchor(name)) for name in names]
                cells.append(nbformat.v4.new_markdown_cell("\n\n".join(labels)))
            cells.append(_code(text, cell.tags, live.still_only(next(stored))))
            continue
        for caption in face.captions(cell.source):
            _show_caption(_figure_cell(cells), caption, face)
        cells.append(nbformat.v4.new_markdown_cell(text))
    cells.insert(1, _code(setup_code(face.house, face.language), ("hide-input",)))
    return _notebook(cells, chapter, face.language)


def _shown(chapter: Chapter, face: Face) -> Iterator[tuple[Cell, str]]:
    """The cells that a reader gets, each with its text in this face."""
    for cell in _titled(chapter, face.language):
        if "wrong" in cell.tags:
            continue
        if "solution" in cell.tags:
            yield Cell("markdown", "", cell.number), face.solution(cell.source)
        else:
            yield cell, cell.source if cell.kind == "code" else face.render(cell.source)


def _titled(chapter: Chapter, language: str) -> list[Cell]:
    """The edition's cells, the chapter's number before its title."""
    cells = copy.deepcopy(chapter.edition(language))
    if number := chapter_number(chapter):
        cells[0].source = re.sub(r"^# ", f"# {number}. ", cells[0].source, count=1, flags=re.M)
    return cells


def _code(source: str, tags=(), outputs=()) -> nbformat.NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=list(outputs))


def _figure_cell(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """The code cell above, whose figure a caption describes."""
    for cell in reversed(cells):
        if cell.cell_type == "code":
            return cell
    raise LookupError("a caption stands before the first code cell")


def _show_caption(cell: nbformat.NotebookNode, caption: Caption, face: Myst) -> None:
    cell.metadata["mystnb"] = {
        "image": {"alt": caption.alt},
        "figure": {"caption": face.figure_title(caption), "name": caption.label},
    }


def _notebook(cells, chapter: Chapter, language: str) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "cbam_teach": {"chapter": chapter.name, "language": language},
        }
    )
    seen: Counter = Counter()
    for cell in cells:
        name = digest(f"{chapter.name}/{language}/{cell.cell_type}/{cell.source}", 10)
        seen[name] += 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return notebook


def sources(notebook: nbformat.NotebookNode) -> list[str]:
    """What was executed: the code cells after the set-up cell."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return code[1:]


def carry(old: nbformat.NotebookNode, new: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Put the outputs of `old` into `new`, whose code is the same; alt texts follow the source."""
    done = [cell for cell in old.cells if cell.cell_type == "code"]
    for number, cell in enumerate([c for c in new.cells if c.cell_type == "code"], 1):
        cell.outputs = done[number - 1].outputs
        cell.execution_count = number
        _describe(cell)
    live.keep(new, old)
    new.metadata.cbam_teach["made_from"] = old.metadata.get("cbam_teach", {}).get("made_from", "")
    return new


def _describe(cell: nbformat.NotebookNode) -> None:
    """Write the alt text into the last picture of the cell's outputs, where Jupyter reads it."""
    alt = cell.metadata.pop("alt", None)
    pictures = [out for out in cell.outputs if "image/png" in out.get("data", {})]
    for output in pictures:
        output.metadata = nbformat.from_dict({})
    if alt and pictures:
        pictures[-1].metadata = nbformat.from_dict({"image/png": {"alt": alt}})


class CellFailed(RuntimeError):
    """A cell raised, or wrote to the error stream, while its notebook was executed."""


def execute(notebook: nbformat.NotebookNode, kernel: str = "python3") -> nbformat.NotebookNode:
    """Run a notebook from top to bottom in an empty folder and give it its outputs.

    Raises
    ------
    CellFailed
        Where a cell raises or warns: a reader would see it, so it is not stored.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = copy.deepcopy(notebook)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            kernel_name=kernel,
            timeout=600,
            startup_timeout=300,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise CellFailed(ANSI.sub("", str(error))) from None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            for output in cell.outputs:
                if output.get("name") == "stderr":
                    raise CellFailed(f"{cell.source}\n\nwrote to the error stream:\n{output.text}")
            _describe(cell)
    live.keep(notebook, notebook)
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    return notebook


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def as_text(notebook: nbformat.NotebookNode) -> str:
    """The bytes that are committed."""
    return nbformat.writes(notebook, version=4) + "\n"
