"""Checks the shapes in the package's annotations while its tests run, and only then."""

import sys
from collections.abc import Iterator
from functools import cache

import jaxtyping
import matplotlib as mpl
import pytest

mpl.use("agg")
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "cbam_teach" and "jaxtyping" not in repr(module.__loader__):
        del sys.modules[name]  # imported before the hook: the annotations would go unchecked
HOOK = jaxtyping.install_import_hook("cbam_teach", "shape_checker.check")

import torch  # noqa: E402

from cbam_teach import language  # noqa: E402

torch.set_num_threads(1)  # the tensors are tiny; threads would only wait for each other


def pytest_configure(config: pytest.Config) -> None:
    """Every warning is an error here, wherever the tests are started from."""
    config.addinivalue_line("filterwarnings", "error")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Start every test with the same seed and in English."""
    torch.manual_seed(0)
    language.set_language("en")
    yield
    language.set_language("en")


@pytest.fixture(scope="session", autouse=True)
def one_registry() -> Iterator[None]:
    """Let PyTorch's exporter read its table of operators once, not for every graph."""
    try:
        from torch.onnx._internal.exporter._registration import ONNXRegistry
    except ImportError:  # another PyTorch keeps it elsewhere
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        once = staticmethod(cache(ONNXRegistry.from_torchlib))
        patch.setattr(ONNXRegistry, "from_torchlib", once)
        yield


@pytest.fixture
def as_released() -> Iterator[None]:
    """Run without checked annotations, as readers do, so that the package's own errors show."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list]:
    """Collect each figure that a function shows."""
    from matplotlib import pyplot

    figures: list = []
    monkeypatch.setattr(pyplot, "show", lambda: figures.append(pyplot.gcf()))
    yield figures
    pyplot.close("all")
