"""Boxes, arrows and signs from top to bottom: the hand that draws the block's diagram."""

from typing import Any

from cbam_teach.language import say
from cbam_teach.style import WIDTH, figure, show

FILL = {
    "conv": "#cfe0f3", "norm": "#ececec", "relu": "#d9efe2", "mask": "#fbe3c0", "other": "#ffffff",
}  # fmt: skip
EDGE = "#333333"
# The edge of what is wrong: thick and broken, so that it is seen in black and white, too.
WARNING = {"color": "#a83200", "linewidth": 2.6, "linestyle": (0, (2.6, 1.2))}
FRAME: dict[str, Any] = {"edgecolor": "#7a8aa0", "linestyle": (0, (4, 3)), "linewidth": 1.0}
TALL = 0.34  # height of a box, inches


def edge(thick: float, warning: bool) -> dict[str, Any]:
    """Return how an edge looks: a plain line of a thickness, or that of a warning."""
    look = dict(WARNING) if warning else {"color": EDGE, "linewidth": thick}
    return {"edgecolor": look.pop("color"), **look}


class Drawing:
    """A sheet measured in inches, y downwards, as tall as what is drawn on it."""

    def __init__(self) -> None:
        self.figure, axes = figure(1, 1, (WIDTH, 1))
        self.axis: Any = axes[0, 0]
        self.axis.set_axis_off()

    def write(self, x: float, y: float, text: str, **more: Any) -> None:
        """Write text with its centre, or the edge that ``ha`` names, at (x, y)."""
        more = {"ha": "center", "va": "center", "fontsize": 12} | more
        self.axis.text(x, y, text, **more)

    def line(self, *points: tuple[float, float], arrow: bool = True, warning: bool = False) -> None:
        """Draw a line through the points, with an arrow's head at the last."""
        look = WARNING if warning else {"color": EDGE, "linewidth": 1.4}
        xs, ys = zip(*points, strict=True)
        if not arrow:
            self.axis.plot(xs, ys, solid_capstyle="butt", **look)
            return
        self.axis.plot(xs[:-1], ys[:-1], **look)
        self.axis.annotate(
            "", points[-1], points[-2],
            arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **look},
        )  # fmt: skip

    def box(
        self, x: float, y: float, label: str, kind: str, wide: float, tall: float,
        *, warning: bool = False, **more: Any,
    ) -> None:  # fmt: skip
        """Draw a box of a kind around (x, y); ``more`` is how its label is written."""
        from matplotlib.patches import FancyBboxPatch

        corner = (x - wide / 2 + 0.05, y - tall / 2 + 0.05)
        self.axis.add_patch(
            FancyBboxPatch(
                corner,
                wide - 0.1,
                tall - 0.1,
                boxstyle="round,pad=0.05",
                facecolor=FILL[kind],
                zorder=3,
                **edge(1.1, warning),
            )
        )
        self.write(x, y, label, zorder=4, **more)

    def sign(self, x: float, y: float, sign: str, *, warning: bool = False) -> None:
        """Draw +, ⊙ or nothing in a circle of radius 0.16 around (x, y)."""
        from matplotlib.patches import Circle

        self.axis.add_patch(Circle((x, y), 0.16, facecolor="white", zorder=3, **edge(1.3, warning)))
        if sign == "⊙":
            self.axis.add_patch(Circle((x, y), 0.045, color=EDGE, zorder=4))
        elif sign:
            for end in ((0.09, 0), (0, 0.09)):
                self.axis.plot(
                    [x - end[0], x + end[0]], [y - end[1], y + end[1]],
                    color=EDGE, linewidth=1.6, zorder=4,
                )  # fmt: skip

    def frame(
        self, left: float, right: float, top: float, bottom: float, *, warning: bool = False
    ) -> None:
        """Draw a dashed frame behind what belongs together."""
        from matplotlib.patches import Rectangle

        self.axis.add_patch(
            Rectangle(
                (left, top),
                right - left,
                bottom - top,
                facecolor="#f7f9fc",
                zorder=0,
                **(edge(1.0, True) if warning else FRAME),
            )
        )

    def finish(self, bottom: float, title: str) -> None:
        """Fit the sheet to what was drawn, and show it."""
        self.figure.set_size_inches(WIDTH, bottom + 0.75)
        self.axis.set(xlim=(0, WIDTH), ylim=(bottom + 0.1, -0.1), aspect="equal")
        self.axis.set_title(title, fontsize=12)
        show()


class Column:
    """A path from top to bottom at one x; each part begins where the last one ended."""

    def __init__(self, drawing: Drawing, x: float, y: float) -> None:
        self.drawing, self.x, self.y = drawing, x, y

    def arrow(self, shape: str = "", length: float = 0.24) -> None:
        """Go down by ``length`` inches, with the shape of what flows beside the arrow."""
        self.drawing.line((self.x, self.y), (self.x, self.y + length))
        if shape:
            self.drawing.write(
                self.x + 0.1, self.y + length / 2 - 0.02, shape, ha="left", fontsize=11
            )
        self.y += length

    def plain(self, length: float) -> None:
        """Go down by ``length`` inches on a line without a head."""
        self.drawing.line((self.x, self.y), (self.x, self.y + length), arrow=False)
        self.y += length

    def box(self, label: str, kind: str, **more: Any) -> None:
        """Put a box on the path."""
        self.drawing.box(self.x, self.y + TALL / 2, label, kind, 1.45, TALL, **more)
        self.y += TALL

    def sign(self, sign: str, *, warning: bool = False) -> None:
        """Put + or ⊙ on the path."""
        self.drawing.sign(self.x, self.y + 0.16, sign, warning=warning)
        self.y += 0.32

    def attention(self, side: float, channels: str, size: str) -> None:
        """Put CBAM on the path: each mask is computed beside it and multiplied into it."""
        top = self.y
        self.plain(0.12)
        self._mask(side, say("plots.channel_mask"), f"(B, {channels}, 1, 1)")
        self.plain(0.2)
        self._mask(side, say("plots.spatial_mask"), f"(B, 1, {size})")
        self.plain(0.14)
        self.drawing.frame(self.x - 0.55, side + 1.0, top, self.y)
        self.drawing.write(self.x - 0.33, (top + self.y) / 2, "$A$", fontsize=15)

    def _mask(self, side: float, label: str, shape: str) -> None:
        """Fork to a mask's box at ``side``, and come back into a ⊙."""
        drawing, fork = self.drawing, self.y
        drawing.line((self.x, fork), (self.x, fork + 0.84))
        drawing.line((self.x, fork + 0.26), (side - 0.75, fork + 0.26))
        drawing.box(side, fork + 0.26, label, "mask", 1.5, 0.5)
        drawing.line((side, fork + 0.51), (side, fork + 1.0), (self.x + 0.16, fork + 1.0))
        drawing.write(side - 0.08, fork + 0.87, shape, ha="right", fontsize=11)
        self.y = fork + 0.84
        self.sign("⊙")
