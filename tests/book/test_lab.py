"""`make lab`: the set-up cell is run before the first cell, and nothing is left in the home."""

from __future__ import annotations

import subprocess
import sys

import pytest
from builder import lab, notebooks

from .conftest import TITLE, code


@pytest.mark.parametrize("language", ["tr", "en"])
def test_lab_runs_the_set_up_cell(build_house, monkeypatch, language):
    house = build_house(**{"01_a": TITLE + code("print(device)")})
    calls = []
    with monkeypatch.context() as patch:
        patch.setattr(lab.subprocess, "run", lambda *a, **k: calls.append((a[0], k["env"])))
        patch.setattr(lab.subprocess, "call", lambda *a, **k: calls.append((a[0], k["env"])) or 0)
        assert lab.start(house, language) == 0
    (viewer, settings), (server, environment) = calls
    assert settings == environment
    assert viewer[-1] == "set-default-viewer"
    assert str(house.chapters) in server
    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        assert environment[variable].startswith(str(house.build))
    profile = house.build / "lab" / "ipython" / "profile_default" / "startup"
    startup = (profile / "00-setup.py").read_text("utf-8")
    assert startup == notebooks.setup_code(house, language) + "\n"
    # the startup file alone gives what a chapter's cells need
    script = startup + "print(device)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=house.root
    )
    assert done.stdout == "cpu\n"
