"""CBAM, from its two masks to a residual network, in modules small enough to read.

Importing this package costs little more than importing PyTorch: figures, the ledger of
claims and everything of Jupyter are loaded when they are first used.
"""

from cbam_teach.blocks import ResidualBlock
from cbam_teach.cbam import CBAM
from cbam_teach.channel import ChannelAttention
from cbam_teach.mask import Mask, Reweight
from cbam_teach.models import SimpleCNN
from cbam_teach.notebook import start
from cbam_teach.spatial import SpatialAttention
from cbam_teach.trace import trace

__version__ = "0.1.0"

__all__ = [
    "CBAM",
    "ChannelAttention",
    "Mask",
    "ResidualBlock",
    "Reweight",
    "SimpleCNN",
    "SpatialAttention",
    "start",
    "trace",
]
