"""`experiments/run.py` with runs that do nothing, slowly: what a test stops or kills."""

import json
import os
import signal
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "experiments")]

import grid  # noqa: E402
import run  # noqa: E402

CELL = grid.Cell("cued", "plain", seeds=(0, 1, 2, 3))
SLOW = 300  # seconds: longer than any test waits


def work(chosen: grid.Run, lr: float, folders: Path) -> dict:
    """End at once, but for seeds from 1 on, which go on until they are stopped.

    With ``TROUBLE`` in the environment these end at once, too; it names what happens to seed 1.
    Each worker leaves a file with its number.
    """
    (folders / f"{os.getpid()}.pid").write_text("")
    trouble = os.environ.get("TROUBLE")
    if chosen.stage == "confirm" and chosen.seed and trouble is None:
        time.sleep(SLOW)
    if chosen.seed == 1 and trouble == "wrong":
        raise FloatingPointError("the loss of epoch 3 must stay finite")
    if chosen.seed == 1 and trouble == "killed":
        while not list(folders.parent.glob("results/*seed=0.json")):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)
    return json.loads(record(chosen, lr))


def record(chosen: grid.Run, lr: float) -> str:
    """Return what a test looks at of a run's record."""
    found = {"name": chosen.name, "cell": chosen.cell.name, "stage": chosen.stage, "lr": lr}
    found |= {"validation": [0.5], "seconds": 0.0}
    return json.dumps(found | ({"test": 0.5} if chosen.stage == "confirm" else {}))


# Ctrl+C works as in a terminal also where the tests run in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
grid.cells = lambda: [CELL]
run.work = work

if __name__ == "__main__":
    sys.exit(run.main())
