"""A few of the experiments' networks with their trained weights, for pictures of masks."""

from functools import cache
from importlib.resources import files

from jaxtyping import Float16
from torch import Tensor

from cbam_teach import checks
from cbam_teach.packed import give, unpack
from cbam_teach.probes.network import ProbeNet
from cbam_teach.probes.variants import build

FILE = "weights.npz"


def load(run: str) -> ProbeNet:
    """Return a trained network of the experiments, in evaluation mode on the CPU.

    Its record is ``results.runs()``'s of the same name. Weights are stored in half precision,
    so that its test accuracy may differ from the record's in the last digit.

    Args:
        run: the name of a run whose weights are stored, such as ``"cued,cbam-before,seed=0"``.

    Raises:
        TypeError, ValueError: for any other.
    """
    weights = stored()
    checks.choice("load", "run", run, weights)
    variant, *more = run.split(",")[1:]
    net = build(variant, seed=0, padding="circular" if "circular" in more else "zeros")
    give(net, weights[run])
    return net.eval()


@cache
def stored() -> dict[str, Float16[Tensor, " n"]]:
    """Return the stored file: the weights by name of the run."""
    return unpack(files("cbam_teach.probes").joinpath(FILE).read_bytes())
