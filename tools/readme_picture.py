"""Draws the picture of README.md and README.tr.md with the package: the block of Pattern 1."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

from cbam_teach import plots
from cbam_teach.language import set_language
from cbam_teach.style import PRINT

THEME = Path(__file__).resolve().parent.parent / "book" / "theme"


def main() -> None:
    for language in ("tr", "en"):
        set_language(language)
        plt.show = lambda *words, name=language, **options: plt.savefig(
            THEME / f"readme.{name}.png", **PRINT
        )
        plots.block("inside")
        plt.close("all")
        print(f"book/theme/readme.{language}.png")


if __name__ == "__main__":
    main()
