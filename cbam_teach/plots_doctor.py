"""The block as the doctor found it, from x to y, with the parts that failed marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cbam_teach.doctor.sheet import shown
from cbam_teach.language import say
from cbam_teach.plots_drawing import Column, Drawing
from cbam_teach.plots_marks import LINE, Marks

if TYPE_CHECKING:
    from cbam_teach.doctor.report import Report

# What attention is given where it stands.
GIVEN = {"inside": "branch", "before": "input", "after": "sum", "beside": "skip"}
# Where the skip path, the branch and attention stand, in inches from the left.
USUAL, BESIDE = (1.0, 3.4, 5.6), (1.0, 5.75, 2.9)
KINDS = {
    "conv": ("conv", "depthwise", "linear"),
    "norm": ("bn", "gn", "ln", "norm", "batchnorm", "groupnorm", "layernorm", "instancenorm"),
    "relu": ("relu", "silu", "gelu", "mish", "elu", "prelu", "leakyrelu", "relu6", "hardswish"),
}


def draw(report: Report) -> None:
    """Draw a report's block: where attention is, what it sees, and where its mask goes.

    A part that a failed check is about has a thick broken edge, and the check's id beside it.
    """
    _Picture(report).draw()


class _Picture:
    """One drawing, from top to bottom: x, the fork, F, the sum, what follows, y."""

    def __init__(self, report: Report) -> None:
        self.report, self.anatomy, self.drawing = report, report.anatomy, Drawing()
        beside = self.anatomy.found == "beside"
        self.skip_x, self.branch_x, self.side = BESIDE if beside else USUAL
        self.free = -1 if beside else 1  # on which side of the branch there is room
        self.marks = Marks(report, self.drawing)

    def draw(self) -> None:
        """Draw it all."""
        found, sum_seen = self.anatomy.found, self.anatomy.seen == "sum"
        branch = Column(self.drawing, self.branch_x, 0.22)
        self.end(0.1, "x", "input")
        high = 0.65 + self.marks.high("skip")
        (branch.plain if found == "before" else branch.arrow)(length=high)
        self.drawing.write(
            self.branch_x + 0.1 * self.free, branch.y - 0.35, shown(self.report.shape),
            ha="left" if self.free > 0 else "right", fontsize=11,
        )  # fmt: skip
        self.fork = branch.y - 0.2
        skip = Column(self.drawing, self.skip_x, self.fork)
        if self.anatomy.skip != "none":
            self.skip(skip)
        if found == "before":
            self.attention(branch)
        self.layers(branch)
        if found == "inside" or (found in ("unused", "unknown") and not sum_seen):
            self.attention(branch)
        if self.marks.summed:
            self.sum(branch, skip)
        if found == "after" or (found in ("unused", "unknown") and sum_seen):
            self.attention(branch)
        for label in self.anatomy.after:
            branch.arrow()
            self.layer(branch, label)
        branch.arrow("", max(0.35, skip.y - branch.y))
        bottom = branch.y + 0.14 + self.end(branch.y + 0.14, "y", "output")
        if self.marks.wrong:
            self.drawing.write(0.1, bottom + 0.3, say("doctor.draw.legend"), ha="left", fontsize=10)
            bottom += 0.3
        self.drawing.finish(bottom + 0.15, self.title())

    def title(self) -> str:
        """Return the question that the picture answers, then what was asked for and found."""
        report = self.report
        wanted, found = (say(f"doctor.place.{at}") for at in (report.placement, report.found))
        question = say("doctor.draw.title", block=report.block)
        return f"{question}\n{say('doctor.draw.place', placement=wanted, found=found)}"

    def known(self, key: str) -> str:
        """Return the words of a key, or ? where the block ran too short to be known."""
        return say(key) if self.anatomy.found != "unknown" or self.anatomy.branch else "?"

    def end(self, y: float, name: str, part: str) -> float:
        """Write x or y, and return how much room the marks there take downwards."""
        if part in self.marks:
            self.drawing.sign(self.branch_x, y, "", warning=True)
        self.drawing.write(self.branch_x, y, f"${name}$", fontsize=15, zorder=4)
        return self.marks.write(self.branch_x + 0.3 * self.free, y, part, free=self.free)

    def layer(self, column: Column, label: str) -> None:
        """Put a box for one layer on the path, its label no wider than the box."""
        said = say("doctor.draw.conv", size=label[5:]) if label.startswith("conv ") else label
        first = label.partition(" ")[0].lower()
        kind = next((kind for kind, names in KINDS.items() if first in names), "other")
        column.box(said, kind, fontsize=min(12, 165 / max(1, len(said))))

    def layers(self, column: Column) -> None:
        """Draw F in its frame, with the attention that stands in its middle."""
        names = self.anatomy.branch
        labels = [label for label in names if label != "attention"] or ["F"]
        cut, most = len(labels), 9
        if self.anatomy.found == "middle":
            cut, most = names.index("attention") if "attention" in names else len(labels) // 2, 5
        top = column.y
        column.plain(0.12 + self.marks.write(column.x - 1.05, top + 0.14, "branch"))
        for place, label in enumerate(folded(labels[:cut], most)):
            if place > 0:
                column.arrow()
            self.layer(column, label)
        if self.anatomy.found == "middle":
            self.attention(column)
            for label in folded(labels[cut:], most):
                column.arrow()
                self.layer(column, label)
        column.plain(0.12)
        left, right = column.x - 1.15, column.x + 0.95
        self.drawing.frame(left, right, top, column.y, warning="branch" in self.marks)
        if labels != ["F"]:
            self.drawing.write(column.x - 0.95, (top + column.y) / 2, "$F$", fontsize=15)

    def skip(self, column: Column) -> None:
        """Draw the skip path from the fork down to where it turns towards the +."""
        drawing, anatomy, warning = self.drawing, self.anatomy, "skip" in self.marks
        drawing.line((self.branch_x, column.y), (column.x, column.y), arrow=False, warning=warning)
        drawing.write(column.x, column.y - 0.16, say("plots.skip"))
        self.marks.write(0.3, column.y - 0.16 - self.marks.high("skip"), "skip")
        if anatomy.skip != "identity":
            column.arrow("", 0.5)
            projection = say("doctor.draw.projection")
            self.layer(column, projection if anatomy.skip == "projection" else "?")
        elif anatomy.found != "beside":
            drawing.write(column.x - 0.12, column.y + 0.75, say("plots.identity"), rotation=90)
        if anatomy.found == "beside":
            self.attention(column)
        if not self.marks.summed:
            column.arrow("", 1.4 if anatomy.skip == "identity" else 0.4)
            drawing.write(column.x, column.y + 0.14, self.known("doctor.draw.not_added"))

    def sum(self, branch: Column, skip: Column) -> None:
        """Draw the +, with the skip path into it and how many times it is added."""
        branch.arrow("", max(0.35, skip.y - branch.y))
        branch.sign("+", warning="sum" in self.marks)
        plus = branch.y - 0.16
        ends = (skip.x, skip.y), (skip.x, plus), (branch.x - 0.16, plus)
        self.drawing.line(*ends, warning="skip" in self.marks)
        if self.anatomy.skips > 1:
            self.drawing.write(skip.x + 0.6, plus - 0.15, f"{self.anatomy.skips} ×")
        low = plus + (LINE if self.free < 0 else 0)
        self.marks.write(branch.x + 0.3 * self.free, low, "sum", free=self.free)

    def attention(self, column: Column) -> None:
        """Draw attention beside a path: what it is given, its masks, and where these go."""
        drawing, shapes = self.drawing, [shown(mask) for mask in self.anatomy.masks]
        said = [say("doctor.draw.attention"), *(shapes if len(shapes) < 4 else [*shapes[:2], "…"])]
        column.plain(0.15)
        tall = 0.16 + LINE * len(said)
        top = column.y + (0.4 if self.way_in() == "elsewhere" else 0)
        bottom = top + tall
        drawing.box(
            self.side, top + tall / 2, "\n".join(said), "mask", 1.7, tall,
            warning="attention" in self.marks, fontsize=11,
        )  # fmt: skip
        self.enter(column, top, top + tall / 2)
        back, low = self.side - 0.6, bottom + 0.16
        if self.marks.multiplied:
            column.arrow("", bottom + 0.14 - column.y)
            sign = "+" if self.anatomy.operation == "add" else "⊙"
            column.sign(sign, warning="product" in self.marks)
            level = column.y - 0.16
            drawing.line((back, bottom), (back, level), (column.x + 0.16, level))
            column.plain(0.1 + self.marks.write(column.x + 0.25, column.y + 0.08, "product"))
        else:
            drawing.line((self.side, bottom), (self.side, bottom + 0.3))
            why = self.known(f"doctor.draw.{'unused' if self.marks.runs else 'never'}")
            drawing.write(self.side, bottom + 0.42, why)
            low = bottom + 0.66
        low += self.marks.write(back + 0.15, low, "attention", "seen")
        column.plain(max(0.1, low - 0.4 - column.y))

    def way_in(self) -> str:
        """Return whether attention is given what flows by, x, something else or nothing."""
        found, seen = self.anatomy.found, self.anatomy.seen
        if not self.marks.runs:
            return "nowhere"
        flows = {GIVEN.get(found, "branch"), *(("other",) if found == "middle" else ())}
        if found == "after" and not self.marks.summed:
            flows.add("branch")
        if found == "beside" and self.anatomy.skip == "identity":
            flows.add("input")
        if seen in flows or (found in ("unused", "unknown") and seen == "sum"):
            return "here"
        return "input" if seen == "input" else "elsewhere"

    def enter(self, column: Column, top: float, middle: float) -> None:
        """Draw the way into attention's box from where its input comes."""
        way = self.way_in()
        points = [(column.x, middle), (self.side - 0.85, middle)]
        if way == "input":
            points = [(self.branch_x, self.fork), (self.side, self.fork), (self.side, top)]
        if way == "elsewhere":
            points = [(self.side, top - 0.28), (self.side, top)]
            given = self.known(f"doctor.draw.given.{self.anatomy.seen}")
            self.drawing.write(self.side, top - 0.4, given, fontsize=11)
        if way != "nowhere":
            self.drawing.line(*points, warning="seen" in self.marks)


def folded(labels: Sequence[str], most: int) -> list[str]:
    """Return at most so many labels, one of them saying how many are left out in the middle."""
    if len(labels) <= most:
        return list(labels)
    half = most // 2
    return [*labels[:half], f"… +{len(labels) - 2 * half}", *labels[-half:]]
