"""How fast the dynamic rung is as it is written, folded, compiled, and in onnxruntime.

    python benchmarks/folding.py                     # writes cbam_teach/results/folding.json
    python benchmarks/folding.py --rounds 3 --dry    # a quick look that stores nothing

One thread on one processor, evaluation mode, no gradients; what is taken is the processor's time,
which leaves out the time that other programs have it. In a round every form runs once after
the other; what is stored is the median over the rounds and, of its ratio to the written form in
the same round, the median and the two quartiles (``ratio``, ``low``, ``high``); ``gain`` is the
same ratio to the written form in the same engine. A machine that slows down slows all of them.
Every form's result is compared with the written form's before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import attention  # noqa: E402
import report  # noqa: E402

RESULT = ROOT / "cbam_teach" / "results" / "folding.json"
SHAPES = [(1, 64, 56, 56), (8, 64, 56, 56), (8, 256, 28, 28), (1, 64, 224, 224)]
TOLERANCE = 1e-4


def masks(channels: int):
    """The dynamic spatial mask alone, and the whole rung that holds it."""
    from cbam_teach import LADDER, DynamicSpatialAttention

    return {"mask": DynamicSpatialAttention(), "rung": LADDER["dynamic"](channels)}


def exported(module, x) -> Callable[[], object]:
    """A function that runs a module's graph, for any batch and size, on x."""
    import onnxruntime
    import torch

    from cbam_teach.live.export import quietly

    free = ({0: "batch", 2: "height", 3: "width"},)
    pair = torch.cat([x, x])  # a batch of one would be taken for a constant
    with quietly():
        graph = torch.onnx.export(
            module, (pair,), dynamo=True, dynamic_shapes=free, input_names=["x"], verbose=False
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        graph.model_proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    given = {"x": x.numpy()}
    return lambda: torch.from_numpy(session.run(None, given)[0])


def forms(module, x, eager: bool) -> dict[str, Callable[[], object]]:
    """What is timed: functions without arguments, the written form first."""
    import torch

    from cbam_teach import fold

    def forward(run: Callable) -> Callable[[], object]:
        return lambda: torch.no_grad()(run)(x)

    both = {"written": module.eval(), "folded": fold(module)}
    runs = {who: forward(each) for who, each in both.items()}
    if not eager:
        torch._dynamo.reset()
        runs |= {f"{who}, compiled": forward(torch.compile(each)) for who, each in both.items()}
    return runs | {f"{who}, onnxruntime": exported(each, x) for who, each in both.items()}


def measure(shape: tuple[int, ...], rounds: int, eager: bool) -> list[dict]:
    """Every figure at one shape."""
    import torch

    torch.manual_seed(0)
    x, found = torch.randn(shape), []
    for what, module in masks(shape[1]).items():
        runs = forms(module, x, eager)
        expected = runs["written"]()
        for who, run in runs.items():
            if not torch.allclose(run(), expected, atol=TOLERANCE):
                raise SystemExit(f"{what}, {who} at {shape}: not the written form's values")
        taken = attention.by_round(runs, rounds, lambda: None, time.process_time)
        found += [figure(shape, what, who, taken) for who in taken]
    return found


def figure(shape: tuple[int, ...], what: str, who: str, taken: dict[str, list[float]]) -> dict:
    """One entry: how long, and how many times faster than the written form; printed as well."""
    low, ratio, high = statistics.quantiles(faster(taken["written"], taken[who]), n=4)
    gain = statistics.median(faster(taken[who.replace("folded", "written")], taken[who]))
    print(f"  {what:5} {who:22} {ratio:5.2f}× [{low:.2f}; {high:.2f}]  {gain:5.2f}×", flush=True)
    return {
        "shape": list(shape), "what": what, "who": who, "unit": "ms",
        "value": round(statistics.median(taken[who]), 3), "ratio": round(ratio, 3),
        "low": round(low, 3), "high": round(high, 3), "gain": round(gain, 3),
    }  # fmt: skip


def faster(before: list[float], after: list[float]) -> list[float]:
    """How many times faster, round by round."""
    return [b / a for b, a in zip(before, after, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=61, help="timed rounds (default 61)")
    parser.add_argument("--eager", action="store_true", help="leave torch.compile out")
    parser.add_argument("--dry", action="store_true", help="print, and store nothing")
    options = parser.parse_args()
    attention.settle()
    import onnxruntime
    import torch

    from cbam_teach.checkpoints import write_text

    torch.set_num_threads(1)
    found = []
    for shape in SHAPES:
        print(f"{shape}", flush=True)
        found += measure(shape, options.rounds, options.eager)
    made = report.result(
        found, command="python benchmarks/folding.py", device="cpu", rounds=options.rounds
    )
    if not options.dry:
        text = json.dumps(made | {"onnxruntime": onnxruntime.__version__}, indent=1)
        write_text(RESULT, text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
