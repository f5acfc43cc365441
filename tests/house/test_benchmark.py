"""The benchmark's tables say what was measured, in both languages, and where they belong."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield __import__("report")
    del sys.modules["report"]


def measured(**more) -> dict:
    shapes = [[8, 64, 56, 56], [1, 64, 224, 224]]
    values = {"naive": (10.0, 30.0), "cbam_teach, compiled": (4.0, 12.345)}
    figures = [
        {"shape": shape, "what": "CBAM forward", "unit": "ms", "who": who, "value": pair[i],
         "ratio": round(values["naive"][i] / pair[i], 2)}
        for i, shape in enumerate(shapes) for who, pair in values.items()
    ]  # fmt: skip
    told = {"command": "python x.py", "device": "cpu", "machine": "m", "torch": "2", "rounds": 3}
    return told | {"date": "2026-01-02", "figures": figures} | more


def test_every_contestant_has_a_row_and_every_shape_a_column(report):
    rows = report.table(measured(), "en").splitlines()
    assert rows[0] == "| measured at (B, C, H, W) | (8, 64, 56, 56) | (1, 64, 224, 224) |"
    assert rows[2] == "| **CBAM, forward** | | |"
    assert rows[4].startswith("| `cbam_teach`, under `torch.compile` | 4.00 ms (2.50×) | 12.3")
    assert "`python x.py`" in rows[-1]
    turkish = report.table(measured(), "tr")
    assert "4,00 ms (2,50×)" in turkish
    assert "4.00" not in turkish


def test_a_result_is_stored_and_written_between_the_marks(report, tmp_path, monkeypatch):
    readmes = {"en": tmp_path / "a.md", "tr": tmp_path / "b.md"}
    for readme in readmes.values():
        readme.write_text("x\n<!-- benchmark: begin -->\nEarlier\n<!-- benchmark: end -->\ny\n")
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(report, "READMES", readmes)
    report.store(measured())
    assert json.loads((tmp_path / "attention_cpu.json").read_text()) == measured()
    text = readmes["tr"].read_text()
    assert text.startswith("x\n<!-- benchmark: begin -->\n| (B, C, H, W)")
    assert text.endswith("<!-- benchmark: end -->\ny\n")
    assert "Earlier" not in text
    readmes["en"].write_text("no marks")
    with pytest.raises(SystemExit, match=r"a.md: .*marks"):
        report.store(measured())
    assert readmes["en"].read_text() == "no marks"
    before = readmes["tr"].read_text()
    report.store(measured(device="cuda"))  # a CUDA result leaves the READMEs alone
    assert readmes["tr"].read_text() == before


def test_the_readmes_show_the_stored_result(report):
    stored = json.loads((ROOT / "cbam_teach/results/attention_cpu.json").read_text())
    for language, readme in report.READMES.items():
        assert report.table(stored, language) in readme.read_text()
    assert {figure["who"] for figure in stored["figures"]} >= {"naive", "timm", "cbam_teach"}
    assert stored["command"] == "python benchmarks/attention.py"
