"""What `benchmarks/folding.py` stores of the times that it took."""

import statistics
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folding(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield __import__("folding")
    for name in ("folding", "attention", "report"):
        sys.modules.pop(name, None)


def test_a_ratio_is_taken_within_a_round(folding):
    taken = {
        "written": [1.0, 10.0, 2.0], "folded": [2.0, 5.0, 1.0],
        "written, compiled": [1.0, 4.0, 2.0], "folded, compiled": [4.0, 4.0, 1.0],
    }  # fmt: skip
    shape = (1, 64, 56, 56)
    found = {who: folding.figure(shape, "mask", who, taken) for who in taken}
    assert found["written"]["ratio"] == found["written"]["gain"] == 1.0
    assert (found["folded"]["ratio"], found["folded"]["gain"]) == (2.0, 2.0)  # of 0.5, 2, 2
    assert found["folded, compiled"]["ratio"] == 2.0  # of 0.25, 2.5, 2
    assert found["folded, compiled"]["gain"] == 1.0  # of 0.25, 1, 2
    assert found["folded"]["value"] == statistics.median(taken["folded"])
    assert found["folded"]["low"] <= found["folded"]["ratio"] <= found["folded"]["high"]
    assert found["folded"]["shape"] == list(shape)


def test_each_form_gives_the_written_values(folding):
    pytest.importorskip("onnxruntime")
    import torch

    x = torch.randn(1, 16, 9, 13)
    runs = folding.forms(folding.masks(16)["mask"], x, eager=True)
    assert list(runs) == ["written", "folded", "written, onnxruntime", "folded, onnxruntime"]
    expected = runs["written"]()
    for run in runs.values():
        torch.testing.assert_close(run(), expected, rtol=0, atol=folding.TOLERANCE)
