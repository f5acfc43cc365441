"""The doctor: what is wrong with the attention in a residual block, found by running it."""

from cbam_teach.doctor.examine import CHECKS, DoctorError, diagnose
from cbam_teach.doctor.networks import diagnose_model
from cbam_teach.doctor.report import Finding, Report

__all__ = ["CHECKS", "DoctorError", "Finding", "Report", "diagnose", "diagnose_model"]
