"""A figure of the chapter on Pattern 1: where Jacobian matrices are 0, 1 or anything else."""

from collections.abc import Sequence
from typing import Any

import numpy

from cbam_teach.language import say
from cbam_teach.style import WIDTH, figure, show


def jacobians(matrices: Sequence[Any], *, title: str, titles: Sequence[str]) -> None:
    """Draw where each Jacobian is 0, where it is exactly 1, and where it is anything else.

    Args:
        matrices: 2-D tensors, rows are outputs and columns inputs.
        title: the question that the figure answers.
        titles: one title per matrix.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    colours = ("#f2f2f2", "#e0a800", "#0b3c6f")
    labels = ("0", say("p1.jacobian.other"), "1")
    fig, axes = figure(1, len(matrices), (WIDTH, 3.6))
    for axis, matrix, name in zip(axes[0], matrices, titles, strict=True):
        values = matrix.detach().cpu().numpy()
        kinds = numpy.where(values == 0, 0, numpy.where(values == 1, 2, 1))
        axis.imshow(kinds, cmap=ListedColormap(colours), vmin=0, vmax=2)
        axis.set_title(name)
        axis.set_xlabel(say("p1.jacobian.input"))
        axis.locator_params(integer=True, nbins=4)
    axes[0, 0].set_ylabel(say("p1.jacobian.output"))
    marks = [
        Patch(facecolor=c, edgecolor="black", label=n) for c, n in zip(colours, labels, strict=True)
    ]
    fig.legend(handles=marks, loc="outside lower center", ncols=3, frameon=False)
    fig.suptitle(title)
    show()
