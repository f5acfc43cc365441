"""`experiments/run.py` with a grid of moments instead of hours; words as on its command line."""

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "experiments")]

import grid  # noqa: E402
import run  # noqa: E402

SMALL = {"epochs": 2, "pictures": 64, "seeds": (0, 1)}
CELLS = [
    grid.Cell("placed", "plain", **SMALL),
    grid.Cell("placed", "plain", like="placed,plain,epochs=2,pictures=64", **SMALL | {"epochs": 3}),
]
if "WRONG" in os.environ:  # and a cell that cannot be built
    CELLS.append(grid.Cell("placed", "nonsense", like=CELLS[1].like, **SMALL))
grid.cells = lambda: CELLS

if __name__ == "__main__":
    sys.exit(run.main())
