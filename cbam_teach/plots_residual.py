"""Which pixels of the input reach the output: a figure of chapter 01."""

from collections.abc import Mapping
from typing import Any

import numpy
import torch

from cbam_teach.language import say
from cbam_teach.style import COLOURS, WIDTH, figure, show


def reach(maps: Mapping[str, Any], *, title: str = "") -> None:
    """Draw maps of 1 (reached) and 0 (not reached) side by side, a grid between the pixels.

    Args:
        maps: from a panel's title to its map (H, W) of zeros and ones.
        title: the question that the figure answers.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    two = ListedColormap(["#e9e9e4", COLOURS[0]])
    fig, axes = figure(1, len(maps), (WIDTH, 0.92 * WIDTH / len(maps) + 0.75))
    for axis, (name, seen) in zip(axes[0], maps.items(), strict=True):
        panel = numpy.asarray(seen.cpu() if isinstance(seen, torch.Tensor) else seen)
        height, width = panel.shape
        axis.imshow(panel, cmap=two, vmin=0, vmax=1)
        axis.set(title=name, xlabel=say("plots.column"))
        axis.set_xticks(range(0, width, 2))
        axis.set_yticks(range(0, height, 2))
        axis.set_xticks(numpy.arange(width + 1) - 0.5, minor=True)
        axis.set_yticks(numpy.arange(height + 1) - 0.5, minor=True)
        axis.grid(which="minor", color="white", linewidth=1.2)
        axis.tick_params(which="minor", length=0)
    axes[0, 0].set_ylabel(say("plots.row"))
    fig.suptitle(title, fontsize=12)
    kinds = ((two(1), "r.quarter.seen"), (two(0), "r.quarter.unseen"))
    keys = [Patch(facecolor=colour, label=say(key)) for colour, key in kinds]
    fig.legend(handles=keys, loc="outside lower center", ncols=2, frameon=False)
    show()
