"""How fast a live figure answers, beside the same figure through ipywidgets.interact.

    python benchmarks/live.py [--changes 60]

The laboratory's figure (96 × 96 pictures) in the built site, in JupyterLab with a kernel, and
drawn by matplotlib under `interact`, in one run. Needs the site (`make book`) and Chromium.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "site")]

from browser import chromium, served, site  # noqa: E402
from jupyter import execute, jupyter, opened, write  # noqa: E402

RUNG = "pixel_routed"  # the one with most to compute
PAGE = f"en/laboratory.html?l-lab=variant:{RUNG}"

NEAR = """async () => {
  const place = document.querySelector("figure[data-live]");
  const start = performance.now();
  place.scrollIntoView({ block: "center" });
  while (place.querySelector("[data-cbam-live=live]") === null) {
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - start;
}"""

# Moves the first slider `count` times; for each: input -> drawn, input -> painted, compute.
SETTINGS = """async ([root, count]) => {
  const el = document.querySelector(`${root} [data-cbam-live=live]`);
  const slider = el.querySelector("input[type=range]:not(:disabled)");
  const live = el.cbamLive;
  const painted = [];
  const [from, drawn] = [live.compute.length, live.timings.length];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const before = live.timings.length;
    const [least, most] = [Number(slider.min), Number(slider.max)];
    slider.value = least + (most - least) * ((i * 37) % 97) / 97;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    while (live.timings.length === before) await new Promise((later) => setTimeout(later));
    await new Promise((later) => requestAnimationFrame(() => setTimeout(later)));
    painted.push(performance.now() - start);
    await new Promise((later) => setTimeout(later, 30));
  }
  return { drawn: live.timings.slice(drawn), compute: live.compute.slice(from), painted };
}"""

PICTURES = """async ([root, count]) => {
  const el = document.querySelector(`${root} [data-cbam-live=live]`);
  const live = el.cbamLive;
  const choices = [...el.querySelectorAll(".cbam-live-pictures input[type=radio]")].slice(0, 9);
  const from = live.timings.length;
  for (let i = 0; i < count; i++) {
    const before = live.timings.length;
    choices[(i + 1) % choices.length].click();
    while (live.timings.length === before) await new Promise((later) => setTimeout(later));
    await new Promise((later) => setTimeout(later, 30));
  }
  return live.timings.slice(from);
}"""

LIVE_CELL = """
import sys
sys.path.insert(0, {benchmarks!r})
from live import one_rung
figure = one_rung()
figure
"""

INTERACT_CELL = """
import sys
sys.path.insert(0, {benchmarks!r})
from live import drawn_by_matplotlib
from ipywidgets import FloatSlider, interact
interact(drawn_by_matplotlib(), T=FloatSlider(1.0, min=0.1, max=10, step=0.1));
"""

INTERACT = """async (count) => {
  const handle = document.querySelector(".noUi-handle");
  const area = document.querySelector(".widget-interact, .jp-OutputArea-output");
  const found = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const seen = document.querySelector(".widget-output img, .jp-OutputArea img")?.src;
    handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    const until = performance.now() + 5000;
    while (performance.now() < until) {
      const image = document.querySelector(".widget-output img, .jp-OutputArea img");
      if (image && image.src !== seen && image.complete) break;
      await new Promise((later) => setTimeout(later));
    }
    await new Promise((later) => requestAnimationFrame(() => setTimeout(later)));
    found.push(performance.now() - start);
    await new Promise((later) => setTimeout(later, 100));
  }
  return found;
}"""


def one_rung():
    """The laboratory's figure, of one rung."""
    from cbam_teach.laboratory.album import pictures
    from cbam_teach.laboratory.figure import make

    return make(pictures(), [RUNG])


def drawn_by_matplotlib():
    """The laboratory's figure as a notebook without LiveFigure would draw it."""
    import matplotlib.pyplot as plt

    from cbam_teach.live.describe import drawn
    from cbam_teach.live.still import compose

    figure = one_rung()

    def show(T: float) -> None:
        figure.spatial_temperature = T
        values = figure.compute()
        views = drawn(figure.shown, values)
        compose(views, values, figure.album.images[:1], figure.shown.shares)
        plt.show()

    return show


def kernel_alone(count: int) -> list[float]:
    """Milliseconds of computing, drawing and encoding, without a browser."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    show = drawn_by_matplotlib()
    plt.show = lambda: None
    found = []
    for i in range(count):
        start = time.perf_counter()
        show(0.1 + 9.9 * ((i * 37) % 97) / 97)
        plt.gcf().savefig(io.BytesIO(), format="png", bbox_inches="tight")
        plt.close("all")
        found.append(1000 * (time.perf_counter() - start))
    return found


def told(name: str, numbers: list[float], *, goal: str = "") -> float:
    """Print median and 95th percentile; return the median."""
    ordered = sorted(numbers)
    median, late = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    print(f"{name:<58} {median:8.1f} ms   p95 {late:8.1f} ms   {goal}", flush=True)
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=60)
    count = parser.parse_args().changes
    with chromium() as browser:
        with served(site()) as address:
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(f"{address}/{PAGE}")
            told("page: in view -> first picture", [page.evaluate(NEAR)], goal="≤ 1500")
            page.evaluate(SETTINGS, ["figure[data-live]", 10])
            found = page.evaluate(SETTINGS, ["figure[data-live]", count])
            told("page: setting changed -> drawn", found["drawn"], goal="≤ 16, p95 ≤ 33")
            told("page: input -> painted", found["painted"])
            compute = told("page: compute alone", found["compute"])
            told(
                "page: new picture -> drawn",
                page.evaluate(PICTURES, ["figure[data-live]", count // 2]),
                goal="≤ 33",
            )
        alone = told("interact + matplotlib: kernel alone", kernel_alone(count // 2)[3:])
        print(f"{'ratio of compute, interact / page':<58} {alone / compute:8.1f}      ≥ 8")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            here = str(ROOT / "benchmarks")
            write(folder, "live.ipynb", LIVE_CELL.format(benchmarks=here))
            write(folder, "interact.ipynb", INTERACT_CELL.format(benchmarks=here))
            with jupyter("lab", folder) as address:
                page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
                opened(page, "lab", address, "live.ipynb")
                execute(page)
                page.wait_for_selector("[data-cbam-live=live]", timeout=120_000)
                found = page.evaluate(SETTINGS, ["body", count])
                told("kernel: setting changed -> drawn (round trip)", found["drawn"], goal="≤ 60")
                told("kernel: input -> painted", found["painted"])
                page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
                opened(page, "lab", address, "interact.ipynb")
                execute(page)
                page.wait_for_selector(".noUi-handle", timeout=120_000)
                page.wait_for_selector(".jp-OutputArea img", timeout=120_000)
                told("interact: input -> painted", page.evaluate(INTERACT, count // 2))


if __name__ == "__main__":
    main()
