"""Trains the mask laboratory: the same small network with each rung of the ladder in its block.

    python experiments/laboratory.py              # about 15 minutes on one thread
    python experiments/laboratory.py --rungs cbam # only these; stores nothing

One thread on one processor, one seed. Each rung's run has its folder in ``_build/laboratory``:
a stopped command goes on where it was, and a finished rung is not trained again. Writes
``cbam_teach/laboratory/weights.npz``, which `cbam_teach.laboratory` loads, and
``cbam_teach/results/laboratory.json``, which says how and with what outcome.
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
WEIGHTS = ROOT / "cbam_teach" / "laboratory" / "weights.npz"
RESULT = ROOT / "cbam_teach" / "results" / "laboratory.json"
MASK = "block.attention.spatial.mask"
RUNS = ROOT / "_build" / "laboratory"
SEED = 0
PICTURES = 2048  # made anew for each epoch
VALIDATION, TEST = 400, 1000
EASIER = 3  # epochs of the plain network for each further fragment: none at first, then up to four
PLAIN = {"epochs": 24, "lr": 0.1}
RUNG = {"epochs": 12, "lr": 0.05}
RECIPE = {"batch_size": 32, "weight_decay": 5e-4, "schedule": "cosine", "warm_up": 1}


class Lessons:
    """Pictures to learn from, fresh ones in every epoch.

    Args:
        count: N, pictures of an epoch.
        easier: epochs for each further fragment; with all of them from the first epoch on, a
            new network learns nothing for a long while. 0: all from the first epoch on.
        first: the seed of the first epoch's pictures.
    """

    def __init__(self, count: int, *, easier: int, first: int) -> None:
        self.count, self.easier, self.first = count, easier, first
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        from cbam_teach.laboratory.album import CLUTTER, digits

        clutter = min(CLUTTER, epoch // self.easier) if self.easier else CLUTTER
        self.pictures = digits(self.count, seed=self.first + epoch, split="train", clutter=clutter)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int):
        return self.pictures[index]


def train(rung: str | None, folder: Path, plain=None, *, count: int = PICTURES, **other):
    """Train the network of a rung, or the one without attention; a finished run is read back.

    Args:
        rung: a name of the ladder, or None.
        folder: where the runs' folders are.
        plain: the trained network without attention; the rung's begins with its stem and head
            and with a new block, so that masks and branch learn together.
        count: pictures of an epoch.
        other: entries of the recipe, instead of those above.

    Returns:
        The network, and the seconds it took.
    """
    import torch

    from cbam_teach.laboratory.album import digits
    from cbam_teach.laboratory.network import LaboratoryNet
    from cbam_teach.training import Recipe, fit

    torch.manual_seed(SEED)
    net = LaboratoryNet(rung).to(memory_format=torch.channels_last)  # a third quicker
    easier, first, steps = (EASIER, 0, PLAIN) if plain is None else (0, PLAIN["epochs"], RUNG)
    if plain is not None:
        net.stem.load_state_dict(plain.stem.state_dict())
        net.head.load_state_dict(plain.head.state_dict())
    recipe = Recipe(**{**RECIPE, **steps, **other}, seed=SEED)
    held_out = digits(min(count, VALIDATION), seed=SEED, split="validation")
    lessons = Lessons(count, easier=easier, first=first)
    run = fit(net, lessons, held_out, recipe, folder=folder / (rung or "plain"), device="cpu")
    return net, sum(epoch.seconds for epoch in run)


def examine(rung: str | None, weights, count: int = TEST) -> dict:
    """What a rung's stored weights do on test pictures: digits read, and where its mask lies."""
    import torch

    from cbam_teach import trace
    from cbam_teach.laboratory.album import digits
    from cbam_teach.laboratory.network import LaboratoryNet
    from cbam_teach.packed import give

    net = LaboratoryNet(rung).eval()
    give(net, weights)
    test = digits(count, seed=SEED, split="test")
    right, sums = 0, torch.zeros(4, dtype=torch.float64)
    parts = (tensor.split(100) for tensor in (test.images, test.labels, test.masks))
    for images, labels, places in zip(*parts, strict=True):
        with torch.no_grad(), trace(net) as maps:
            right += (net(images).argmax(dim=1) == labels).sum().item()
        if MASK in maps:
            mask = maps[MASK].double()  # (B, 1, H / 2, W / 2)
            digit = torch.nn.functional.avg_pool2d(places.double(), 2)  # the digit's part of each
            found = [(mask * digit).sum(), mask.sum(), digit.sum(), torch.tensor(digit.numel())]
            sums += torch.stack([number.double() for number in found])
    found = {"accuracy": round(right / count, 4)}
    if rung is None:
        return found
    on_digit, whole, area, cells = sums.tolist()
    mix = net.block.attention.mix
    return {
        "rung": rung,
        "parameters": sum(p.numel() for p in net.parameters()),
        **found,
        "mask_on_digit": round(on_digit / area, 4),
        "mask_elsewhere": round((whole - on_digit) / (cells - area), 4),
        "mass_on_digit": round(on_digit / whole, 4),
        "area_of_digit": round(area / cells, 4),
        "mix": None if mix is None else round(mix.amount().item(), 4),
    }


def store(figures: list[dict], networks: dict, seconds: float, plain: dict) -> None:
    """Write weights and result; each file is replaced whole or not at all."""
    import report
    import torch

    from cbam_teach.checkpoints import replace, write_text
    from cbam_teach.laboratory import album
    from cbam_teach.packed import pack

    data = pack(networks)
    replace(WEIGHTS, lambda file: file.write(data))
    result = {
        "command": "python experiments/laboratory.py",
        "seed": SEED,
        "device": "cpu",
        "machine": report.processor(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "date": datetime.date.today().isoformat(),
        "minutes": round(seconds / 60, 1),
        "pictures": {
            "made_by": "cbam_teach.data.cluttered_digits",
            "size": album.SIZE, "sides": album.SIDES, "clutter": album.CLUTTER,
            "noise": album.NOISE, "each_epoch": PICTURES, "epochs_per_fragment": EASIER,
            "test": TEST,
        },
        "recipe": RECIPE, "plain": PLAIN | plain, "rung": RUNG,
        "figures": figures,
    }  # fmt: skip
    write_text(RESULT, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"stored {WEIGHTS.relative_to(ROOT)} ({len(data)} bytes), {RESULT.relative_to(ROOT)}")


def main() -> int:
    from attention import settle

    from cbam_teach.ladder import LADDER

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rungs", nargs="+", choices=list(LADDER), help="and store nothing")
    options = parser.parse_args()
    settle()
    import torch

    from cbam_teach.packed import kept

    torch.set_num_threads(1)
    networks, figures = {}, []
    print("plain", flush=True)
    plain, seconds = train(None, RUNS)
    without = examine(None, kept(plain))
    for rung in options.rungs or LADDER:
        print(rung, flush=True)
        net, spent = train(rung, RUNS, plain)
        networks[rung], seconds = kept(net), seconds + spent
        figures.append(examine(rung, networks[rung]))
        print(figures[-1], flush=True)
    if not options.rungs:
        store(figures, networks, seconds, without)
    return 0


if __name__ == "__main__":
    sys.exit(main())
