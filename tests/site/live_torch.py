"""What PyTorch computes for the live figures of a chapter, at random settings; no test itself.

The chapter's committed notebook is run once more, with one cell at its end that asks every
figure shown for its outputs.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
WIDGET = "application/vnd.jupyter.widget-view+json"
SETTINGS = 20

ASK = """
import base64, json, pathlib, random, sys
sys.path.insert(0, {tests!r})
from ipywidgets.widgets.widget import _instances
from live_parity import random_settings
def _text(value):
    return base64.b64encode(value.float().cpu().contiguous().numpy().tobytes()).decode()
_found = []
for _id in {ids!r}:
    _figure, _runs = _instances[_id], []
    for _seed in range({count}):
        _variant = _seed % len(_figure.modules)
        _picture = random.Random(_seed).randrange(len(_figure.album.images))
        _settings = random_settings(_figure, _variant, _seed)
        _values = _figure.run(_variant, _settings, _figure.album.images[_picture][None])
        _outputs = {{name: _text(value) for name, value in _values.items()}}
        _runs.append(dict(
            variant=_variant, picture=_picture, settings=_settings, outputs=_outputs
        ))
    _found.append(_runs)
pathlib.Path({path!r}).write_text(json.dumps(_found))
"""


def live_ids(notebook: nbformat.NotebookNode) -> list[str]:
    """The model ids of the figures shown, in the notebook's order."""
    return [
        output.data[WIDGET]["model_id"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if WIDGET in output.get("data", {})
    ]


def with_live_figures(language: str) -> list[str]:
    """The chapters whose notebooks hold a live figure."""
    paths = sorted((ROOT / "book" / language).glob("*.ipynb"))
    return [path.stem for path in paths if live_ids(nbformat.read(path, as_version=4))]


def torch_side(chapter: str, language: str, count: int = SETTINGS) -> list[list[dict]]:
    """For each live figure of a chapter: runs with variant, picture, settings and outputs."""
    notebook = nbformat.read(ROOT / "book" / language / f"{chapter}.ipynb", as_version=4)
    ids = live_ids(notebook)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.json"
        code = ASK.format(
            tests=str(ROOT / "tests" / "package"), ids=ids, count=count, path=str(path)
        )
        notebook.cells.append(nbformat.v4.new_code_cell(code))
        client = NotebookClient(
            notebook,
            timeout=600,
            startup_timeout=300,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": folder}},
        )
        paths = os.pathsep.join([str(ROOT), *sys.path])
        client.execute(env={**os.environ, "PYTHONPATH": paths, "CBAM_TEACH_GRAPHS": "0"})
        found = json.loads(path.read_text())
    for runs in found:
        for run in runs:
            run["outputs"] = {name: floats(text) for name, text in run["outputs"].items()}
    return found


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f4")
