"""Every check can fail: each has a counterexample on which it raises."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys

import pytest
import yaml

from .conftest import ROOT

HERE = ROOT / "tests" / "book"
LEDGER = yaml.safe_load((ROOT / "book" / "claims.yml").read_text("utf8"))
CHANGES = yaml.safe_load((HERE / "counterexamples.yml").read_text("utf8"))
STANDING = [
    entry
    for entry in LEDGER
    if entry["verdict"] != "not-testable" and not entry.get("pending", False)
]
CHAPTERS = sorted({entry["chapter"] for entry in STANDING})
WITHOUT_GRAPHS = {"CBAM_TEACH_GRAPHS": "0"}  # no check asks for a live figure's graph
# Tried beside a chapter's own: a change that changes nothing, a wrong name, a text not there.
CONTROLS = {
    "01_residual_block": [
        ["C101", "carried(wider)", "(carried(wider))"],
        ["C101", "carried(wider)", "missing"],
        ["C101", "no such text", "x"],
    ]
}


@functools.cache
def tried(chapter: str) -> tuple[dict[str, str], list[str]]:
    """The outcome of each claim's changed cell, and those of the controls."""
    names = [entry["id"] for entry in STANDING if entry["chapter"] == chapter]
    changes = [[name, CHANGES[name]["old"], CHANGES[name]["new"]] for name in names]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "changed_cells.py"), chapter],
        input=json.dumps(changes + CONTROLS.get(chapter, [])),
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"} | WITHOUT_GRAPHS,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return dict(zip(names, found, strict=False)), found[len(names) :]


def test_every_check_has_one_counterexample():
    assert list(CHANGES) == sorted(CHANGES)
    assert set(CHANGES) == {entry["id"] for entry in STANDING}
    assert all(set(change) == {"old", "new"} for change in CHANGES.values())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_check_raises_on_it(chapter):
    found, _ = tried(chapter)
    assert found == dict.fromkeys(found, "raises")
    assert found


def test_a_change_that_changes_nothing_is_seen():
    _, (nothing, wrong_name, absent) = tried("01_residual_block")
    assert nothing == "agrees"
    assert wrong_name.startswith("NameError")
    assert absent == "not once there: no such text"
