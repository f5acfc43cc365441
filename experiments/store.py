"""Stored runs: one small JSON file each, written whole or not at all."""

from __future__ import annotations

import json
import random
import tempfile
from contextlib import closing
from pathlib import Path

import grid

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "cbam_teach" / "results" / "runs"
ROOM = 4 * 2**20  # bytes; a run's folder takes less


def path(name: str, results: Path = RESULTS) -> Path:
    """Return the file of a run."""
    return results / f"{name}.json"


def write(record: dict, results: Path = RESULTS) -> None:
    """Store a run's record."""
    from cbam_teach.checkpoints import write_text

    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path(record["name"], results), text + "\n")


def check_room(folder: Path) -> None:
    """Refuse a folder that cannot be made, or in which a few megabytes cannot be written.

    Raises:
        SystemExit: naming the folder and the reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
            file.flush()
    except OSError as error:
        raise SystemExit(
            f"Nothing was started: {folder} cannot be written ({error.strerror}). "
            "Cure: make room or mend its rights; --results and --folders name other folders"
        ) from None


def read(results: Path = RESULTS) -> list[dict]:
    """Return all records, in the order of their names.

    Raises:
        SystemExit: naming a file that holds no record of its name.
    """
    return [read_one(file) for file in sorted(results.glob("*.json"))]


def read_one(file: Path) -> dict:
    try:
        record = json.loads(file.read_text("utf-8"))
        if record["name"] == file.name.removesuffix(".json"):
            return record
        found = f"the record of {record['name']}"
    except (ValueError, TypeError, KeyError) as error:
        found = f"no record, {type(error).__name__}: {error}"
    raise SystemExit(f"{file} holds {found}. Cure: remove it; make experiments makes it again")


def rate(run: grid.Run, records: list[dict]) -> float:
    """Return a run's learning rate: its own, or the one that its cell's screening chose.

    Args:
        run: any of the grid.
        records: what `read` returns.

    Raises:
        SystemExit: when the screening has no result yet.
    """
    if run.lr is not None:
        return run.lr
    source = grid.source_of(run.cell)
    found: dict[float, list[float]] = {}
    for record in records:
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
        0 when every test accuracy lies in the 95 % prediction interval of the cell's seeds.
    """
    from cbam_teach.statistics import prediction_interval

    stored = {record["name"]: record for record in read(results) if "test" in record}
    known = [run for run in grid.confirm(full=True) if run.name in stored]
    if count > len(known):
        raise SystemExit(f"--again {count}: only {len(known)} runs of the grid are stored")
    drawn = random.Random(draw).sample(known, count)
    amiss = 0
    with tempfile.TemporaryDirectory() as folders:
        tasks = [(run, stored[run.name]["lr"], Path(folders)) for run in drawn]
        with closing(spread(tasks)) as outcomes:
            for run, outcome in outcomes:
                if isinstance(outcome, Exception):
                    amiss += 1
                    print(f"{run.name}: FAILED, {type(outcome).__name__}: {outcome}", flush=True)
                    continue
                seeds = [each["test"] for each in stored.values() if each["cell"] == run.cell.name]
                mean, low, high = prediction_interval(seeds)
                inside = low <= outcome["test"] <= high
                amiss += not inside
                print(
                    f"{run.name}: {outcome['test']:.4f}, stored {stored[run.name]['test']:.4f}; "
                    f"{len(seeds)} seeds {mean:.4f} ({low:.4f} to {high:.4f}): "
                    f"{'inside' if inside else 'OUTSIDE'}",
                    flush=True,
                )
    return int(amiss > 0)
