"""The folder of a training run: what is in it, and whether a run may go on from it."""

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from cbam_teach import checkpoints
from cbam_teach.language import problem
from cbam_teach.recipe import Recipe


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to, over all its samples and all processes.

    Args:
        number: 1 for the first.
        lr: the learning rate of its last step.
        train_loss: what was minimised, in nats, while the weights changed from step to step.
        train_accuracy: share of right answers meanwhile, in [0, 1].
        validation_loss: mean cross-entropy in nats, without label smoothing.
        validation_accuracy: share of right answers, in [0, 1].
        seconds: how long it took; two epochs that differ in this only are equal.
    """

    number: int
    lr: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float = field(compare=False)


@dataclass(frozen=True)
class RunFolder:
    """``last.pt``, ``best.pt`` and ``history.json``, each of them always whole.

    ``best.pt`` is written before ``last.pt``: a run killed between the two repeats the epoch
    and writes the same weights again.

    Args:
        path: the folder; `make` makes it.
        recipe: what the run follows.
        description: of the model, by `checkpoints.describe`.
        samples: how many the training and the validation set have.
    """

    path: Path
    recipe: Recipe
    description: list[str]
    samples: tuple[int, int]

    def make(self) -> None:
        """Make the folder, if it is not there.

        Raises:
            NotADirectoryError: when it cannot be made or written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            writable = os.access(self.path, os.W_OK)
        except OSError:
            writable = False
        if not writable:
            raise problem(
                NotADirectoryError, "error.run_folder", given=str(self.path), allowed="…/runs/1"
            )

    def read(self) -> dict[str, Any] | None:
        """Return the entries of ``last.pt``, or None where there is none.

        Raises:
            ValueError: when it is damaged or comes from another model, recipe or data.
        """
        last = self.path / "last.pt"
        if not last.exists():
            return None
        state = checkpoints.read(last, self.description)
        before = Recipe(**state["recipe"])
        for entry in dataclasses.fields(Recipe):
            here, there = getattr(self.recipe, entry.name), getattr(before, entry.name)
            if entry.compare and here != there:
                raise problem(
                    ValueError, "error.other_recipe", path=last,
                    given=f"{entry.name}={here!r}", allowed=f"{entry.name}={there!r}",
                )  # fmt: skip
        if self.samples != tuple(state["samples"]):
            raise problem(
                ValueError, "error.other_data", path=last,
                given=self.samples, allowed=tuple(state["samples"]),
            )  # fmt: skip
        return state

    def write(self, history: list[Epoch], state: dict[str, Any]) -> None:
        """Write what belongs to an epoch's end.

        Args:
            history: all epochs so far.
            state: "model" and "optimizer", and whatever else going on needs.
        """
        accuracies = [epoch.validation_accuracy for epoch in history]
        if accuracies[-1] > max(accuracies[:-1], default=-1.0):
            weights = {"model": state["model"], "epoch": len(history)}
            checkpoints.write(self.path / "best.pt", self.description, weights)
        more = {
            "recipe": dataclasses.asdict(self.recipe),
            "samples": self.samples,
            "history": [dataclasses.asdict(epoch) for epoch in history],
        }
        checkpoints.write(self.path / "last.pt", self.description, state | more)

    def write_history(self, history: list[Epoch], **more: Any) -> None:
        """Write ``history.json``: recipe, versions, the entries of ``more``, and all epochs."""
        from cbam_teach import __version__

        table = {
            "recipe": dataclasses.asdict(self.recipe),
            "samples": self.samples,
            "versions": {"cbam_teach": __version__, "torch": torch.__version__},
            **more,
            "epochs": [dataclasses.asdict(epoch) for epoch in history],
        }
        text = json.dumps(table, indent=2, allow_nan=False)
        checkpoints.write_text(self.path / "history.json", text + "\n")
