"""Figures of what happens inside: learning, masks, interventions, learned scalars.

Each reads the stored runs, draws, shows, and returns nothing. Cells are named as in the grid.
"""

from collections.abc import Mapping, Sequence

from cbam_teach import checks
from cbam_teach.language import problem, say
from cbam_teach.plots_data import several
from cbam_teach.results.cells import last_spatial, records
from cbam_teach.results.drawing import (
    heights,
    key,
    key_room,
    lines,
    look,
    of_rows,
    percent,
    rows,
    wrapped,
)
from cbam_teach.results.labels import changed_label, labels, scalar_label
from cbam_teach.style import COLOURS, LINES, WIDTH, figure, show

QUALITIES = ("auc", "pointing")


def learning_curves(names: Sequence[str], *, columns: int = 2, title: str = "") -> None:
    """Draw validation accuracy after each epoch: a panel for each cell, a thin line each seed.

    Args:
        names: of the cells.
        columns: panels in one row.
        title: the question that the figure answers.

    Raises:
        TypeError: for a lone name.
        ValueError: for a cell without runs.
    """
    checks.integer("learning_curves", "columns", columns)
    wanted = several("learning_curves", "names", names)
    across = min(columns, len(wanted))
    down = -(-len(wanted) // across)
    wide, said = 62 // across, labels(wanted)
    room = 0.2 * max(lines(each, wide) for each in said)
    fig, axes = figure(down, across, (WIDTH, down * (2.3 + room) + 0.5))
    for axis, name, each in zip(axes.flat, wanted, said, strict=False):
        for place, run in enumerate(records(name)):
            heights = percent(run["validation"])
            axis.plot(
                range(1, len(heights) + 1), heights, linewidth=1.1, marker=".", alpha=0.85,
                color=COLOURS[0], linestyle=LINES[place % len(LINES)],
            )  # fmt: skip
        axis.set_title(wrapped(each, wide), fontsize=11)
        axis.set(xlabel=say("cells.axis.epoch"), ylim=(0, 103))
        axis.locator_params(axis="x", integer=True, nbins=6)
        axis.grid(alpha=0.3)
    for axis in axes[:, 0]:
        axis.set_ylabel(wrapped(say("cells.axis.validation")))
    for axis in axes.flat[len(wanted) :]:
        axis.set_axis_off()
    fig.suptitle(title, fontsize=12)
    show()


def interventions_figure(names: Sequence[str], *, title: str = "") -> None:
    """Draw the accuracy of trained networks as they are, and with their masks changed.

    A row for each kind of mask and each word of `cbam_teach.changes.WORDS`, a mark for each
    cell; rows that a cell does not have stay empty.

    Args:
        names: of the cells.
        title: the question that the figure answers.

    Raises:
        TypeError: for a lone name.
        ValueError: for a cell without runs or without masks.
    """
    wanted = several("interventions_figure", "names", names)
    found = {name: gathered(name, "interventions") for name in wanted}
    order = dict.fromkeys(word for each in found.values() for word in each)
    series = {
        said: {
            changed_label(word): percent(found[name][word]) for word in order if word in found[name]
        }
        for name, said in zip(wanted, labels(wanted), strict=True)
    }
    of_rows(series, title=title, xlabel=say("cells.axis.accuracy"))
    show()


def mask_quality(
    names: Sequence[str],
    *,
    measure: str = "auc",
    controls: Mapping[str, float] | None = None,
    title: str = "",
) -> None:
    """Draw test accuracy against how well the last spatial mask finds the object, seed by seed.

    Args:
        names: of the cells.
        measure: ``"auc"`` (½ is chance, drawn as a line) or ``"pointing"``, as in
            `cbam_teach.evidence`.
        controls: what other maps of the same pictures reach, by label; each is an upright line.
        title: the question that the figure answers.

    Raises:
        TypeError: for a lone name.
        ValueError: for another measure, a cell without runs or without a spatial mask.
    """
    checks.choice("mask_quality", "measure", measure, QUALITIES)
    wanted = several("mask_quality", "names", names)
    upright = {say("cells.key.chance"): 0.5} if measure == "auc" else {}
    upright |= dict(controls or {})
    said = labels(wanted)
    fig, axes = figure(1, 1, (WIDTH, 3.8 + key_room(said, len(upright))))
    for place, name in enumerate(wanted):
        runs = records(name)
        masks = [last_spatial(run) for run in runs]
        if None in masks:
            raise missing(name, "auc")
        x = [mask[measure] for mask in masks if mask]
        axes[0, 0].plot(
            x, percent([run["test"] for run in runs]), linestyle="", markersize=8,
            markeredgecolor="white", gid=name, **look(place),
        )  # fmt: skip
    for place, (text, value) in enumerate(upright.items()):
        line = LINES[(place + 1) % len(LINES)]
        axes[0, 0].axvline(value, color="black", linestyle=line, linewidth=1.2, label=text)
    axes[0, 0].set(xlabel=say(f"cells.axis.{measure}"), ylabel=say("cells.axis.accuracy"))
    axes[0, 0].grid(alpha=0.3)
    fig.suptitle(title, fontsize=12)
    key(fig, said, seeds=False, more=axes[0, 0].get_legend_handles_labels()[0])
    show()


def scalars_figure(names: Sequence[str], *, title: str = "") -> None:
    """Draw the mixing scalars and the temperatures that were learned, by block and seed.

    A panel for each of the two, if there are any; a line where they change nothing (0 and 1).

    Args:
        names: of the cells.
        title: the question that the figure answers.

    Raises:
        TypeError: for a lone name.
        ValueError: for a cell without runs or without learned scalars.
    """
    wanted = several("scalars_figure", "names", names)
    found = {name: gathered(name, "scalars") for name in wanted}
    panels = {}
    for kind, still in (("mix", 0), ("temperature", 1)):
        series = {
            said: {scalar_label(at): row for at, row in found[name].items() if at.endswith(kind)}
            for name, said in zip(wanted, labels(wanted), strict=True)
        }
        if any(series.values()):
            panels[kind] = series, still
    high = [sum(heights(series).values()) + 0.6 for series, _ in panels.values()]
    keys = labels(wanted) if len(wanted) > 1 else []
    fig, axes = figure(len(panels), 1, (WIDTH, sum(high) + key_room(keys, 2) + 0.4))
    axes[0, 0].get_gridspec().set_height_ratios(high)
    for axis, (kind, (series, still)) in zip(axes[:, 0], panels.items(), strict=True):
        rows(axis, series)
        axis.axvline(still, color="black", linestyle="--", linewidth=1.0, zorder=0)
        axis.set_xlabel(say(f"cells.axis.{kind}"))
    fig.suptitle(title, fontsize=12)
    key(fig, keys)
    show()


def gathered(name: str, part: str) -> dict[str, list[float]]:
    """Return what a cell's records hold under a name, each number as a row over the seeds."""
    found: dict[str, list[float]] = {}
    for run in records(name):
        for word, value in (run.get(part) or {}).items():
            found.setdefault(word, []).append(value)
    if not found:
        raise missing(name, part)
    return found


def missing(name: str, part: str) -> Exception:
    """Return the error that says what the records of a cell do not hold."""
    held = sorted(records(name)[0])
    return problem(
        ValueError, "error.cell_part", cell=repr(name), part=part, given=held, allowed=part
    )
