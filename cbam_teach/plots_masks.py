"""A figure of the chapter on masks: which layouts of a mask are right, wrong or refused."""

from collections.abc import Mapping, Sequence

from cbam_teach import checks
from cbam_teach.language import say
from cbam_teach.style import WIDTH, figure, ink, show

# Of an outcome: right, silently wrong, raises. The signs differ as well as the colours.
SIGNS = {
    "+": ("m.silent.right", (0.04, 0.24, 0.44)),
    "-": ("m.silent.wrong", (0.95, 0.62, 0.30)),
    "!": ("m.silent.raises", (0.92, 0.93, 0.94)),
}


def outcomes(
    rows: Sequence[str], columns: Sequence[str], signs: Mapping[tuple[str, str], str]
) -> None:
    """Draw what becomes of each layout of a mask under each pattern of equal sizes.

    Args:
        rows: the layouts of the mask, such as ``"BC11"``.
        columns: the patterns, such as ``"B=C"``.
        signs: for each (row, column) ``"+"`` right, ``"-"`` silently wrong or ``"!"`` raises.

    Raises:
        ValueError: for a sign that is not one of the three.
    """
    from matplotlib.patches import Patch

    for sign in signs.values():
        checks.choice("outcomes", "signs", sign, SIGNS)
    fig, axes = figure(1, 1, (WIDTH, 0.29 * len(rows) + 1.9))
    axis = axes[0, 0]
    axis.imshow([[SIGNS[signs[r, c]][1] for c in columns] for r in rows], aspect="auto")
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            sign = signs[row, column]
            shown = sign.replace("-", "−")
            axis.text(j, i, shown, ha="center", va="center", color=ink(SIGNS[sign][1]), fontsize=10)
    axis.set_yticks(range(len(rows)), rows, family="DejaVu Sans Mono")
    axis.set_xticks(range(len(columns)), columns, rotation=55, ha="left", rotation_mode="anchor")
    axis.xaxis.tick_top()
    axis.set_xticks([j - 0.5 for j in range(1, len(columns))], minor=True)
    axis.set_yticks([i - 0.5 for i in range(1, len(rows))], minor=True)
    axis.grid(which="minor", color="white", linewidth=1.5)
    axis.tick_params(which="both", length=0)
    for side in axis.spines.values():
        side.set_visible(False)
    keys = [
        Patch(color=colour, label=f"{sign.replace('-', '−')}   {say(word)}")
        for sign, (word, colour) in SIGNS.items()
    ]
    fig.legend(handles=keys, loc="outside lower center", ncols=3, frameon=False)
    fig.suptitle(say("m.silent.title"), y=1.02, va="bottom")
    show()
