"""How long a training step of each variant takes, beside that of the plain network.

    python experiments/cost.py [--rounds 30]

One thread on one processor; medians of interleaved rounds, on a batch of cued digits. The seconds
that stand in the runs' records were taken while other runs shared the machine; these were not.
Writes ``cbam_teach/results/steps.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "experiments")]

import attention  # noqa: E402
import grid  # noqa: E402
import report  # noqa: E402

BATCH, SEED = 128, 0
RESULT = ROOT / "cbam_teach" / "results" / "steps.json"


def step_of(variant: str, pictures):
    """Return a function that trains a variant for one step."""
    import torch
    from torch.nn.functional import cross_entropy

    from cbam_teach import probes

    net = probes.build(variant, seed=SEED).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)

    def step() -> None:
        loss = cross_entropy(net(pictures.images), pictures.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    attention.settle()
    import torch

    from cbam_teach import probes
    from cbam_teach.checkpoints import write_text

    torch.set_num_threads(1)
    pictures = probes.make("cued", BATCH, seed=SEED, split="train")
    variants = list(dict.fromkeys(cell.variant for cell in grid.cells()))
    steps = {variant: step_of(variant, pictures) for variant in variants}
    taken = attention.medians(steps, options.rounds, lambda: None)
    figures = [
        {"variant": variant, "milliseconds": round(ms, 2), "ratio": round(ms / taken["plain"], 3)}
        for variant, ms in taken.items()
    ]
    found = report.result(
        figures, command="python experiments/cost.py", device="cpu", rounds=options.rounds
    )
    write_text(RESULT, json.dumps(found | {"batch": BATCH}, indent=1) + "\n")
    for figure in figures:
        print(f"{figure['variant']:30} {figure['milliseconds']:8.1f} ms {figure['ratio']:6.2f}×")
    return 0


if __name__ == "__main__":
    sys.exit(main())
