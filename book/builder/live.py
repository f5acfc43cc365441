"""Live figures: their state is stored in the notebook, and goes to the site as one script each.

Jupyter shows the picture of a notebook that it does not trust. It asks a trusted one for the
widget's state, kernel or not, and says "model not found" where there is none. So the state is
kept, with a few lines in the place of the front end: they show the picture, and the front end
itself comes with the kernel, or with the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from .house import Refusal
from .markdown import Directive, parse_blocks
from .source import Cell, Chapter

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
STORED = Path(__file__).with_name("stored.js")
LARGEST = 100_000  # bytes of an exported model
# What nobody needs who restores a widget, or runs it in a page.
IDLE = {"_anywidget_id", "_dom_classes", "_view_count", "tabbable", "tooltip"}
JUPYTER = {"layout", "still", "alt"}


def views(outputs) -> list[str]:
    """The model ids of the widgets that a cell shows."""
    return [out["data"][VIEW]["model_id"] for out in outputs if VIEW in out.get("data", {})]


def states(notebook: nbformat.NotebookNode) -> dict:
    """Model id -> what the notebook holds of that widget."""
    return notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})


def keep(notebook: nbformat.NotebookNode, old: nbformat.NotebookNode) -> None:
    """Give a notebook the states in `old` that its outputs show, in the same bytes every time."""
    held, kept = states(old), {}
    shown = [(views([out]), out) for cell in notebook.cells for out in cell.get("outputs", ())]
    waiting = [name for names, _ in shown for name in names]
    while waiting:
        name = waiting.pop()
        if name in held and name not in kept:
            kept[name] = slim(held[name])
            waiting += re.findall(r"IPY_MODEL_(\w+)", json.dumps(kept[name]["state"]))
    for names, out in shown:
        alt = out.metadata.get("image/png", {}).get("alt") if names else None
        if alt and names[0] in kept:
            kept[names[0]]["state"]["alt"] = alt
    notebook.metadata.pop("widgets", None)
    if kept:
        state = {"state": kept, "version_major": 2, "version_minor": 0}
        notebook.metadata["widgets"] = nbformat.from_dict({STATE: state})


def slim(model: dict) -> dict:
    """A widget's state without what restoring it does not need."""
    layout = model["model_name"] == "LayoutModel"
    state = {
        name: value
        for name, value in model["state"].items()
        if name not in IDLE and not (layout and value is None)
    }
    if "still" in state:
        state |= {"_esm": STORED.read_text("utf-8"), "_css": ""}
    found = {**model, "state": state}
    if "buffers" in model:
        found["buffers"] = sorted(model["buffers"], key=lambda buffer: str(buffer["path"]))
    return found


def still_only(outputs) -> list:
    """The outputs as the site takes them: of a live figure the picture."""
    taken = []
    for out in outputs:
        if VIEW in out.get("data", {}):
            data = {kind: value for kind, value in out["data"].items() if kind != VIEW}
            out = nbformat.from_dict({**out, "data": data})
        taken.append(out)
    return taken


@dataclass(frozen=True)
class Live:
    """A live figure of a chapter: its cell, its model, and the label of its caption if any."""

    cell: Cell
    model: str
    label: str | None


def live_figures(chapter: Chapter, notebook: nbformat.NotebookNode) -> Iterator[Live]:
    """The widgets that a chapter's stored outputs show, each with the caption below it."""
    labels = {}
    for pair in chapter.pairs:
        for block in parse_blocks(pair["tr"].source):
            if isinstance(block, Directive) and block.name == "caption":
                above = [cell.number for cell in chapter.code if cell.number < pair["tr"].number]
                labels[above[-1]] = block.argument
    run = [cell for cell in chapter.code if not {"wrong", "solution"} & set(cell.tags)]
    done = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"][1:]
    for cell, outputs in zip(run, done, strict=True):
        for model in views(outputs):
            yield Live(cell, model, labels.get(cell.number))


def check_live(chapter: Chapter, notebook: nbformat.NotebookNode) -> list[Refusal]:
    """A live figure has a caption, which names and describes it, and its state is stored."""
    refusals, seen = [], set()
    for figure in live_figures(chapter, notebook):
        reasons = []
        if not figure.label:
            reasons.append("a live figure without a caption; put a {caption} right below its cell")
        if figure.cell.number in seen:
            reasons.append("two live figures in one cell; a caption describes one")
        seen.add(figure.cell.number)
        model = states(notebook).get(figure.model)
        if model is None:
            reasons.append("the state of its live figure is not stored; run `make notebooks --all`")
        elif not model["state"].get("models"):
            reasons.append("its live figure has no exported model (onnx, onnxscript missing?)")
        for buffer in (model or {}).get("buffers", ()):
            size = len(buffer["data"]) * 3 // 4
            if buffer["path"][0] == "models" and size > LARGEST:
                limit = f"{LARGEST / 1000:.0f} KB are allowed"
                reasons.append(f"an exported model of {size / 1000:.0f} KB; {limit}")
        refusals += [Refusal(chapter.file, figure.cell.number, reason) for reason in reasons]
    return refusals


def payloads(chapter: Chapter, notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Label -> the script that brings a live figure to its page, from a server or a disk."""
    held = states(notebook)
    return {
        figure.label: payload(figure.label, held[figure.model])
        for figure in live_figures(chapter, notebook)
    }


def payload(label: str, model: dict) -> str:
    hidden = {name for name in model["state"] if name.startswith("_")} | JUPYTER
    state = {name: value for name, value in model["state"].items() if name not in hidden}
    buffers = {".".join(map(str, b["path"])): b["data"] for b in model.get("buffers", ())}
    data = {"state": state, "buffers": buffers}
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"cbamLive.payload({json.dumps(label)}, {text});\n"
