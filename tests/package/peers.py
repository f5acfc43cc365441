"""timm's attention layers and its ResNet, imported without timm's front door.

``import timm`` wants torchvision, and so do a few of its layer files, for one class that
nothing here uses. `timm` lends both for as long as the import takes, and then leaves
``sys.modules`` as it was: whoever imports timm or torchvision later gets the real ones, or none.
"""

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from torch import nn

LENT = ("timm", "torchvision")
ABSENT = "timm is not installed. Cure: `make test`, or `pip install --no-deps timm`."


def timm() -> SimpleNamespace:
    """Return CbamModule, SEModule, EcaModule, CoordAttn, and the file ``timm.models.resnet``.

    The test that asks fails where timm is not installed: it belongs to what tests need.
    """
    if importlib.util.find_spec("timm") is None:
        pytest.fail(ABSENT, pytrace=False)
    return load()


@cache
def load() -> SimpleNamespace:
    found = importlib.util.find_spec("timm")
    assert found is not None
    assert found.submodule_search_locations
    root = Path(found.submodule_search_locations[0])
    with lent(), warnings.catch_warnings(action="ignore"):
        stand_in("timm", root).__version__ = "0"
        stand_in("timm.data", root / "data")
        stand_in("timm.models", root / "models")
        stand_in("torchvision")
        stand_in("torchvision.ops")
        stand_in("torchvision.ops.misc").FrozenBatchNorm2d = type("Unused", (nn.Module,), {})
        constants = importlib.import_module("timm.data.constants")
        vars(sys.modules["timm.data"]).update(vars(constants))
        names = {"cbam": "CbamModule", "squeeze_excite": "SEModule", "eca": "EcaModule",
                 "coord_attn": "CoordAttn"}  # fmt: skip
        layers = {
            name: getattr(importlib.import_module(f"timm.layers.{file}"), name)
            for file, name in names.items()
        }
        return SimpleNamespace(**layers, resnet=importlib.import_module("timm.models.resnet"))


@contextmanager
def lent() -> Iterator[None]:
    """Take out of ``sys.modules`` what is lent, and put back afterwards what was there."""
    before = take_out()
    try:
        yield
    finally:
        take_out()
        sys.modules.update(before)


def take_out() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] in LENT]
    return {name: sys.modules.pop(name) for name in names}


def stand_in(name: str, folder: Path | None = None) -> ModuleType:
    """Put an empty package under this name, whose files are looked for in the folder."""
    module = ModuleType(name)
    module.__path__ = [str(folder)] if folder else []
    sys.modules[name] = module
    return module
