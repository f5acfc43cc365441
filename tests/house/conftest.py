"""The repository as these tests see it: its root, its files, its tools."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files(root: Path) -> list[Path]:
    """Everything that is, or is about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [root / name for name in run.stdout.split("\0") if name and (root / name).is_file()]


@pytest.fixture
def tool(root: Path):
    """Loads tools/NAME.py afresh, so that a test may bend it."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, root / "tools" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture
def experiments(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Loads experiments/NAME.py, each once and afresh, so that a test may bend it."""
    folders = [root / "experiments", root / "benchmarks"]
    names = [path.stem for folder in folders for path in folder.glob("*.py")]
    for folder in folders:
        monkeypatch.syspath_prepend(str(folder))
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)
