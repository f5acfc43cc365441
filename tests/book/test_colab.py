"""As on Colab: a clean environment, an empty folder, the notebook file alone, a local wheel."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from builder import notebooks

from .conftest import ROOT
from .test_committed import COMMITTED, name, text_of

PRESENT = ("numpy", "matplotlib", "scikit-learn", "ipywidgets", "ipykernel")  # and torch
FACTS = "import importlib.metadata as m; print([(d.name, d.version) for d in m.distributions()])"
# One notebook of each language in every run; all of them in the full one.
USUAL = [
    pytest.param(path, id=name(path))
    for path in COMMITTED
    if name(path) in ("book/tr/02_masks.ipynb", "book/en/06_pattern_1.ipynb")
]
# What a cell says whose package Colab has not.
ABSENT = tomllib.loads((ROOT / "cbam_teach" / "words.toml").read_text("utf8"))["s6.absent"]
CHAPTERS = sorted({path.name for path in COMMITTED})


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder)]
    subprocess.run([*command, "--no-build-isolation", str(ROOT)], check=True)
    return next(folder.glob("cbam_teach-*.whl"))


@pytest.fixture(scope="session")
def machine() -> Path:
    """The interpreter of an environment that holds what Colab holds, and no cbam_teach."""
    pins = (ROOT / "constraints.txt").read_bytes()
    folder = ROOT / "_build" / "colab" / hashlib.sha256(pins).hexdigest()[:12]
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        quick = {**os.environ, "PIP_NO_COMPILE": "1"}  # a third of the time
        subprocess.run([python, str(ROOT / "tools" / "install_torch.py")], check=True, env=quick)
        command = [python, "-m", "pip", "install", "--quiet", "--prefer-binary"]
        command += ["-c", str(ROOT / "constraints.txt"), *PRESENT]
        subprocess.run(command, check=True, env=quick)
        ready.touch()
    remove(python)
    return python


def packages(python: Path) -> dict[str, str]:
    done = subprocess.run([python, "-c", FACTS], capture_output=True, text=True, check=True)
    return dict(eval(done.stdout))


@pytest.fixture
def run(wheel, machine, tmp_path, monkeypatch):
    """`run(path)`: the texts of a notebook's code cells after a run there, and those stored."""
    kernel = tmp_path / "jupyter" / "kernels" / "clean"
    kernel.mkdir(parents=True)
    argv = [str(machine), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "clean", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("CBAM_TEACH_WHEEL", str(wheel))
    for variable in ("PYTHONPATH", "VIRTUAL_ENV"):
        monkeypatch.delenv(variable, raising=False)
    script = (
        "import sys, nbformat; sys.path.insert(0, sys.argv[1]); from builder import notebooks\n"
        "done = notebooks.execute(notebooks.read(sys.argv[2]), kernel='clean')\n"
        "nbformat.write(done, sys.argv[3])"
    )

    def texts(path: Path) -> tuple[list, list]:
        copied = tmp_path / path.name
        copied.write_bytes(path.read_bytes())
        result = tmp_path / "done.ipynb"
        command = [sys.executable, "-c", script, str(ROOT / "book"), str(copied), str(result)]
        subprocess.run(command, check=True, cwd=tmp_path, env=dict(os.environ))
        found = ([c for c in notebooks.read(file).cells if c.cell_type == "code"]
                 for file in (result, path))  # fmt: skip
        there, stored = ([text_of(cell) for cell in cells] for cells in found)
        return there, stored

    yield texts
    remove(machine)


def remove(machine: Path) -> None:
    command = [machine, "-m", "pip", "uninstall", "--quiet", "--yes", "cbam_teach"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("path", USUAL)
def test_runs_to_its_end(path, run, machine):
    before = packages(machine)
    assert "cbam_teach" not in before
    there, stored = run(path)
    assert there == stored
    after = packages(machine)
    assert after["cbam_teach"]
    assert {key: after[key] for key in before} == before, "something present was replaced"


@pytest.mark.full
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_runs_twice_in_a_row_in_either_order_of_languages(chapter, run, machine):
    """In one folder and one environment, into which the first of the four runs brings us."""
    assert "cbam_teach" not in packages(machine)
    for language in ("tr", "en", "en", "tr"):
        there, stored = run(ROOT / "book" / language / chapter)
        if chapter == "16_fold_and_export.ipynb":  # ONNX is not on Colab: what it gives is missing
            pairs = [without(*texts, ABSENT[language]) for texts in zip(there, stored, strict=True)]
            there, stored = zip(*pairs, strict=True)
        assert there == stored, language


def without(there: str, stored: str, absent: str) -> tuple[str, str]:
    """What a cell said and what it had to say, where at most one line of it needs a package."""
    if there.strip() == absent:
        return there, there
    said, expected = ([line for line in text.splitlines() if line] for text in (there, stored))
    missing = [line for line in expected if line not in said]
    if len(missing) == 1:
        expected.remove(missing[0])
    return "\n".join(said), "\n".join(expected)
