"""Every live figure of the site computes what PyTorch does."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from live_torch import floats, torch_side, with_live_figures

TOLERANCE = 1e-5
CHAPTERS = with_live_figures("tr")

READY = """async (index) => {
  const host = document.querySelectorAll("[data-live]")[index];
  host.scrollIntoView({block: "center"});
  for (let i = 0; i < 400 && !host.querySelector(".cbam-live"); i++) {
    await new Promise((later) => setTimeout(later, 50));
  }
  const el = host.querySelector(".cbam-live").parentElement;
  return await el.cbamLive.ready;
}"""

RUN = """async ([index, runs]) => {
  const host = document.querySelectorAll("[data-live]")[index];
  const figure = host.querySelector(".cbam-live").parentElement.cbamLive;
  const text = (numbers) => {
    let binary = "";
    for (const byte of new Uint8Array(numbers.buffer)) binary += String.fromCharCode(byte);
    return btoa(binary);
  };
  const found = [];
  for (const { settings, variant, picture } of runs) {
    const outputs = await figure.run(settings, { variant, picture });
    found.push(Object.fromEntries(Object.entries(outputs).map(([name, n]) => [name, text(n)])));
  }
  return found;
}"""


def worst(page, index: int, runs: list[dict]) -> float:
    """The largest difference between the page and PyTorch over all runs and outputs."""
    asked = [{key: run[key] for key in ("settings", "variant", "picture")} for run in runs]
    found = page.evaluate(RUN, [index, asked])
    difference = 0.0
    for run, outputs in zip(runs, found, strict=True):
        assert set(outputs) == set(run["outputs"])
        for name, expected in run["outputs"].items():
            got = floats(outputs[name])
            assert got.shape == expected.shape
            difference = max(difference, float(np.abs(got - expected).max()))
    return difference


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_figure_computes_what_pytorch_does(page, address, chapter):
    figures = torch_side(chapter, "tr")
    page.goto(f"{address}/tr/{chapter}.html")
    for index, runs in enumerate(figures):
        assert page.evaluate(READY, index) == "ort"
        assert worst(page, index, runs) < TOLERANCE


def test_an_error_of_a_thousandth_is_caught(page, address):
    chapter = CHAPTERS[0]
    runs = torch_side(chapter, "tr")[0]

    def spoil(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=PAYLOAD.sub(enlarged, answer.text()))

    page.route("**/_live/*.js?*", spoil)
    page.goto(f"{address}/tr/{chapter}.html")
    assert page.evaluate(READY, 0) == "ort"
    assert worst(page, 0, runs) > TOLERANCE


PAYLOAD = re.compile(r'("models\.0": ?")([^"]+)(")')


def enlarged(match: re.Match) -> str:
    """The same graph with its first output a thousandth larger."""
    import onnx
    from onnx import TensorProto, helper

    graph = onnx.load_from_string(base64.b64decode(match[2]))
    output = graph.graph.output[0].name
    for node in graph.graph.node:
        node.output[:] = ["right" if name == output else name for name in node.output]
        node.input[:] = ["right" if name == output else name for name in node.input]
    factor = helper.make_tensor("factor", TensorProto.FLOAT, [], [1.001])
    graph.graph.initializer.append(factor)
    graph.graph.node.append(helper.make_node("Mul", ["right", "factor"], [output]))
    return match[1] + base64.b64encode(graph.SerializeToString()).decode() + match[3]
