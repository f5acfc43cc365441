"""Stored runs: one small JSON file each, written whole or not at all."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import grid

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "cbam_teach" / "results" / "runs"


def path(name: str, results: Path = RESULTS) -> Path:
    """Return the file of a run."""
    return results / f"{name}.json"


def write(record: dict, results: Path = RESULTS) -> None:
    """Store a run's record."""
    from cbam_teach.checkpoints import write_text

    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path(record["name"], results), text + "\n")


def read(results: Path = RESULTS) -> list[dict]:
    """Return all records, in the order of their names."""
    return [json.loads(file.read_text("utf-8")) for file in sorted(results.glob("*.json"))]


def rate(run: grid.Run, results: Path = RESULTS) -> float:
    """Return a run's learning rate: its own, or the one that its cell's screening chose.

    Raises:
        SystemExit: when the screening has no result yet.
    """
    if run.lr is not None:
        return run.lr
    source = grid.source_of(run.cell)
    found: dict[float, list[float]] = {}
    for record in read(results):
        if (record["cell"], record["stage"]) == (source, "screen"):
            found.setdefault(record["lr"], []).append(record["validation"][-1])
    if not found:
        raise SystemExit(f"{run.name}: {source} is not screened yet. Cure: make experiments")
    return max(found, key=lambda lr: (sum(found[lr]) / len(found[lr]), -lr))


def repeat(count: int, draw: int | None, results: Path, spread) -> int:
    """Carry out stored runs again, and compare each with the interval of its cell's seeds.

    Args:
        count: how many.
        draw: seed of the draw; None: another one every time.
        results: where the stored records are.
        spread: what carries out runs.

    Returns:
        0 when every test accuracy lies in the 95 % prediction interval of the cell's others.
    """
    from cbam_teach.statistics import prediction_interval

    stored = {record["name"]: record for record in read(results) if "test" in record}
    known = [run for run in grid.confirm(full=True) if run.name in stored]
    drawn = random.Random(draw).sample(known, count)
    outside = 0
    with tempfile.TemporaryDirectory() as folders:
        tasks = [(run, stored[run.name]["lr"], Path(folders)) for run in drawn]
        for run, record in spread(tasks):
            mates = [each for each in stored.values() if each["cell"] == run.cell.name]
            others = [each["test"] for each in mates if each["name"] != run.name]
            mean, low, high = prediction_interval(others)
            inside = low <= record["test"] <= high
            outside += not inside
            print(
                f"{run.name}: {record['test']:.4f}, stored {stored[run.name]['test']:.4f}; "
                f"others {mean:.4f} ({low:.4f} to {high:.4f}): {'inside' if inside else 'OUTSIDE'}",
                flush=True,
            )
    return int(outside > 0)
