"""Reports written by hand, and every case that a check can tell."""

from cbam_teach.doctor.report import (
    FAILED,
    NOT_APPLICABLE,
    PASSED,
    REMARK,
    Anatomy,
    Finding,
    Report,
)

#: id -> status -> cases. Each id also has "done" (passed) and "failed_before" (not applicable).
CASES = {
    "sees-branch": {
        FAILED: "input sum skip branch other unused", REMARK: "middle", NOT_APPLICABLE: "never",
    },
    "is-mask": {FAILED: "range shape", REMARK: "one_plus", NOT_APPLICABLE: "none"},
    "multiplies": {FAILED: "added ignored never"},
    "skip-untouched": {
        FAILED: "masked leaks changed", REMARK: "mixing one_plus",
        NOT_APPLICABLE: "after before beside none",
    },
    "adds-once": {FAILED: "never twice inside early", REMARK: "scaled"},
    "all-parameters-learn": {
        FAILED: "no_gradient backward", REMARK: "zero_start frozen", NOT_APPLICABLE: "none",
    },
    "samples-independent": {FAILED: "mixed", NOT_APPLICABLE: "single"},
    "places-matter": {
        FAILED: "still elsewhere", REMARK: "coordinates nearly zero_start",
        NOT_APPLICABLE: "channel none",
    },
    "input-kept": {FAILED: "overwritten"},
    "mask-alive": {
        FAILED: "constant saturated narrow not_finite", REMARK: "zero_start",
        NOT_APPLICABLE: "none",
    },
    "any-size": {FAILED: "raises not_finite shape alone", REMARK: "refuses tiny"},
    "channels-agree": {FAILED: "built_for", NOT_APPLICABLE: "unknown"},
}  # fmt: skip
IDS = tuple(CASES)

#: What the sentences may ask for, by check.
EVIDENCE = {
    "all-parameters-learn": {"names": ["attention.fc.weight"], "error": "RuntimeError"},
    "channels-agree": {"wanted": 16, "given": 8},
    "is-mask": {
        "mask_min": -0.25, "mask_max": 1.5, "mask_shape": (4, 16), "map_shape": [4, 16, 6, 6],
    },
    "any-size": {"size": (1, 16, 7, 5), "mode": "eval", "error": "ValueError"},
    "skip-untouched": {"kept": 0.5},
}  # fmt: skip

PLAIN = ("conv 3×3", "BN", "ReLU", "conv 3×3", "BN")
MASKS = ((4, 16, 1, 1), (4, 1, 6, 6))


def every_finding() -> list[Finding]:
    """Return a finding of each case."""
    found = []
    for id, by_status in CASES.items():
        whole = {PASSED: "done", **by_status}
        whole[NOT_APPLICABLE] = f"failed_before {whole.get(NOT_APPLICABLE, '')}"
        for status, cases in whole.items():
            found += [Finding(id, status, case, EVIDENCE.get(id, {})) for case in cases.split()]
    return found


def anatomy(found: str = "inside", **other: object) -> Anatomy:
    """Return the anatomy of a right block whose attention stands there, but for what is given."""
    seen = {"before": "input", "after": "sum", "beside": "skip"}.get(found, "branch")
    parts = {
        "skip": "identity", "skips": 1, "branch": PLAIN, "masks": MASKS,
        "operation": "multiply", "after": ("ReLU",), "seen": seen,
    }  # fmt: skip
    return Anatomy(found=found, **(parts | other))


def a_report(*findings: Finding, of: Anatomy | None = None, **other: object) -> Report:
    """Return a report with these findings; the other checks have passed."""
    given = {finding.id: finding for finding in findings}
    whole = tuple(given.get(id, Finding(id, PASSED, "done", {})) for id in IDS)
    of = of or anatomy()
    parts = {
        "block": "Block", "attention": ("attention",), "placement": "inside", "found": of.found,
        "shape": (4, 16, 6, 6), "findings": whole, "anatomy": of, "language": "en",
    }  # fmt: skip
    return Report(**(parts | other))


def failing(*ids: str, **evidence: object) -> tuple[Finding, ...]:
    """Return these checks, each failed in its first case."""
    return tuple(
        Finding(id, FAILED, CASES[id][FAILED].split()[0], EVIDENCE.get(id, {}) | evidence)
        for id in ids
    )
