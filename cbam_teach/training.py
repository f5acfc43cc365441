"""One plain training loop: on a CPU or CUDA, in one process or under `torchrun`."""

import math
from pathlib import Path

import torch
from torch import nn

from cbam_teach import checkpoints, checks
from cbam_teach.checks import named
from cbam_teach.distributed import join
from cbam_teach.language import problem
from cbam_teach.loaders import Samples, check_samples, in_order, seed_all, shuffled
from cbam_teach.progress import Progress
from cbam_teach.recipe import Recipe
from cbam_teach.run_folder import Epoch, RunFolder
from cbam_teach.trainer import Penalty, Trainer

__all__ = ["Epoch", "Penalty", "Recipe", "fit"]


def fit(
    model: nn.Module,
    train_set: Samples,
    validation_set: Samples,
    recipe: Recipe,
    *,
    folder: str | Path,
    device: str | torch.device | None = None,
    penalty: Penalty | None = None,
    progress: bool = True,
) -> list[Epoch]:
    """Train a model that tells classes apart, and write down how it went.

    Calling it again with the same arguments goes on where a stopped run ended, and hands back
    the result of a finished one. On a CPU the resumed run ends with the very weights of one
    that was never stopped: each epoch starts from random numbers of its own, made from the
    seed, the epoch and the process, and everything else is in the checkpoint.

    Under `torchrun` each process works on its share of every batch (`DistributedDataParallel`,
    nccl on CUDA and gloo on the CPU). A batch holds the same samples however many processes
    there are; batch norm sees those of one process, and dropout draws anew in each.

    Args:
        model: logits from inputs, (B, …) -> (B, K). Its weights are changed: afterwards they
            are those of the last epoch, and it is on the device and in evaluation mode.
        train_set: pairs of an input and the number of its class; further entries go to the
            penalty. One that has a method
            ``set_epoch`` is told the number of each epoch, 0 being the first.
        validation_set: the same, for the choice of ``best.pt``.
        recipe: everything else that decides what is learned.
        folder: where ``last.pt``, ``best.pt`` (highest validation accuracy, the earliest of
            equals; see `checkpoints.load_weights`) and ``history.json`` are kept. All
            processes must see the same folder, and no other run may use it.
        device: as in `distributed.join`.
        penalty: None, or a function of the masks and shares of a batch, as `trace` names them
            but with their graph, and of the list of its samples' further entries; the scalar
            it returns is added to the loss. A checkpoint does not know of it.
        progress: whether lines are printed, one an epoch and one a minute.

    Returns:
        One entry for each epoch, those before a resumption included.

    Raises:
        TypeError, ValueError: for an argument that is not allowed; for a folder whose
            checkpoint is damaged or comes from another recipe, model or number of samples:
            nothing is overwritten.
        NotADirectoryError: when the folder cannot be made or written.
        FloatingPointError: when the loss of an epoch is no longer finite; the checkpoints
            before it stay.
    """
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner="fit", given=named(model), allowed="nn.Module"
        )
    if not isinstance(recipe, Recipe):
        raise problem(TypeError, "error.recipe", given=named(recipe), allowed="Recipe(…)")
    if not (penalty is None or callable(penalty)):
        raise problem(
            TypeError, "error.penalty", given=named(penalty), allowed="None, penalty(maps, rest)"
        )
    check_samples("train_set", train_set, recipe.batch_size)
    check_samples("validation_set", validation_set, 1)
    checks.flag("fit", "progress", progress)
    samples = (len(train_set), len(validation_set))
    files = RunFolder(Path(folder), recipe, checkpoints.describe(model), samples)
    files.make()
    with join(device) as team:
        trainer = Trainer(model, recipe, team, penalty)
        history = resume(trainer, files)
        batches = shuffled(train_set, recipe, team)
        held_out = in_order(validation_set, recipe, team)
        report = Progress(recipe.epochs, len(batches), progress and team.rank == 0)
        if len(history) < recipe.epochs:
            report.resumed(len(history))
        for epoch in range(len(history), recipe.epochs):
            report.start()
            seed_all(recipe.seed, epoch, team.rank)
            for part in (train_set, batches.sampler):
                if hasattr(part, "set_epoch"):
                    part.set_epoch(epoch)
            found = (*trainer.train(batches, epoch, report), *trainer.evaluate(held_out))
            if not all(map(math.isfinite, found)):
                raise problem(
                    FloatingPointError, "error.diverged", epoch=epoch + 1,
                    given=[f"{value:g}" for value in found], allowed=f"lr < {recipe.lr:g}",
                )  # fmt: skip
            seconds = report.end(epoch + 1, found[0], found[1], found[3])
            history.append(Epoch(epoch + 1, trainer.lr, *found, seconds))
            if team.rank == 0:
                files.write(history, trainer.state())
                files.write_history(history, device=str(team.device), processes=team.size)
    model.eval()
    return history


def resume(trainer: Trainer, files: RunFolder) -> list[Epoch]:
    """Load the folder's checkpoint, if there is one; return the epochs that it holds."""
    team, state = trainer.team, files.read()
    history = [Epoch(**entry) for entry in state["history"]] if state else []
    seen = team.total(torch.tensor(len(history), device=team.device)).item()
    if seen != team.size * len(history):
        raise problem(
            ValueError, "error.folder_shared", given=str(files.path),
            allowed=f"1 × {files.path / 'last.pt'}",
        )  # fmt: skip
    if state:
        trainer.load(state)
        if team.rank == 0:
            files.write_history(history, device=str(team.device), processes=team.size)
    return history
