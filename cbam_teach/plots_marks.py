"""Which part of a block's picture each failed check is about, and the marks beside these parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbam_teach.plots_drawing import WARNING, Drawing

if TYPE_CHECKING:
    from cbam_teach.doctor.report import Finding, Report

# The part that each check is about, unless `Marks.part` knows better; the others: attention.
PARTS = {"sees-branch": "seen", "multiplies": "product", "skip-untouched": "skip",
         "adds-once": "sum", "samples-independent": "output", "input-kept": "input",
         "any-size": "output"}  # fmt: skip
LINE = 0.2  # height of a line of small text, inches


class Marks:
    """The failed checks of a report, by the part of the picture that they are about.

    Attributes:
        multiplied: whether a mask goes back into the features.
        summed: whether the skip path is added.
        runs: whether attention runs at all.
    """

    def __init__(self, report: Report, drawing: Drawing) -> None:
        self.report, self.drawing, anatomy = report, drawing, report.anatomy
        self.multiplied = anatomy.operation != "none" and anatomy.found != "unused"
        self.summed = anatomy.skip != "none" and anatomy.skips > 0
        self.runs = not any(f.id == "multiplies" and f.case == "never" for f in report.findings)
        self.wrong: dict[str, list[str]] = {}
        for finding in report.findings:
            if finding.status == "failed":
                self.wrong.setdefault(self.part(finding), []).append(finding.id)

    def __contains__(self, part: str) -> bool:
        return part in self.wrong

    def high(self, part: str) -> float:
        """Return how much room the marks of a part take, in inches."""
        return LINE * len(self.wrong.get(part, ()))

    def part(self, finding: Finding) -> str:
        """Return the part that a failed check is about, or the nearest one that is drawn."""
        part = PARTS.get(finding.id, "attention")
        if finding.case == "leaks":
            part = "product"
        if finding.id == "adds-once" and finding.case == "inside":
            part = "attention"
        names, paths = finding.evidence.get("names", ()), self.report.attention
        if names and not any(name.startswith(path) for name in names for path in paths):
            part = "branch"
        if part == "product" and not self.multiplied:
            part = "attention"
        if part == "skip" and self.report.anatomy.skip == "none":
            part = "sum"
        return "output" if part == "sum" and not self.summed else part

    def write(self, x: float, y: float, *parts: str, free: int = 1) -> float:
        """Write which checks failed at these parts, to the left of x if ``free`` is -1.

        Returns:
            How much room that takes downwards, in inches.
        """
        ids = [id for part in parts for id in self.wrong.get(part, ())]
        for line, id in enumerate(ids):
            self.drawing.write(
                x, y + LINE * line, f"! {id}", ha="left" if free > 0 else "right",
                fontsize=10, color=WARNING["color"], zorder=5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        return LINE * len(ids)
