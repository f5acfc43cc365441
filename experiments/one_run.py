"""One run: train a variant on a task, and write down what it came to."""

from __future__ import annotations

import datetime
import hashlib
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "experiments")]
VALIDATION, TEST = 1000, 2000
HELD_OUT_SEED = 0  # of the validation and the test pictures: the same for all runs
BATCH = 128


class Lessons:
    """Training pictures of a task, with the object's place for a mask that is taught."""

    def __init__(self, pictures) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures.images)

    def __getitem__(self, index: int):
        return (
            self.pictures.images[index], self.pictures.labels[index], self.pictures.masks[index],
        )  # fmt: skip


def run(name: str, cell, *, stage: str, seed: int, lr: float, runs: Path, command: str) -> dict:
    """Train, look, and return the record; a run that was stopped goes on from its folder.

    Args:
        name: of the run; its folder under ``runs`` has this name.
        cell: what is measured, a `grid.Cell`.
        stage: "screen" or "confirm"; only the second looks at the test split.
        seed: of the training pictures, the weights and the order.
        lr: the learning rate.
        runs: where the folders of runs are.
        command: the one that makes this record again.
    """
    import examine
    import penalties
    import report
    import torch

    from cbam_teach import probes
    from cbam_teach.training import Recipe, fit

    cuda = torch.cuda.is_available()
    if not cuda:
        torch.set_num_threads(1)
    net = probes.build(cell.variant, seed=seed, padding=cell.padding)
    net = net.to(memory_format=torch.channels_last)
    recipe = Recipe(
        epochs=cell.epochs, batch_size=min(BATCH, cell.pictures), lr=lr, schedule="cosine",
        warm_up=1, optimizer=cell.optimizer, weight_decay=cell.weight_decay, seed=seed,
    )  # fmt: skip
    lessons = Lessons(probes.make(cell.task, cell.pictures, seed=seed, split="train"))
    held_out = probes.make(cell.task, VALIDATION, seed=HELD_OUT_SEED, split="validation")
    history = fit(
        net, lessons, held_out, recipe, folder=runs / name, progress=False,
        penalty=penalties.PENALTIES[cell.penalty],
    )  # fmt: skip
    record = {
        "name": name, "cell": cell.name, "stage": stage, "task": cell.task,
        "variant": cell.variant, "asks": list(cell.asks), "seed": seed, "lr": lr,
        "epochs": cell.epochs, "pictures": cell.pictures, "padding": cell.padding,
        "optimizer": cell.optimizer, "weight_decay": cell.weight_decay, "penalty": cell.penalty,
        "parameters": sum(p.numel() for p in net.parameters()),
        "train": [round(epoch.train_accuracy, 4) for epoch in history],
        "validation": [round(epoch.validation_accuracy, 4) for epoch in history],
    }  # fmt: skip
    if stage == "confirm":
        test = probes.make(cell.task, TEST, seed=HELD_OUT_SEED, split="test")
        record |= examine.examine(net, test)
    return record | {
        "seconds": round(sum(epoch.seconds for epoch in history), 1),
        "command": command, "code": code(), "machine": machine(cuda, report.processor),
        "device": "cuda" if cuda else "cpu", "threads": torch.get_num_threads(),
        "python": platform.python_version(), "torch": torch.__version__,
        "date": datetime.date.today().isoformat(),
    }  # fmt: skip


def machine(cuda: bool, processor) -> str:
    import torch

    return torch.cuda.get_device_name() if cuda else processor()


def code() -> str:
    """Return a fingerprint of the sources that a run's numbers depend on."""
    sources = [*(ROOT / "cbam_teach").glob("*.py"), *(ROOT / "cbam_teach" / "probes").glob("*.py")]
    text = b"".join(path.read_bytes() for path in sorted(sources))
    return hashlib.sha256(text).hexdigest()[:12]
