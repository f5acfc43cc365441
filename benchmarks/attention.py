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
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(-2, rounds):
        for name, run in timed.items():
            wait()
            start = time.perf_counter()
            run()
            wait()
            if number >= 0:
                taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(times) for name, times in taken.items()}


def measure(shape: tuple[int, ...], device: str, rounds: int, with_compiler: bool) -> list[dict]:
    """Every figure at one shape."""
    import memory
    import torch
    from naive import NaiveCBAM, NaiveDynamic
    from peers import load

    from cbam_teach import CBAM, DynamicSpatialAttention, Reweight, fold

    torch.manual_seed(0)
    x, to_y = torch.randn(shape, device=device), torch.randn(shape, device=device)
    target = torch.empty_like(x)
    leaf = x.clone().requires_grad_()
    cbams: dict[str, Callable] = {
        "naive": NaiveCBAM(shape[1]).to(device),
        "timm": load().CbamModule(shape[1]).to(device),
        "cbam_teach": CBAM(shape[1]).to(device),
    }
    memories = {
        name: memory.peak(both_ways(run, leaf, to_y), device) for name, run in cbams.items()
    }
    if with_compiler:
        torch._dynamo.reset()
        cbams |= {
            f"{name}, compiled": torch.compile(cbams[name]) for name in ("naive", "cbam_teach")
        }
    dynamic = Reweight(DynamicSpatialAttention()).to(device).eval()
    dynamics = {
        "naive": NaiveDynamic().to(device), "cbam_teach": dynamic, "cbam_teach, folded": fold(dynamic),
    }  # fmt: skip
    wait = torch.cuda.synchronize if device == "cuda" else int
    figures = []

    def note(what: str, unit: str, values: dict[str, float]) -> None:
        for who, value in values.items():
            ratio = values["naive"] / value
            figures.append(dict(shape=list(shape), what=what, who=who, unit=unit,
                                value=round(value, 3), ratio=round(ratio, 2)))  # fmt: skip
        line = ", ".join(f"{who} {value:.2f}" for who, value in values.items())
        print(f"  {what} ({unit}): {line}", flush=True)

    def forward(run: Callable) -> Callable[[], object]:
        def call() -> None:
            with torch.no_grad():
                run(x)

        return call

    copied = {"copy": lambda: target.copy_(x)}
    note(
        "CBAM forward",
        "ms",
        medians({name: forward(run) for name, run in cbams.items()} | copied, rounds, wait),
    )
    note(
        "CBAM forward and backward",
        "ms",
        medians({name: both_ways(run, leaf, to_y) for name, run in cbams.items()}, rounds, wait),
    )
    note(
        "dynamic spatial forward",
        "ms",
        medians({name: forward(run) for name, run in dynamics.items()}, rounds, wait),
    )
    note("CBAM peak memory", "MB", memories)
    return figures


def both_ways(run: Callable, x, to_y) -> Callable[[], object]:
    """One forward and one backward pass, gradients made anew."""

    def call() -> None:
        x.grad = None
        if hasattr(run, "zero_grad"):
            run.zero_grad()
        run(x).backward(to_y)

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
    figures = []
    for shape in SHAPES:
        print(f"{shape} on {options.device}", flush=True)
        figures += measure(shape, options.device, options.rounds, not options.eager)
    command = "python " + " ".join([os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]])
    result = report.result(figures, command=command, device=options.device, rounds=options.rounds)
    print(report.table(result, "en"))
    if not options.dry:
        report.store(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
