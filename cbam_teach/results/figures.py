"""Figures of the experiments' accuracy: by cell, by cost, by number of seeds.

Each reads the stored runs, draws, shows, and returns nothing. Cells are named as in the grid.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cbam_teach import checks
from cbam_teach.language import say
from cbam_teach.plots_data import several
from cbam_teach.results.cells import cell, pairs, records
from cbam_teach.results.drawing import KEY, key, key_room, look, of_rows, percent, points, wrapped
from cbam_teach.results.labels import label, labels, shared_task, task_label
from cbam_teach.statistics import deviation, mean_interval, read, seeds_needed
from cbam_teach.style import COLOURS, WIDTH, figure, show

GAINS = (0.25, 0.5, 1, 2, 4, 8)  # points


def forest(names: Sequence[str], against: str | None = None, *, title: str = "") -> None:
    """Draw the test accuracy of cells, one row each: every seed, their mean and its interval.

    Args:
        names: of the cells, from top to bottom.
        against: the cell whose mean and interval go through all rows as a line and a band; it
            becomes the first row where it is not among ``names``.
        title: the question that the figure answers.

    Raises:
        TypeError: for a lone name.
        ValueError: for a cell that has fewer than two seeds.
    """
    wanted = several("forest", "names", names)
    if against is not None and against not in wanted:
        wanted = [against, *wanted]
    found = [percent(list(cell(name, least=2).values())) for name in wanted]
    series = {"": dict(zip(labels(wanted), found, strict=True))}
    _, axis = of_rows(series, title=title, xlabel=say("cells.axis.accuracy"))
    if against is not None:
        mean, low, high = mean_interval(found[wanted.index(against)])
        axis.axvspan(low, high, color="black", alpha=0.09, linewidth=0, zorder=0)
        axis.axvline(mean, color="black", linestyle="--", linewidth=1.2, zorder=1)
    show()


def cost(
    names: Sequence[str], *, steps: Mapping[str, float] | None = None, title: str = ""
) -> None:
    """Draw mean test accuracy against parameters and against the time of training.

    Bars are 95 % intervals. A network without attention has a ring, and a line at its accuracy.

    Args:
        names: of the cells.
        steps: by variant, how many milliseconds a training step takes, measured apart; None:
            the runs' own seconds, taken while other runs may have shared the machine.
        title: the question that the figure answers.

    Raises:
        TypeError, ValueError: as `forest`; and for a variant that ``steps`` does not have.
    """
    wanted = several("cost", "names", names)
    said = labels(wanted)
    fig, axes = figure(1, 2, (WIDTH, 3.9 + key_room(said)))
    for place, name in enumerate(wanted):
        runs = records(name, least=2)
        mean, low, high = mean_interval(percent([run["test"] for run in runs]))
        sizes = {"parameters": runs[0]["parameters"]}
        if steps is None:
            sizes["seconds"] = sum(run["seconds"] for run in runs) / len(runs)
        else:
            checks.choice("cost", "steps", runs[0]["variant"], steps)
            sizes["step"] = steps[runs[0]["variant"]]
        for axis, (kind, x) in zip(axes[0], sizes.items(), strict=True):
            axis.errorbar(
                [x], [mean], yerr=[[mean - low], [high - mean]], markersize=8, elinewidth=1.4,
                capsize=3, markeredgecolor="white", gid=name, **look(place),
            )  # fmt: skip
            if runs[0]["variant"] == "plain":
                axis.axhline(mean, color="black", linestyle="--", linewidth=1.0, zorder=0)
                axis.plot([x], [mean], "o", markersize=15, color="black", markerfacecolor="none")
            axis.set_xlabel(say(f"cells.axis.{kind}"))
            axis.grid(alpha=0.3)
            axis.locator_params(axis="x", nbins=4)
            axis.margins(x=0.12)
    axes[0, 1].sharey(axes[0, 0])
    axes[0, 0].set_ylabel(say("cells.axis.accuracy"))
    fig.suptitle(title, fontsize=12)
    key(fig, said, seeds=False)
    show()


def seeds_figure(name: str, against: str | None = None, *, title: str = "") -> None:
    """Draw how far seeds alone move a result, and how many seeds a gain needs to be seen.

    At the top every seed, their mean and its interval; below on the left the mean and interval
    of the first n seeds; on the right `seeds_needed` for gains of so many points, a dotted line
    at the number of seeds that there are.

    Args:
        name: of the cell.
        against: another cell: the differences to it are shown, seed by seed, and seeds are
            counted for pairs. None: the cell's accuracy, and seeds for two independent rows.
        title: the question that the figure answers.

    Raises:
        ValueError: for a cell with fewer than two seeds, and for seeds that all give the same.
    """
    values, kind = percent(list(cell(name, least=2).values())), "accuracy"
    if against is not None:
        here, there = pairs(name, against)
        values, kind = percent([a - b for a, b in zip(here, there, strict=True)]), "difference"
    count, spread = len(values), deviation(read("seeds_figure", "values", values))
    needed = [seeds_needed(gain, spread, paired=against is not None) for gain in GAINS]
    fig, axes = figure(2, 2, (WIDTH, 5.6))
    grid = axes[0, 0].get_gridspec()
    axes[0, 0].remove()
    axes[0, 1].remove()
    grid.set_height_ratios([1, 3])
    top = fig.add_subplot(grid[0, :])
    points(top, 0, values)
    top.set(yticks=[], ylim=(0.25, -0.25), xlabel=say(f"cells.axis.{kind}"))
    top.grid(axis="x", alpha=0.3)
    growing(axes[1, 0], values, say(f"cells.axis.{kind}"))
    wanted(axes[1, 1], needed, count)
    fig.suptitle("\n".join(part for part in (title, asked(name, against)) if part), fontsize=12)
    key(fig, [])
    show()


def asked(name: str, against: str | None) -> str:
    """Return which cell a figure is about, or which difference; the task comes first."""
    if against is None:
        return wrapped(label(name), KEY)
    same = shared_task([name, against])
    said = " − ".join(labels([name, against]))
    return wrapped(say("cells.of", task=task_label(same), label=said) if same else said, KEY)


def growing(axis: Any, values: Sequence[float], said: str) -> None:
    """Draw the mean and the interval of the first n values, for n from 2 to all."""
    counts = range(2, len(values) + 1)
    found = [mean_interval(values[:n]) for n in counts]
    low, high = [each.low for each in found], [each.high for each in found]
    axis.fill_between(counts, low, high, color=COLOURS[0], alpha=0.2, linewidth=0)
    axis.plot(counts, [each.mean for each in found], marker="o", color=COLOURS[0])
    near = [end for each in found[1:] or found for end in each]  # two seeds may reach very far
    room = 0.15 * (max(near) - min(near))
    axis.set_ylim(min(near) - room, max(near) + room)
    axis.set(xlabel=say("cells.axis.seeds"), ylabel=said)
    axis.locator_params(axis="x", integer=True, nbins=6)
    axis.grid(alpha=0.3)


def wanted(axis: Any, needed: Sequence[int], count: int) -> None:
    """Draw how many seeds each of `GAINS` needs, and how many there are."""
    axis.plot(GAINS, needed, marker="s", color=COLOURS[1])
    axis.axhline(count, color="black", linestyle=":", linewidth=1.2, label=say("cells.key.have"))
    axis.legend(frameon=False, loc="upper right")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(GAINS, [f"{gain:g}" for gain in GAINS])
    axis.minorticks_off()
    axis.yaxis.set_major_formatter("{x:g}")
    axis.set(xlabel=say("cells.axis.gain"), ylabel=say("cells.axis.needed"))
    axis.grid(alpha=0.3)
