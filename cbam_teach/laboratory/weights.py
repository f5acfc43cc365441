"""The laboratory's trained weights."""

from functools import cache
from importlib.resources import files

from jaxtyping import Float16
from torch import Tensor, nn

from cbam_teach.laboratory.network import LaboratoryNet
from cbam_teach.packed import give, unpack

FILE = "weights.npz"


def load(rung: str) -> nn.Module:
    """Return the laboratory's trained network of a rung, in evaluation mode on the CPU.

    How it was trained, and how well it reads digits, is in ``results.load("laboratory")``.

    Args:
        rung: a name of `LADDER`.

    Raises:
        TypeError, ValueError: for any other word.
    """
    net = LaboratoryNet(rung)
    give(net, stored()[rung])
    return net.eval()


@cache
def stored() -> dict[str, Float16[Tensor, " n"]]:
    """Return the stored file: the weights of each rung."""
    return unpack(files("cbam_teach.laboratory").joinpath(FILE).read_bytes())
