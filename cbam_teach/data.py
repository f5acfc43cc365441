"""Pictures to train on and to look at: made ones, a few photographs, CIFAR-10."""

from cbam_teach.cifar import cifar10
from cbam_teach.cluttered import cluttered_digits
from cbam_teach.photographs import photographs
from cbam_teach.pictures import Digits, Pictures

__all__ = ["Digits", "Pictures", "cifar10", "cluttered_digits", "photographs"]
