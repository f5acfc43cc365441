"""Records of runs that never took place, in the form of real ones, for the tests alone."""

import json
from pathlib import Path

WORDS = ("ones", "flat", "average", "another", "shuffled")
SPATIAL = "block2.attention.spatial.mask"


def record(cell: str, seed: int, test: float, *, stage: str = "confirm", **changes) -> dict:
    """Return a record whose test accuracy is given, and all else made of it."""
    task, variant, *_ = cell.split(",")
    lr = 0.01
    rate = f",lr={lr:g}" if stage == "screen" else ""
    made = {
        "name": f"{cell}{rate},seed={seed}", "cell": cell, "stage": stage, "task": task,
        "variant": variant, "asks": [1], "seed": seed, "lr": lr, "epochs": 3,
        "parameters": 70_000 + 10 * len(variant), "seconds": 30.0 + seed,
        "train": [0.2, 0.5, test], "validation": [0.1, test / 2, test],
        "machine": "made up", "torch": "2.0", "date": f"2026-01-0{1 + seed % 9}", "command": "none",
    }  # fmt: skip
    if stage == "confirm":
        made |= {"test": test, "scalars": {}}
    if stage == "confirm" and variant != "plain":
        kinds = ("channel", "spatial")
        made["interventions"] = {"unchanged": test} | {
            f"{kind}.{word}": test * (1 + i) / 8 for kind in kinds for i, word in enumerate(WORDS)
        }
        made["masks"] = {
            "block1.attention.spatial.mask": {"mean": 0.4, "pointing": 0.1, "auc": 0.2},
            SPATIAL: {"mean": 0.5, "pointing": test / 3, "auc": test / 2},
            "block2.attention.channel.mask": {"mean": 0.5},
        }
        made["scalars"] = {
            "block1.attention.mix": test - 0.5,
            "block2.attention.mix": test,
            "block2.attention.spatial.mask.gate.temperature": 1 + test,
        }
    return made | changes


def store(folder: Path, *records: dict) -> None:
    """Write records as the runner does."""
    for each in records:
        (folder / f"{each['name']}.json").write_text(json.dumps(each), encoding="utf-8")


def store_cell(folder: Path, cell: str, tests: list[float], **changes) -> None:
    """Write one confirming run for each test accuracy, with the seeds 0, 1, 2, …."""
    store(folder, *(record(cell, seed, test, **changes) for seed, test in enumerate(tests)))
