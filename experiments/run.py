"""Runs the grid: everything that has no result yet, several runs at a time.

    make experiments                              # the core grid; stop it at any time
    make experiments ARGS="--list"                # what there is, and what is still to be done
    make experiments ARGS="--cells cued,plain"    # only cells whose names begin so (several)
    make experiments ARGS="--again 3"             # repeat three stored runs, drawn at random
    make experiments ARGS="--full"                # more seeds for every cell; meant for CUDA
    make experiments ARGS="--ray"                 # on the machines of a Ray cluster

Each finished run is one file in ``cbam_teach/results/runs``; a run that was stopped goes on
from its last whole epoch, kept in ``_build/experiments``. A run that fails stops no other; it is
named at the end, and the exit status is 1. ``--again`` stores nothing: it compares what it finds
with the 95 % prediction interval of the stored seeds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "experiments")]

import grid  # noqa: E402
import store  # noqa: E402
from processes import Lost, in_processes  # noqa: E402

QUIET = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "67108864",
}
COMMAND = 'make experiments ARGS="--cells {cell} --seeds {seed}"'


def settle() -> None:
    """Start this program again in a quiet environment: one thread a run, memory kept."""
    if any(os.environ.get(name) != value for name, value in QUIET.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **QUIET})


def work(run: grid.Run, lr: float, runs: Path) -> dict:
    """Carry out one run; this is what a worker calls."""
    from one_run import run as carry_out

    command = COMMAND.format(cell=run.cell.name, seed=run.seed)
    return carry_out(
        run.name, run.cell, stage=run.stage, seed=run.seed, lr=lr, runs=runs, command=command
    )


def go_through(runs: list[grid.Run], spread, results: Path, folders: Path) -> dict:
    """Carry out runs and store each as it ends, with an estimate of what is left.

    Returns:
        The exception of each run that failed.
    """
    if not runs:
        return {}
    records = store.read(results)
    tasks = [(run, store.rate(run, records), folders) for run in runs]
    start, left, failed = time.monotonic(), sum(effort(run) for run in runs), {}
    whole = left
    with closing(spread(tasks)) as outcomes:
        for number, (run, outcome) in enumerate(outcomes, 1):
            left -= effort(run)
            if isinstance(outcome, Exception):
                failed[run] = outcome
                said = f"FAILED, {type(outcome).__name__}: {outcome}"
            else:
                store.write(outcome, results)
                if run.name not in grid.KEPT:
                    shutil.rmtree(folders / run.name, ignore_errors=True)
                shown = outcome.get("test", outcome["validation"][-1])
                said = f"{shown:.3f}, {outcome['seconds']:.0f} s"
            rest = (time.monotonic() - start) * left / max(whole - left, 1)
            print(
                f"[{number}/{len(runs)}] {run.name}: {said}; left: about {rest / 60:.0f} min",
                flush=True,
            )
    return failed


def effort(run: grid.Run) -> float:
    """Return how long a run takes, as a number of pictures gone through."""
    return run.cell.epochs * run.cell.pictures


def selected(options: argparse.Namespace) -> tuple[list[grid.Run], list[grid.Run]]:
    """Return the runs asked for, by stage; screening runs of the cells' sources come with them."""
    screen, confirm = grid.screen(options.full), grid.confirm(options.full)
    if options.cells:
        confirm = [run for run in confirm if run.cell.name in options.cells]
        sources = {grid.source_of(run.cell) for run in confirm}
        screen = [run for run in screen if run.cell.name in sources]
    if options.seeds:
        confirm = [run for run in confirm if run.seed in options.seeds]
    return screen, confirm


def at_least_one(word: str) -> int:
    """Read an option that counts something."""
    if int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is less than 1")
    return int(word)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    names = [cell.name for cell in grid.cells()]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", nargs="+", choices=names, metavar="CELL", help="only these")
    parser.add_argument("--seeds", nargs="+", type=int, help="only these, of the confirming runs")
    parser.add_argument(
        "--jobs", type=at_least_one, default=os.cpu_count() or 1, help="runs at a time"
    )
    parser.add_argument("--full", action="store_true", help="more seeds for every cell")
    parser.add_argument("--ray", action="store_true", help="on a Ray cluster")
    parser.add_argument("--list", action="store_true", help="show the grid, and run nothing")
    parser.add_argument(
        "--again", type=at_least_one, metavar="N", help="repeat N stored runs and compare"
    )
    parser.add_argument("--draw", type=int, default=None, help="seed of that draw")
    parser.add_argument("--results", type=Path, default=store.RESULTS, help="where results are")
    parser.add_argument(
        "--folders", type=Path, default=ROOT / "_build" / "experiments",
        help="where unfinished runs are",
    )  # fmt: skip
    return parser.parse_args(arguments)


def run_stages(options: argparse.Namespace, spread) -> int:
    """Carry out what has no result yet: first what chooses the rates, then what is reported."""
    failed: dict[grid.Run, Exception] = {}
    for runs in selected(options):
        todo = [run for run in runs if not store.path(run.name, options.results).exists()]
        stage = runs[0].stage if runs else "confirm"
        print(f"{stage}: {len(runs) - len(todo)} of {len(runs)} runs are there", flush=True)
        if options.list:
            print("".join(f"  {run.name}\n" for run in todo), end="")
            continue
        # A rate that made the loss grow without end is out; one that met with bad luck is not.
        unlucky = {
            grid.source_of(run.cell)
            for run, error in failed.items()
            if not isinstance(error, FloatingPointError)
        }
        known = {each["cell"] for each in store.read(options.results) if each["stage"] == "screen"}
        ready = [
            run for run in todo if run.lr is not None or grid.source_of(run.cell) in known - unlucky
        ]
        if len(ready) < len(todo):
            print(f"  {len(todo) - len(ready)} of them wait for screening runs that failed")
        failed |= go_through(ready, spread, options.results, options.folders)
        if any(isinstance(error, Lost) for error in failed.values()):
            break
    return tell(failed)


def tell(failed: dict[grid.Run, Exception]) -> int:
    """Name what failed, each cause once; return the exit status."""
    for error in dict.fromkeys(f"{type(each).__name__}: {each}" for each in failed.values()):
        names = [run.name for run, e in failed.items() if f"{type(e).__name__}: {e}" == error]
        print(f"\n{len(names)} without a result ({error}):", file=sys.stderr)
        print("".join(f"  {name}\n" for name in names), end="", file=sys.stderr)
    if failed:
        print("Finished runs are stored; the same command tries these again.", file=sys.stderr)
    if any(isinstance(error, Lost) for error in failed.values()):
        print("Where memory is short: make experiments JOBS=1", file=sys.stderr)
    return int(bool(failed))


def start(options: argparse.Namespace) -> int:
    """Do what the options say; return the exit status."""
    if options.list:
        return run_stages(options, None)
    for folder in (options.results, options.folders):
        store.check_room(folder)
    if options.ray:
        from on_ray import in_cluster

        spread = in_cluster(options.jobs)
    else:
        spread = in_processes(options.jobs, work)
    if options.again is not None:
        return store.repeat(options.again, options.draw, options.results, spread)
    return run_stages(options, spread)


def main() -> int:
    settle()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stops as Ctrl+C does
    try:
        return start(parse())
    except KeyboardInterrupt:
        print("\nStopped. Finished runs are stored; the same command goes on from here.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
