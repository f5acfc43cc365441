"""Stores the weights of a few runs, for pictures of masks and the opening chapter.

    make experiments ARGS="--cells cued,plain cued,cbam-before --seeds 0"   # and the others below
    python experiments/pack.py

Reads the runs' folders in ``_build/experiments`` and writes ``cbam_teach/probes/weights.npz``.
A run without its folder is carried out anew by removing its file in ``cbam_teach/results/runs``
and running it again.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "experiments")]

import grid  # noqa: E402

FOLDERS = ROOT / "_build" / "experiments"
WEIGHTS = ROOT / "cbam_teach" / "probes" / "weights.npz"


def main() -> int:
    from cbam_teach import probes
    from cbam_teach.checkpoints import load_weights, replace
    from cbam_teach.packed import kept, pack

    networks = {}
    for run in grid.KEPT:
        file = FOLDERS / run / "last.pt"
        if not file.is_file():
            raise SystemExit(f"No weights of {run} in {FOLDERS.relative_to(ROOT)}")
        net = probes.build(run.split(",")[1], seed=0)
        load_weights(net, file)
        networks[run] = kept(net)
    data = pack(networks)
    replace(WEIGHTS, lambda file: file.write(data))
    print(f"stored {WEIGHTS.relative_to(ROOT)} ({len(data)} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
