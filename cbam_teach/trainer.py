"""One training step, one epoch, one evaluation: what `fit` repeats."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from cbam_teach.distributed import Team
from cbam_teach.language import problem
from cbam_teach.progress import Progress
from cbam_teach.recipe import Recipe, learning_rate
from cbam_teach.trace import trace

#: From the masks and shares of a batch by name, and what its samples hold besides input and
#: class, to a scalar.
Penalty = Callable[[dict[str, Tensor], list[Tensor]], Tensor]


class Trainer:
    """A model and all that changes with it.

    Args:
        model: logits from inputs, (B, …) -> (B, K); moved to the team's device.
        recipe: what the steps follow.
        team: the processes that share each batch.
        penalty: None, or what is added to the loss, as in `cbam_teach.training.fit`.

    Raises:
        ValueError: when the processes cannot share a batch evenly, or the device cannot
            compute in the recipe's type.
    """

    def __init__(
        self, model: nn.Module, recipe: Recipe, team: Team, penalty: Penalty | None = None
    ) -> None:
        if recipe.batch_size % team.size:
            raise problem(
                ValueError, "error.batch_split", size=team.size, given=recipe.batch_size,
                allowed=f"{team.size}, {2 * team.size}, {3 * team.size}, …",
            )  # fmt: skip
        if recipe.amp == "float16" and team.device.type != "cuda":
            raise problem(
                ValueError, "error.half", given=str(team.device), allowed="cuda, amp='bfloat16'"
            )
        self.model = model.to(team.device)
        self.shared = team.wrap(model)
        self.recipe, self.team, self.lr = recipe, team, recipe.lr
        self.penalty = penalty
        self.optimizer = make_optimizer(model, recipe)
        self.scaler = torch.amp.GradScaler("cuda", enabled=recipe.amp == "float16")

    def train(self, batches: DataLoader[Any], epoch: int, report: Progress) -> tuple[float, float]:
        """Go through the batches once; return loss and accuracy over all processes."""
        self.model.train()
        sums = self.tally_nothing()
        for step, (x, target, *rest) in enumerate(batches):
            self.set_lr(learning_rate(self.recipe, epoch * len(batches) + step, len(batches)))
            x, target = self.place(x), self.place(target)
            with self.autocast(), self.watched() as maps:
                logits = self.shared(x)  # (B, K)
            loss = cross_entropy(
                at_least_float32(logits), target, label_smoothing=self.recipe.label_smoothing
            )
            if self.penalty is not None:
                loss = loss + self.penalty(maps, [self.place(more) for more in rest])
            self.optimizer.zero_grad()
            self.scaler.scale(loss).backward()
            self.scaler.step(self.optimizer)
            self.scaler.update()
            sums += tally(loss.detach() * len(target), logits, target)
            report.step(epoch + 1, step + 1, sums)
        return self.means(sums)

    @torch.no_grad()
    def evaluate(self, batches: DataLoader[Any]) -> tuple[float, float]:
        """Return cross-entropy and accuracy over the samples of all processes."""
        self.team.share_buffers(self.model)
        self.model.eval()
        sums = self.tally_nothing()
        for x, target, *_ in batches:
            x, target = self.place(x), self.place(target)
            with self.autocast():
                logits = self.model(x)  # (B, K)
            loss = cross_entropy(at_least_float32(logits), target, reduction="sum")
            sums += tally(loss, logits, target)
        return self.means(sums)

    def watched(self) -> AbstractContextManager[dict[str, Tensor]]:
        """Record the masks for a penalty, or nothing where there is none."""
        return nullcontext({}) if self.penalty is None else trace(self.model, graph=True)

    def set_lr(self, lr: float) -> None:
        self.lr = lr
        for group in self.optimizer.param_groups:
            group["lr"] = lr

    def place(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.team.device, non_blocking=True)

    def autocast(self) -> AbstractContextManager[Any]:
        amp = self.recipe.amp
        dtype = torch.float16 if amp == "float16" else torch.bfloat16
        return torch.autocast(self.team.device.type, dtype=dtype, enabled=amp is not None)

    def tally_nothing(self) -> Float[Tensor, "3"]:
        return torch.zeros(3, dtype=torch.float64, device=self.team.device)

    def means(self, sums: Float[Tensor, "3"]) -> tuple[float, float]:
        """Return the loss and the share of right answers over the samples of all processes."""
        loss, right, count = self.team.total(sums).tolist()
        return loss / count, right / count

    def state(self) -> dict[str, Any]:
        """Return what a run needs besides its history in order to go on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `state` returned."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])


def at_least_float32(logits: Float[Tensor, "b k"]) -> Float[Tensor, "b k"]:
    """Return half-precision logits as float32, others as they are: the loss is a sum."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def tally(
    loss: Float[Tensor, ""], logits: Float[Tensor, "b k"], target: Tensor
) -> Float[Tensor, "3"]:
    """Return the sum of the losses, the right answers and the samples of a batch."""
    right = (logits.argmax(dim=1) == target).sum()
    return torch.stack([loss.double(), right.double(), right.new_tensor(len(target)).double()])


def make_optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Build the recipe's optimizer for all parameters of a model."""
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(
            model.parameters(),
            lr=recipe.lr,
            betas=(recipe.momentum, 0.999),
            weight_decay=recipe.weight_decay,
        )
    return torch.optim.SGD(
        model.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
    )
