"""The scenes as live figures: labels in both languages, graphs that are small and right."""

import pytest
import torch
from live_parity import assert_agrees, assert_translated

from cbam_teach.live import Drag, Flag, LiveFigure, Range, View
from cbam_teach.live.scenes_placed import NAMES, PLACES, Placed
from cbam_teach.live.scenes_spread import Spread
from cbam_teach.live.scenes_tempered import Tempered


def spread(size=(3, 6, 8)) -> LiveFigure:
    controls = {"channels": Flag(True), "rows": Flag(), "columns": Flag()}
    views = ["x", "spread", "product", View("values", "sizes", names=("B", "C", "H", "W", "count"))]
    return LiveFigure(Spread(), torch.rand(size), controls=controls, views=views)


def placed(size=(1, 12, 16)) -> LiveFigure:
    controls = {
        "mask": Range(0, 1, start=0), "window": Flag(), "row": Range(0, size[1] - 1, start=3),
        "column": Range(0, size[2] - 1, start=4), "spot": Drag("column", "row"),
    }  # fmt: skip
    views = [View("overlay", "mask"), "y", View("bars", "kept", names=NAMES)]
    return LiveFigure(Placed(), torch.rand(size), controls=controls, views=views)


def tempered(size=(1, 12, 16)) -> LiveFigure:
    views = [View("histogram", "mask"), View("bars", "limits", names=("share", "limit"))]
    controls = {"temperature": Range(0.1, 10, start=1, log=True)}
    return LiveFigure(Tempered(), 8 * torch.randn(size), controls=controls, views=views)


FIGURES = [(spread, (3, 6, 8)), (spread, (5, 9, 4)), (placed, (1, 12, 16)), (placed, (1, 7, 5)),
           (tempered, (1, 12, 16)), (tempered, (1, 7, 5))]  # fmt: skip


@pytest.mark.parametrize(("make", "size"), FIGURES)
def test_the_graph_gives_what_the_module_gives(make, size):
    assert_agrees(make(size), whole=("row", "column"))


@pytest.mark.parametrize("make", [spread, placed, tempered])
def test_every_label_is_written_in_both_languages(make):
    raw = {"spread", "kept", "limits", "sizes", "count", "limit", "temperature"}
    assert_translated(make, raw, {*"BCHWxy", "histogram", *PLACES})
