"""How every figure looks: fonts that ship with matplotlib, colours that survive greyscale."""

from typing import Any, cast

# What goes into a PNG besides its pixels: nothing, so that two runs give the same bytes.
PRINT: dict[str, Any] = {
    "bbox_inches": "tight",
    "pad_inches": 0.12,
    "dpi": 110,
    "facecolor": "white",
    "metadata": {"Software": None},
}

WIDTH = 7.0  # inches; a phone shows this at about half size

# Dark to light in greyscale as well (Okabe and Ito's set, reordered).
COLOURS = ("#0b3c6f", "#c8500a", "#2a8f6d", "#8a5fb0", "#e0a800")
MARKERS = ("o", "s", "^", "D", "v")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
HATCHES = ("", "///", "...", "xx", "\\\\\\")

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "font.size": 11.5,
    "axes.titlesize": 12,
    "axes.labelsize": 11.5,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "legend.fontsize": 11,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "image.cmap": "cividis",
    "image.interpolation": "nearest",
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "svg.hashsalt": "cbam_teach",
}


def apply() -> None:
    """Use this style for every later figure of the notebook."""
    from matplotlib import rcParams

    cast(Any, rcParams).update(STYLE)


def figure(rows: int, columns: int, size: tuple[float, float]) -> tuple[Any, Any]:
    """Return a figure in this style and its axes, always as an array of two axes."""
    import matplotlib.pyplot as plt

    apply()
    return plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")


def show() -> None:
    """Show the open figures and close them, so that none is shown twice."""
    import matplotlib.pyplot as plt

    plt.show()
    plt.close("all")


def ink(background: tuple[float, ...]) -> str:
    """Return black or white, whichever has the higher contrast with a background (r, g, b, …)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in background[:3]
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "black" if luminance > 0.179 else "white"
