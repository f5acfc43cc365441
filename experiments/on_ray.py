"""Carries out runs on the machines of a Ray cluster; the results come back to this one.

    ray start --head                                           # on one machine: prints an address
    ray start --address=HOST:6379                              # on each of the others
    RAY_ADDRESS=HOST:6379 make experiments ARGS=--ray          # on the first one

Every machine needs the same Python, PyTorch and packages; the sources go with the runs. Without
``RAY_ADDRESS`` a cluster of this machine alone is started, and ended with the command.
"""

from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path

from processes import Lost

ROOT = Path(__file__).resolve().parents[1]
CURE = "--ray needs Ray, which is missing. Cure: .venv/bin/pip install -c constraints.txt ray"
LEFT_OUT = [
    ".git", ".venv", "_build", "book", "dist", "node_modules", "tests", "tools",
    "cbam_teach/results/runs",
]  # fmt: skip


def in_cluster(jobs: int):
    """Return a function that carries out tasks, and yields each one's run and outcome as it ends.

    A task is (run, learning rate, folder of unfinished runs): that folder is used on a machine
    that has it, such as this one; another machine keeps its unfinished runs for itself. Each
    takes one processor, and a GPU where the cluster has any.

    Args:
        jobs: how many at a time, in a cluster of this machine alone; another has its own number.

    Raises:
        SystemExit: when Ray is missing, or its cluster cannot be reached.
    """
    try:
        import ray
    except ImportError:
        raise SystemExit(CURE) from None

    def spread(tasks):
        if not ray.is_initialized():
            connect(ray, jobs)  # for both stages; Ray leaves when the command ends
        try:
            gpus = min(1, ray.cluster_resources().get("GPU", 0))
            remote = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=1)(carry_out())
            going = {remote.remote(plain(run), lr, str(folder)): run for run, lr, folder in tasks}
            while going:
                (done,), _ = ray.wait(list(going), num_returns=1)
                yield going.pop(done), outcome(ray, done)
        except BaseException:
            ray.shutdown()
            raise

    return spread


def connect(ray, jobs: int) -> None:
    """Join the cluster that ``RAY_ADDRESS`` names, or start one of this machine alone."""
    from run import QUIET

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = os.environ.get("RAY_ADDRESS", "local")
    ours = {"num_cpus": jobs, "include_dashboard": False} if address == "local" else {}
    sources = {"working_dir": str(ROOT), "excludes": LEFT_OUT, "env_vars": QUIET}
    handler = signal.getsignal(signal.SIGTERM)  # Ray puts its own in the place of this one
    try:
        ray.init(
            address=address, runtime_env=sources, log_to_driver=False,
            logging_level="error", **ours,
        )  # fmt: skip
    except ConnectionError as error:
        raise SystemExit(f"No Ray cluster at {address}: {error}") from None
    signal.signal(signal.SIGTERM, handler)


def plain(run) -> dict:
    """Return a run as a dictionary, which a machine can read before it has the sources."""
    return dataclasses.asdict(run)


def carry_out():
    """Return what a worker calls; it takes all that it needs from the sources sent along."""

    def work(fields: dict, lr: float, folder: str) -> dict:
        import sys
        import tempfile
        from contextlib import nullcontext
        from pathlib import Path

        sys.path[:0] = [str(Path.cwd() / "experiments")]
        import grid
        import run

        cell = grid.Cell(**fields.pop("cell"))
        here = Path(folder).is_dir()
        with nullcontext(folder) if here else tempfile.TemporaryDirectory() as folders:
            return run.work(grid.Run(cell, **fields), lr, Path(folders))

    return work


def outcome(ray, done):
    """Return a task's record, or the exception that ended it."""
    try:
        return ray.get(done)
    except ray.exceptions.RayTaskError as error:
        return error.cause
    except ray.exceptions.RayError:
        return Lost()
