"""Pictures to train on and to look at: made ones, a few photographs, CIFAR-10."""

from cbam_teach.cifar import cifar10
from cbam_teach.cluttered import cluttered_digits
from cbam_teach.cued import cued_digits
from cbam_teach.photographs import photographs
from cbam_teach.pictures import Cued, Digits, Pair, Pictures
from cbam_teach.placed import placed_digits

__all__ = [
    "Cued",
    "Digits",
    "Pair",
    "Pictures",
    "cifar10",
    "cluttered_digits",
    "cued_digits",
    "photographs",
    "placed_digits",
]
