"""A live figure where learners are: JupyterLab and Notebook 7, with a kernel and without one."""

from __future__ import annotations

import statistics

import nbformat
import numpy as np
import pytest
import torch
from jupyter import ROOT, execute, jupyter, opened, write
from live_torch import live_ids

from cbam_teach import CBAM
from cbam_teach.live import LiveFigure

MAKE = """
import torch
from cbam_teach import CBAM
from cbam_teach.live import LiveFigure
torch.manual_seed(0)
module = CBAM(3)
image = torch.rand(3, 24, 36)
figure = LiveFigure(module, image, controls=("temperature",), views=("spatial.mask",))
figure
"""

LIVE = """() => {
  const root = document.querySelector(".cbam-live");
  const live = root?.parentElement.cbamLive;
  return live?.engine === "kernel" && "spatial.mask" in live.values;
}"""
VALUES = """() => Array.from(
  document.querySelector(".cbam-live").parentElement.cbamLive.values["spatial.mask"])"""
RUN = """async (T) => {
  const live = document.querySelector(".cbam-live").parentElement.cbamLive;
  return Array.from((await live.run({ temperature: T }))["spatial.mask"]);
}"""
TRIPS = """async (count) => {
  const live = document.querySelector(".cbam-live").parentElement.cbamLive;
  const found = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await live.run({ temperature: 0.5 + i / count });
    found.push(performance.now() - start);
  }
  return found;
}"""


def same_figure() -> LiveFigure:
    torch.manual_seed(0)
    module = CBAM(3)
    return LiveFigure(
        module, torch.rand(3, 24, 36), controls=("temperature",), views=("spatial.mask",)
    )


@pytest.mark.parametrize("program", ["lab", "notebook"])
def test_the_kernel_drives_the_figure(browser, tmp_path, program):
    write(tmp_path, "live.ipynb", MAKE)
    figure = same_figure()
    with jupyter(program, tmp_path) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        opened(page, program, address, "live.ipynb")
        execute(page)
        page.wait_for_function(LIVE, timeout=90_000)
        for T in (0.2, 4.0):
            expected = figure.run(0, {"temperature": T}, figure.album.images)["spatial.mask"]
            found = np.array(page.evaluate(RUN, T), dtype=np.float32)
            assert np.abs(found - expected.numpy().ravel()).max() < 1e-6
        before = page.evaluate(VALUES)
        slider = page.locator(".cbam-live input[type=range]").first
        slider.focus()
        for _ in range(5):
            slider.press("ArrowRight")
        page.wait_for_function(f"(before) => ({VALUES})()[0] !== before", arg=before[0])
        trips = page.evaluate(TRIPS, 30)
        print(f"{program}: round trip {statistics.median(trips):.1f} ms at the median")
        page.context.close()


SHOWN = """() => {
  const pictures = [...document.querySelectorAll(".jp-OutputArea-output img")];
  return {
    text: document.querySelector(".jp-Notebook").innerText,
    pictures: pictures.filter((p) => p.naturalWidth > 200).length,
    described: pictures.filter((p) => p.alt.length > 20).length,
  };
}"""


@pytest.mark.parametrize("program", ["lab", "notebook"])
@pytest.mark.parametrize("trusted", [True, False])
def test_reopened_without_a_run_it_shows_the_picture(browser, tmp_path, program, trusted):
    committed = nbformat.read(ROOT / "book" / "tr" / "02_masks.ipynb", as_version=4)
    ids = live_ids(committed)
    committed.cells = [
        cell for cell in committed.cells if any(name in str(cell.get("outputs")) for name in ids)
    ]
    for cell in committed.cells:
        cell.metadata["trusted"] = trusted
    path = tmp_path / "kept.ipynb"
    nbformat.write(committed, path)
    with jupyter(program, tmp_path, trusts=path if trusted else None) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        opened(page, program, address, "kept.ipynb")
        page.wait_for_function(f"({SHOWN})().pictures === {len(ids)}", timeout=30_000)
        shown = page.evaluate(SHOWN)
        assert "model not found" not in shown["text"]
        # What is not trusted is drawn by Jupyter itself, which gives a picture no words.
        assert shown["described"] == (len(ids) if trusted else 0)
        page.context.close()
