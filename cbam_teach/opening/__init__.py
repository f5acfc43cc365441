"""Two small networks that were trained alike on cued digits: one plain, one with CBAM."""

from cbam_teach.opening.network import NETWORKS, OpeningNet
from cbam_teach.opening.weights import load

__all__ = ["NETWORKS", "OpeningNet", "load"]
