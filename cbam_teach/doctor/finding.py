"""Short ways to say what a check found."""

from typing import Any

from cbam_teach.doctor.report import FAILED, NOT_APPLICABLE, PASSED, REMARK, Finding

#: How much a status weighs where two modes of one block differ.
GRAVITY = {NOT_APPLICABLE: 0, PASSED: 1, REMARK: 2, FAILED: 3}


def passed(check: str, **evidence: Any) -> Finding:
    return Finding(check, PASSED, "done", evidence)


def failed(check: str, case: str, **evidence: Any) -> Finding:
    return Finding(check, FAILED, case, evidence)


def remark(check: str, case: str, **evidence: Any) -> Finding:
    return Finding(check, REMARK, case, evidence)


def silent(check: str, case: str, **evidence: Any) -> Finding:
    """Return that a check does not apply."""
    return Finding(check, NOT_APPLICABLE, case, evidence)


def graver(one: Finding, other: Finding) -> Finding:
    """Return the finding that weighs more, the first of two that weigh the same."""
    return other if GRAVITY[other.status] > GRAVITY[one.status] else one
