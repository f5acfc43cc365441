"""Runs the grid: everything that has no result yet, several runs at a time.

    make experiments                              # the core grid; stop it at any time
    make experiments ARGS="--list"                # what there is, and what is still to be done
    make experiments ARGS="--cells cued,plain"    # only cells whose names begin so (several)
    make experiments ARGS="--again 3"             # repeat three stored runs, drawn at random
    make experiments ARGS="--full"                # more seeds for every cell; meant for CUDA
    make experiments ARGS="--ray"                 # on the machines of a Ray cluster

Each finished run is one file in ``cbam_teach/results/runs``; a run that was stopped goes on
from its last whole epoch, kept in ``_build/experiments``. ``--again`` stores nothing: it
compares what it finds with the 95 % prediction interval of the stored seeds.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "experiments")]

import grid  # noqa: E402
import store  # noqa: E402

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


def in_processes(jobs: int):
    """Return a function that yields (run, record) as runs end, from processes of this machine."""

    def spread(tasks):
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            going = {pool.submit(work, *task): task[0] for task in tasks}
            try:
                for done in as_completed(going):
                    yield going[done], done.result()
            except BaseException:
                for future in going:
                    future.cancel()
                raise

    return spread


def go_through(runs: list[grid.Run], spread, results: Path, folders: Path, jobs: int) -> None:
    """Carry out runs and store each as it ends, with an estimate of what is left."""
    tasks = [(run, store.rate(run, results), folders) for run in runs]
    start, left = time.monotonic(), sum(effort(run) for run in runs)
    whole = left
    for number, (run, record) in enumerate(spread(tasks), 1):
        store.write(record, results)
        left -= effort(run)
        spent = time.monotonic() - start
        rest = spent * left / max(whole - left, 1)
        shown = record.get("test", record["validation"][-1])
        print(
            f"[{number}/{len(runs)}] {run.name}: {shown:.3f}, {record['seconds']:.0f} s; "
            f"left: about {rest / 60:.0f} min",
            flush=True,
        )


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


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    names = [cell.name for cell in grid.cells()]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cells", nargs="+", choices=names, metavar="CELL", help="only these")
    parser.add_argument("--seeds", nargs="+", type=int, help="only these, of the confirming runs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at a time")
    parser.add_argument("--full", action="store_true", help="more seeds for every cell")
    parser.add_argument("--ray", action="store_true", help="on a Ray cluster")
    parser.add_argument("--list", action="store_true", help="show the grid, and run nothing")
    parser.add_argument("--again", type=int, metavar="N", help="repeat N stored runs and compare")
    parser.add_argument("--draw", type=int, default=None, help="seed of that draw")
    parser.add_argument("--results", type=Path, default=store.RESULTS, help="where results are")
    parser.add_argument(
        "--folders", type=Path, default=ROOT / "_build" / "experiments",
        help="where unfinished runs are",
    )  # fmt: skip
    return parser.parse_args(arguments)


def main() -> int:
    settle()
    options = parse()
    if options.ray:
        from on_ray import in_cluster as chosen
    else:
        chosen = in_processes
    spread = chosen(options.jobs)
    if options.again is not None:
        return store.repeat(options.again, options.draw, options.results, spread)
    for stage, runs in zip(("screen", "confirm"), selected(options), strict=True):
        todo = [run for run in runs if not store.path(run.name, options.results).exists()]
        print(f"{stage}: {len(runs) - len(todo)} of {len(runs)} runs are there", flush=True)
        if options.list:
            print("\n".join(f"  {run.name}" for run in todo))
            continue
        go_through(todo, spread, options.results, options.folders, options.jobs)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped. Finished runs are stored; the same command goes on from here.")
        sys.exit(130)
