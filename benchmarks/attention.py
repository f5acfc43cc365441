"""How fast the attention modules are, beside the notes' way of writing them and beside timm.

    make bench                                        # or: python benchmarks/attention.py
    python benchmarks/attention.py --rounds 3 --dry   # a quick look that stores nothing

One thread on one processor, or one CUDA device with ``--device cuda``; medians of interleaved
rounds, so that a machine that slows down slows everybody down. Writes
``cbam_teach/results/attention_{device}.json``, which the chapters load, and the tables of the
two READMEs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests" / "package")]
SHAPES = [(8, 64, 56, 56), (8, 256, 28, 28), (1, 64, 224, 224)]
# Read when a process starts: waiting threads sleep, and freed memory stays with the process.
QUIET = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TRIM_THRESHOLD_": str(2**40),
    "MALLOC_TOP_PAD_": str(2**28),
}

Timed = dict[str, Callable[[], object]]


def settle() -> None:
    """Start this program again in a quiet environment, and keep it on one processor."""
    if any(os.environ.get(name) != value for name, value in QUIET.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **QUIET})
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def medians(timed: Timed, rounds: int, wait: Callable[[], object]) -> dict[str, float]:
    """Milliseconds of each, the median of rounds in which each runs once after the other."""
    return {name: statistics.median(ms) for name, ms in by_round(timed, rounds, wait).items()}


def by_round(
    timed: Timed,
    rounds: int,
    wait: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Milliseconds of each in every round, after two rounds that are not counted."""
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(-2, rounds):
        for name, run in timed.items():
            wait()
            start = clock()
            run()
            wait()
            if number >= 0:
                taken[name].append(1e3 * (clock() - start))
    return taken


def cbams(channels: int, device: str) -> dict[str, Callable]:
    """CBAM three times over, on the device."""
    from naive import NaiveCBAM
    from peers import load

    from cbam_teach import CBAM

    kinds = {"naive": NaiveCBAM, "timm": load().CbamModule, "cbam_teach": CBAM}
    return {name: kind(channels).to(device) for name, kind in kinds.items()}


def dynamics(device: str) -> dict[str, Callable]:
    """The dynamic spatial mask and its product three times over, on the device."""
    from naive import NaiveDynamic

    from cbam_teach import DynamicSpatialAttention, Reweight, fold

    ours = Reweight(DynamicSpatialAttention()).to(device).eval()
    naive = NaiveDynamic().to(device).eval()
    return {"naive": naive, "cbam_teach": ours, "cbam_teach, folded": fold(ours)}


def measure(shape: tuple[int, ...], device: str, rounds: int, eager: bool) -> list[dict]:
    """Every figure at one shape."""
    import memory
    import torch

    torch.manual_seed(0)
    x, to_y = torch.randn(shape, device=device), torch.randn(shape, device=device)
    leaf, target = x.clone().requires_grad_(), torch.empty_like(x)
    wait = torch.cuda.synchronize if device == "cuda" else int

    def forward(run: Callable) -> Callable[[], object]:
        return lambda: torch.no_grad()(run)(x)

    def time_all(runs: Timed) -> dict[str, float]:
        return medians(runs, rounds, wait)

    runs = cbams(shape[1], device)
    memories = {who: memory.peak(both_ways(run, leaf, to_y), device) for who, run in runs.items()}
    if not eager:
        torch._dynamo.reset()
        for who in ("naive", "cbam_teach"):
            runs[f"{who}, compiled"] = torch.compile(runs[who])
    trained = time_all({who: both_ways(run, leaf, to_y) for who, run in runs.items()})
    forwards = {who: forward(run.eval()) for who, run in runs.items()}
    forwards["copy"] = lambda: target.copy_(x)
    return [
        *figures(shape, "CBAM forward", "ms", time_all(forwards)),
        *figures(shape, "CBAM forward and backward", "ms", trained),
        *figures(shape, "dynamic spatial forward", "ms",
                 time_all({who: forward(run) for who, run in dynamics(device).items()})),
        *figures(shape, "CBAM peak memory", "MB", memories),
    ]  # fmt: skip


def figures(shape: tuple[int, ...], what: str, unit: str, values: dict[str, float]) -> list[dict]:
    """One entry for each contestant, with its ratio to the notes' way; printed as well."""
    print(
        f"  {what}: " + ", ".join(f"{who} {v:.2f} {unit}" for who, v in values.items()), flush=True
    )
    shared = {"shape": list(shape), "what": what, "unit": unit}
    return [
        shared | {"who": who, "value": round(v, 3), "ratio": round(values["naive"] / v, 2)}
        for who, v in values.items()
    ]


def both_ways(run: Callable, x, to_y) -> Callable[[], object]:
    """One forward and one backward pass; the gradients are made anew and dropped."""

    def call() -> None:
        run(x).backward(to_y)
        x.grad = None
        run.zero_grad()

    return call


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--rounds", type=int, default=31, help="timed rounds (default 31)")
    parser.add_argument("--eager", action="store_true", help="leave torch.compile out")
    parser.add_argument("--dry", action="store_true", help="print, and store nothing")
    options = parser.parse_args()
    settle()
    import report
    import torch

    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: PyTorch sees no CUDA device here. Allowed: cpu")
    torch.set_num_threads(1)
    found = []
    for shape in SHAPES:
        print(f"{shape} on {options.device}", flush=True)
        found += measure(shape, options.device, options.rounds, options.eager)
    command = "python " + " ".join([os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]])
    result = report.result(found, command=command, device=options.device, rounds=options.rounds)
    print(report.table(result, "en"))
    if not options.dry:
        report.store(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
