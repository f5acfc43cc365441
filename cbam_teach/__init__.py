"""CBAM, from its two masks to a residual network, in modules small enough to read.

Importing this package costs little more than importing PyTorch: figures, the ledger of
claims and everything of Jupyter are loaded when they are first used.
"""

from cbam_teach.blocks import ResidualBlock
from cbam_teach.cbam import CBAM
from cbam_teach.channel import ChannelAttention
from cbam_teach.coordinate import CoordinateAttention
from cbam_teach.diagnostics import router_report
from cbam_teach.doctor import diagnose, diagnose_model
from cbam_teach.dynamic import DynamicSpatialAttention
from cbam_teach.fold import fold
from cbam_teach.insert import insert_attention
from cbam_teach.ladder import LADDER
from cbam_teach.mask import Mask, Reweight, Shares
from cbam_teach.mixing import Learnable, WarmUp
from cbam_teach.models import MiniResNet, SimpleCNN
from cbam_teach.notebook import start
from cbam_teach.resnet import ResNet
from cbam_teach.spatial import SpatialAttention
from cbam_teach.squeeze import EfficientChannelAttention, SqueezeExcitation
from cbam_teach.temperature import Temperature
from cbam_teach.trace import trace

__version__ = "0.1.0"

__all__ = [
    "CBAM",
    "LADDER",
    "ChannelAttention",
    "CoordinateAttention",
    "DynamicSpatialAttention",
    "EfficientChannelAttention",
    "Learnable",
    "Mask",
    "MiniResNet",
    "ResNet",
    "ResidualBlock",
    "Reweight",
    "Shares",
    "SimpleCNN",
    "SpatialAttention",
    "SqueezeExcitation",
    "Temperature",
    "WarmUp",
    "diagnose",
    "diagnose_model",
    "fold",
    "insert_attention",
    "router_report",
    "start",
    "trace",
]
