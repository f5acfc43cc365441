"""start: seeds, exact arithmetic, pictures that do not change, and imports that stay small."""

import random
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy
import pytest
import torch
from nbclient import NotebookClient

from cbam_teach import start
from cbam_teach.language import get_language

ROOT = Path(__file__).parents[2]


def python(code: str) -> str:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_importing_loads_nothing_that_is_only_needed_later():
    late = ["matplotlib", "yaml", "IPython", "ipywidgets", "beartype", "pandas", "scipy"]
    code = (
        "import sys, torch; before = set(sys.modules); import cbam_teach;"
        f"print([m for m in {late!r} if m in sys.modules]);"
        "print(len(set(sys.modules) - before))"
    )
    loaded, count = python(code).splitlines()
    assert loaded == "[]"
    assert int(count) < 120


def test_the_plots_module_loads_matplotlib_only_to_draw():
    code = "import sys; from cbam_teach import plots; print('matplotlib' in sys.modules)"
    assert python(code) == "False\n"


def test_start_sets_language_seeds_and_arithmetic(capsys):
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True

    def draw():
        return random.random(), numpy.random.rand(), torch.rand(1).item()  # noqa: NPY002

    device = start("tr", seed=5)
    first = draw()
    assert start(seed=5) == device
    assert draw() == first
    start("en", seed=6)
    assert draw() != first
    assert get_language() == "en"
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32
    assert capsys.readouterr().out == ""


def test_start_enables_widgets_on_colab(monkeypatch):
    calls = []

    class Output:
        @staticmethod
        def enable_custom_widget_manager():
            calls.append(1)

    class Colab:
        output = Output

    monkeypatch.setitem(sys.modules, "google", object())
    monkeypatch.setitem(sys.modules, "google.colab", Colab)
    start("en")
    assert calls == [1]


CELLS = (
    "import cbam_teach; device = cbam_teach.start('tr')",
    "from cbam_teach import plots\nimport torch\nplots.maps([torch.rand(3, 5)], titles=['α'])",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
)


@pytest.fixture(scope="module")
def outputs() -> list[list]:
    """Run the same notebook twice, each time in a kernel of its own."""
    runs = []
    for _ in range(2):
        cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
        notebook = nbformat.v4.new_notebook(cells=cells)
        resources = {"metadata": {"path": str(ROOT)}}
        NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
        runs.append([cell.outputs for cell in notebook.cells])
    return runs


def test_a_notebook_gives_the_same_bytes_in_every_run(outputs):
    assert outputs[0] == outputs[1]


def test_start_prints_nothing_and_pictures_are_png_without_a_version(outputs):
    import base64

    first, *figures = outputs[0]
    assert first == []
    for shown in figures:
        assert [output.output_type for output in shown] == ["display_data"]
        assert set(shown[0].data) == {"image/png", "text/plain"}
        assert b"Software" not in base64.b64decode(shown[0].data["image/png"])
