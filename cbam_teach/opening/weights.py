"""The opening's trained weights."""

import zipfile
from functools import cache
from importlib.resources import files

from jaxtyping import Float16
from torch import Tensor

from cbam_teach.language import problem
from cbam_teach.opening.network import NETWORKS, OpeningNet
from cbam_teach.packed import give, kept, unpack

FILE = "weights.npz"


def load(name: str) -> OpeningNet:
    """Return a trained network of the opening, in evaluation mode on the CPU.

    How both were trained, and how well they read, is in ``results.load("opening")``.

    Args:
        name: ``"plain"`` or ``"cbam"``.

    Raises:
        TypeError, ValueError: for any other word, and where the stored file is damaged.
    """
    net = OpeningNet(name)
    give(net, stored()[name])
    return net.eval()


@cache
def stored() -> dict[str, Float16[Tensor, " n"]]:
    """Return the stored file: the weights of each network."""
    return read(files("cbam_teach.opening").joinpath(FILE).read_bytes())


def read(data: bytes) -> dict[str, Float16[Tensor, " n"]]:
    """Return a file's weights, or refuse what does not hold both networks, whole and finite."""
    try:
        found = unpack(data)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):  # cut off, or another kind of file
        found = {}
    given = {name: len(each) if each.isfinite().all() else None for name, each in found.items()}
    allowed = {name: len(kept(OpeningNet(name))) for name in NETWORKS}
    if given != allowed:
        raise problem(ValueError, "error.opening", file=FILE, given=given, allowed=allowed)
    return found
