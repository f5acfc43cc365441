"""The mask laboratory: every rung of the ladder, trained, with its masks in the reader's hands."""

from cbam_teach.laboratory.bench import look
from cbam_teach.laboratory.figure import laboratory
from cbam_teach.laboratory.network import LaboratoryNet
from cbam_teach.laboratory.weights import load

__all__ = ["LaboratoryNet", "laboratory", "load", "look"]
