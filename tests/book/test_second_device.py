"""Chapters do not mix devices: every cell runs with `device` being another one than the CPU."""

from __future__ import annotations

import pytest
import torch

from .second_device import Mixed, second_device
from .test_exercises import CHAPTERS, run


def test_the_stand_in_finds_a_mixture(monkeypatch):
    with second_device(monkeypatch) as device:
        layer = torch.nn.Conv2d(3, 4, 1).to(device)
        x = torch.randn(2, 3, 5, 7)
        y = layer(x.to(device))
        (y.square().mean() * 0.5).backward()
        assert layer.weight.grad is not None
        assert y.detach().cpu().numpy().shape == (2, 4, 5, 7)
        with pytest.raises(Mixed, match="two devices"):
            layer(x)
        with pytest.raises(Mixed, match="two devices"):
            y + torch.zeros(4, 1, 1)
        assert (y + torch.zeros(4, 1, 1, device=device)).shape == y.shape
        assert (y + torch.zeros(4, 1, 1, device=y.device)).shape == y.shape
        assert (y + torch.zeros(4, 1, 1).to(y)).shape == y.shape
        with pytest.raises(Mixed, match="bring it with"):
            y.detach().numpy()
        assert (y + torch.tensor(1.0)).sum().item()  # a single number may come from the CPU


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter(name, monkeypatch):
    import matplotlib as mpl

    mpl.use("agg")
    import cbam_teach

    # The exporter cannot trace under a stand-in; a figure without a graph computes all the same.
    monkeypatch.setattr("cbam_teach.live.figure.can_export", lambda: False)
    cbam_teach.start("en", seed=0)
    with second_device(monkeypatch) as device:
        names: dict = {"device": device, "__name__": "__main__"}
        for cell in CHAPTERS[name].code:
            if not {"solution", "wrong"} & set(cell.tags):
                run(cell.source, names)
