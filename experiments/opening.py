"""Trains the two networks of the opening chapter: cued digits, one network with CBAM, one plain.

    python experiments/opening.py             # about 20 minutes on one thread
    python experiments/opening.py --seeds 0   # only this one; stores nothing

One thread on one processor. Both networks of a seed begin from it and see the same pictures in
the same order. The seed stored is the one in which both colours of the cue move the first channel
mask most, since that is what the figure shows; the record keeps the others. Each run has its
folder in ``_build/opening``: a stopped command goes on where it was, and a finished run is not
trained again. Writes
``cbam_teach/opening/weights.npz``, which `cbam_teach.opening` loads, and
``cbam_teach/results/opening.json``, which says how and with what outcome.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks")]
WEIGHTS = ROOT / "cbam_teach" / "opening" / "weights.npz"
RESULT = ROOT / "cbam_teach" / "results" / "opening.json"
RUNS = ROOT / "_build" / "opening"
SEEDS = (0, 1, 2)
MASK = "block1.attention.channel.mask"
HELD_OUT_SEED = 0  # of the validation and the test pictures: the same for all runs
PICTURES = 8000  # made anew for each epoch
VALIDATION, TEST = 1000, 2000
RECIPE = {
    "epochs": 24, "batch_size": 128, "lr": 0.02, "schedule": "cosine", "warm_up": 1,
    "optimizer": "adamw", "weight_decay": 0.01, "label_smoothing": 0.1,
}  # fmt: skip


class Lessons:
    """Cued digits to learn from, fresh ones in every epoch, or with ``fixed`` always the same.

    Args:
        count: N, pictures of an epoch.
        first: the seed of the first epoch's pictures.
        split: of the digits.
        fixed: whether every epoch has the pictures of the first.
    """

    def __init__(self, count: int, *, first: int, split: str, fixed: bool = False) -> None:
        self.count, self.first, self.split, self.fixed = count, first, split, fixed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        from cbam_teach.data import cued_digits

        seed = self.first if self.fixed else self.first + epoch
        self.pictures = cued_digits(self.count, seed=seed, split=self.split)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int):
        return self.pictures.images[index], self.pictures.labels[index]


def train(name: str, seed: int, folder: Path, *, count: int = PICTURES, **other):
    """Train one network; a finished run is read back.

    Args:
        name: one of `cbam_teach.opening.NETWORKS`.
        seed: of the weights, the pictures and their order.
        folder: where the runs' folders are.
        count: pictures of an epoch.
        other: entries of the recipe, instead of those above.

    Returns:
        The network, its last validation accuracy, and the seconds it took.
    """
    import torch

    from cbam_teach.opening import OpeningNet
    from cbam_teach.training import Recipe, fit

    torch.manual_seed(seed)
    net = OpeningNet(name).to(memory_format=torch.channels_last)  # a third quicker
    recipe = Recipe(**{**RECIPE, **other}, seed=seed)
    lessons = Lessons(count, first=1000 * seed, split="train")
    held_out = Lessons(min(count, VALIDATION), first=HELD_OUT_SEED, split="validation", fixed=True)
    run = fit(
        net, lessons, held_out, recipe, folder=folder / f"{name},seed={seed}",
        device="cpu", progress=False,
    )  # fmt: skip
    return net, run[-1].validation_accuracy, sum(epoch.seconds for epoch in run)


def examine(name: str, weights, count: int = TEST) -> dict[str, float]:
    """How stored weights read test pictures: the digit asked for, and either of the two."""
    import torch

    from cbam_teach.data import cued_digits
    from cbam_teach.opening import OpeningNet
    from cbam_teach.packed import give

    net = OpeningNet(name).eval()
    give(net, weights)
    test = cued_digits(count, seed=HELD_OUT_SEED, split="test")
    with torch.no_grad():
        said = torch.cat([net(images).argmax(dim=1) for images in test.images.split(100)])
    asked, other = said == test.labels, said == test.other_labels
    return {
        "test": round(asked.double().mean().item(), 4),
        "either": round((asked | other).double().mean().item(), 4),
    }


def mask_moves(weights, count: int = VALIDATION) -> dict[str, float]:
    """How far an orange and a blue cue move the first block's channel mask on validation pictures.

    The mean, over pictures and channels, of the absolute difference to the mask without a cue.
    """
    import torch

    from cbam_teach import trace
    from cbam_teach.cued import COLOURS
    from cbam_teach.data import cued_digits
    from cbam_teach.opening import OpeningNet
    from cbam_teach.packed import give

    net = OpeningNet("cbam").eval()
    give(net, weights)
    made = cued_digits(count, seed=HELD_OUT_SEED, split="validation")

    def mask(colour):
        images = torch.where(made.cue_masks, colour.view(1, 3, 1, 1), made.images)
        found = []
        for part in images.split(100):
            with torch.no_grad(), trace(net) as maps:
                net(part)
            found.append(maps[MASK])  # (B, C, 1, 1)
        return torch.cat(found)

    colours = torch.cat([torch.zeros(1, 3), torch.from_numpy(COLOURS)])
    bare, *said = (mask(colour) for colour in colours)
    moves = [(each - bare).abs().mean().item() for each in said]
    return {name: round(move, 4) for name, move in zip(("orange", "blue"), moves, strict=True)}


def chosen(tried: list[dict]) -> int:
    """Return the seed in which the colour that moves the mask less moves it most."""
    attended = [run for run in tried if run["network"] == "cbam"]
    return max(attended, key=lambda run: min(run["mask_moves"].values()))["seed"]


def store(tried: list[dict], networks: dict, seconds: float) -> None:
    """Write weights and result; each file is replaced whole or not at all."""
    import report
    import torch

    from cbam_teach.checkpoints import replace, write_text
    from cbam_teach.opening import NETWORKS
    from cbam_teach.packed import pack

    seed = chosen(tried)
    data = pack({name: networks[name, seed] for name in NETWORKS})
    replace(WEIGHTS, lambda file: file.write(data))
    result = {
        "command": "python experiments/opening.py",
        "seed": seed,
        "device": "cpu",
        "machine": report.processor(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "date": datetime.date.today().isoformat(),
        "minutes": round(seconds / 60, 1),
        "pictures": {
            "made_by": "cbam_teach.data.cued_digits", "each_epoch": PICTURES,
            "validation": VALIDATION, "test": TEST, "held_out_seed": HELD_OUT_SEED,
        },
        "recipe": RECIPE,
        "tried": tried,
    }  # fmt: skip
    write_text(RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"stored {WEIGHTS.relative_to(ROOT)} ({len(data)} bytes), {RESULT.relative_to(ROOT)}")


def main() -> int:
    from attention import settle

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", nargs="+", type=int, help="and store nothing")
    options = parser.parse_args()
    settle()
    import torch

    from cbam_teach.opening import NETWORKS
    from cbam_teach.packed import kept

    torch.set_num_threads(1)
    networks, tried, seconds = {}, [], 0.0
    for seed in options.seeds or SEEDS:
        for name in reversed(NETWORKS):
            net, validation, spent = train(name, seed, RUNS)
            networks[name, seed], seconds = kept(net), seconds + spent
            tried.append({
                "network": name, "seed": seed,
                "parameters": sum(p.numel() for p in net.parameters()),
                "validation": round(validation, 4), **examine(name, networks[name, seed]),
            })  # fmt: skip
            if name == "cbam":
                tried[-1]["mask_moves"] = mask_moves(networks[name, seed])
            print(tried[-1], flush=True)
    if not options.seeds:
        store(tried, networks, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
