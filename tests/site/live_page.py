"""A page with one live figure of its own, with the site's host and engine; no test itself.

The figure gives back its picture untouched, and has a control and a view of every kind.
"""

from __future__ import annotations

import html
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from browser import LANGUAGES, ROOT
from ipywidgets.embed import embed_data
from living import until
from torch import Tensor, nn

from cbam_teach.language import speaking
from cbam_teach.live import Choice, Drag, Flag, LiveFigure, Range, View

STATIC = ROOT / "book" / "theme" / "static"
SIZE = 32
LABEL = "f-live"
FIGURE = f"#{LABEL}"
LIVE = f"document.querySelector('{FIGURE} .house-live').cbamLive"
SEEN = f"[...{LIVE}.values.seen]"
SETTINGS = f"[...{LIVE}.values.settings]"
PICTURES = {"1": torch.rand(3, SIZE, SIZE, generator=torch.Generator().manual_seed(5))}
PICTURES["2"] = 1 - PICTURES["1"]
GATES = ("sigmoid", "hardsigmoid")
RUNGS = ("cbam", "fused", "gated", "mixed", "dynamic")
CONTROLS = {
    "temperature": Range(0.1, 10, start=1.0, log=True),
    "row": Range(0, SIZE - 1, start=8, step=1),
    "column": Range(0, SIZE - 1, start=20, step=1),
    "gate": Choice(GATES),
    "rung": Choice(RUNGS),
    "by_hand": Flag(),
    "place": Drag("column", "row"),
}
VIEWS = (
    View("picture", "image"),
    View("heatmap", "mask", scale=(0, 1)),
    View("overlay", "mask", scale=(0, 1)),
    View("difference", "mask"),
    View("histogram", "mask", scale=(0, 1)),
    View("numbers", "mask"),
    View("heatmap", "seen"),
    View("bars", "settings", names=("1", "2", "3", "4")),
    View("values", "settings"),
)
PAGE = """<!doctype html>
<html lang="{language}" data-theme="light"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="house.css">
<style>
html {{ --pst-color-link: #0b5cad }}
figure {{ margin: 0 }}
html[data-theme="dark"] {{ background: #121212; color: #ced6dd }}
</style>
<script defer src="host.js" data-base="engine/" data-sentence="{{reason}}"></script>
</head><body><main><h1>{title}</h1>
<figure data-live="{language}.js" id="{label}"><img alt="" src="data:,"></figure>
</main></body></html>
"""


class Same(nn.Module):
    """Gives back the picture, a gated spot on it, and the settings as they came."""

    def __init__(self, sign: float) -> None:
        super().__init__()
        self.sign = sign

    def forward(
        self, image: Tensor, temperature: Tensor, row: Tensor, column: Tensor,
        gate: Tensor, rung: Tensor, by_hand: Tensor,
    ) -> dict[str, Tensor]:  # fmt: skip
        rows = torch.arange(SIZE).view(1, 1, -1, 1)
        columns = torch.arange(SIZE).view(1, 1, 1, -1)
        near = 6 - (rows - row).abs() - (columns - column).abs()
        logit = self.sign * near / temperature + 0 * image[:, :1]
        soft, hard = logit.sigmoid(), (logit / 6 + 0.5).clamp(0, 1)
        settings = torch.stack((temperature, gate, rung, by_hand)).view(1, 4)
        return {
            "seen": image * 1.0,
            "mask": torch.where(gate > 0.5, hard, soft),
            "settings": settings,
        }


def figure(language: str) -> LiveFigure:
    with speaking(language):
        return LiveFigure(
            {"cbam": Same(1.0), "fused": Same(-1.0)}, PICTURES, controls=CONTROLS, views=VIEWS,
            own=True, compare=True, call="laboratory", title="F",
        )  # fmt: skip


def script(shown: LiveFigure) -> str:
    """What the builder writes for a figure in a notebook."""
    sys.path.insert(0, str(ROOT / "book"))
    from builder.live import payload

    state = embed_data(views=[shown], drop_defaults=False)["manager_state"]["state"]
    return payload(LABEL, state[shown.model_id])


def write(folder: Path, shown: dict[str, LiveFigure]) -> None:
    """Fill a folder with a page for each language, and all that it asks for."""
    sys.path.insert(0, str(ROOT / "book"))
    from builder import engine
    from builder.house import House

    engine.write(folder, House(ROOT))
    for name in ("house.css", "host.js"):
        (folder / name).write_bytes((STATIC / name).read_bytes())
    for language in LANGUAGES:
        each = shown[language]
        (folder / f"{language}.js").write_text(script(each), "utf8")
        title = html.escape(each.spec["title"])
        text = PAGE.format(language=language, title=title, label=LABEL)
        (folder / f"{language}.html").write_text(text, "utf8")


def opened(page, own: str, language: str = "tr", query: str = ""):
    """The page, once its figure is live."""
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{own}/{language}.html{query}")
    assert until(page, LABEL)["engine"] == "ort"
    page.evaluate(f"{LIVE}.settled()")
    return page


def numbers(page, what: str = SEEN) -> np.ndarray:
    """What the figure shows now: of an output, the picture as the module saw it."""
    return np.array(page.evaluate(what))


def places(page, labels: list[str]):
    """Each live figure of a page, once it is live."""
    for label in labels:
        until(page, label)
        yield page.locator(f"figure[id='{label}'] .house-live")


def every_page(page, address: str, live: dict, language: str, own: str | None = None):
    """The pages with live figures, one after another, after that made for tests."""
    if own:
        page.goto(f"{own}/{language}.html")
        yield list(places(page, [LABEL]))
    for name, labels in live.items():
        page.goto(f"{address}/{language}/{name}")
        yield list(places(page, labels))
