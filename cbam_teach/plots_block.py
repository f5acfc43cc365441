"""The residual block as a diagram, from end to end."""

from cbam_teach import checks
from cbam_teach.language import say
from cbam_teach.placement import PLACEMENTS
from cbam_teach.plots_drawing import Column, Drawing

EQUATIONS = {
    "inside": r"$y = \mathrm{ReLU}(\mathrm{skip}(x) + A(F(x)))$",
    "before": r"$y = \mathrm{ReLU}(\mathrm{skip}(x) + F(A(x)))$",
    "after": r"$y = \mathrm{ReLU}(A(\mathrm{skip}(x) + F(x)))$",
    "beside": r"$y = \mathrm{ReLU}(A(\mathrm{skip}(x)) + F(x))$",
    "none": r"$y = \mathrm{ReLU}(\mathrm{skip}(x) + F(x))$",
}
# Where the skip path, the branch and the masks' boxes stand, in inches from the left.
USUAL, BESIDE = (1.0, 3.4, 5.6), (1.0, 5.5, 3.2)


def block(placement: str = "inside", *, projection: bool = False, title: str | None = None) -> None:
    """Draw `ResidualBlock` from x to y, with the shapes on the arrows.

    Args:
        placement: where the attention stands, as in `ResidualBlock`.
        projection: whether the skip path is a projection (channels C to D, stride s) or
            the identity.
        title: the question that the figure answers; it stands above the equation.

    Raises:
        TypeError, ValueError: for an option that is not allowed.
    """
    checks.choice("block", "placement", placement, PLACEMENTS)
    checks.flag("block", "projection", projection)
    skip_x, branch_x, side = BESIDE if placement == "beside" else USUAL
    channels, size = ("D", "H/s, W/s") if projection else ("C", "H, W")
    before, after = "(B, C, H, W)", f"(B, {channels}, {size})"

    drawing = Drawing()
    drawing.write(branch_x, 0.1, "$x$", fontsize=15)
    branch = Column(drawing, branch_x, 0.22)
    branch.arrow(before, 0.55)
    skip = Column(drawing, skip_x, branch.y - 0.42)
    _skip(skip, branch_x, side, placement, projection)
    if placement == "before":
        branch.attention(side, "C", "H, W")
        branch.arrow(before, 0.42)
    _convolutions(branch)
    if placement == "inside":
        branch.arrow(after, 0.42)
        branch.attention(side, channels, size)
    branch.arrow(after, max(0.42, skip.y - branch.y))
    branch.sign("+")
    plus = branch.y - 0.16
    drawing.line((skip_x, skip.y), (skip_x, plus), (branch_x - 0.16, plus))
    if placement == "after":
        branch.arrow(after, 0.42)
        branch.attention(side, channels, size)
    branch.arrow(after if placement != "after" else "", 0.42)
    branch.box("ReLU", "relu")
    branch.arrow(after, 0.42)
    drawing.write(branch_x, branch.y + 0.14, "$y$", fontsize=15)
    heading = [title, EQUATIONS[placement]] if title else [EQUATIONS[placement]]
    drawing.finish(branch.y + 0.3, "\n".join(heading))


def _convolutions(column: Column) -> None:
    """Draw F: conv 3x3, BN, ReLU, conv 3x3, BN, in a frame."""
    top, conv = column.y, say("plots.conv", size=3)
    column.plain(0.12)
    for label, kind in ((conv, "conv"), ("BN", "norm"), ("ReLU", "relu"), (conv, "conv")):
        column.box(label, kind)
        column.arrow()
    column.box("BN", "norm")
    column.plain(0.12)
    column.drawing.frame(column.x - 1.15, column.x + 0.95, top, column.y)
    column.drawing.write(column.x - 0.95, (top + column.y) / 2, "$F$", fontsize=15)


def _skip(column: Column, branch_x: float, side: float, placement: str, projection: bool) -> None:
    """Draw the skip path from the fork at the top, down to where it turns towards the +."""
    drawing, x = column.drawing, column.x
    drawing.line((branch_x, column.y), (x, column.y), arrow=False)
    drawing.write(x, column.y - 0.16, say("plots.skip"))
    if projection:
        column.arrow("", 0.9)
        column.box(say("plots.conv", size=1), "conv")
        column.arrow()
        column.box("BN", "norm")
    if placement == "beside":
        column.arrow("", 0.42)
        column.attention(side, *(("D", "H/s, W/s") if projection else ("C", "H, W")))
    elif not projection:
        drawing.write(x - 0.12, column.y + 1.8, say("plots.identity"), rotation=90)
