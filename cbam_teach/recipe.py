"""What a training run is made of, apart from its model and its data; read from TOML as well."""

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cbam_teach import checks
from cbam_teach.language import problem

SCHEDULES = ("constant", "step", "cosine")
AMPS = ("bfloat16", "float16")
OPTIMIZERS = ("sgd", "adamw")

Table = TypeVar("Table")


@dataclass(frozen=True)
class Recipe:
    """How a model is trained: cross-entropy, and gradient descent with momentum or AdamW.

    Args:
        epochs: how many times the training set is gone through.
        batch_size: samples of one step, those of all processes together. The rest of an
            epoch that fills no batch is left out; the order changes with every epoch.
        lr: learning rate, its largest value.
        momentum: share of the last step that is taken again, in [0, 1); with "adamw" its β₁.
        weight_decay: the multiple of each parameter that is added to its gradient; with
            "adamw" it is taken off the parameter, times the learning rate, beside the step.
        schedule: "constant"; "step", which multiplies the rate by ``gamma`` at each of the
            ``milestones``; "cosine", which brings it to 0 along half a cosine.
        milestones: with "step" only: the epochs after which the rate falls, ascending.
        gamma: with "step" only: the factor, above 0 and below 1.
        warm_up: the first so many epochs, over which the rate also grows evenly to its value.
        label_smoothing: share of the target that is spread over all classes, in [0, 1).
        amp: None, or the type in which autocast computes: "bfloat16", or "float16" with
            scaled gradients, on CUDA only.
        optimizer: "sgd", or "adamw" (Loshchilov and Hutter, 2019) with β₂ = 0.999.
        seed: of the order of samples and of everything random while training. The first
            weights are the model's own.
        workers: processes that load data; 0 loads in the training process. It is the one
            setting that may change when a run is resumed.

    Raises:
        TypeError, ValueError: for a value that is not allowed, or one that the schedule
            would ignore.
    """

    epochs: int
    batch_size: int
    lr: float
    momentum: float = 0.9
    weight_decay: float = 0.0
    schedule: str = "constant"
    milestones: tuple[int, ...] = ()
    gamma: float | None = None
    warm_up: int = 0
    label_smoothing: float = 0.0
    amp: str | None = None
    optimizer: str = "sgd"
    seed: int = 0
    workers: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for option in ("epochs", "batch_size"):
            checks.integer("Recipe", option, getattr(self, option))
        for option in ("warm_up", "seed", "workers"):
            checks.integer("Recipe", option, getattr(self, option), least=0)
        checks.number("Recipe", "lr", self.lr, above=0)
        checks.number("Recipe", "weight_decay", self.weight_decay, least=0)
        for option in ("momentum", "label_smoothing"):
            checks.number("Recipe", option, getattr(self, option), least=0, below=1)
        checks.choice("Recipe", "schedule", self.schedule, SCHEDULES)
        checks.choice("Recipe", "optimizer", self.optimizer, OPTIMIZERS)
        if self.amp is not None:
            checks.choice("Recipe", "amp", self.amp, AMPS)
        checks.number("Recipe", "warm_up", self.warm_up, most=self.epochs - 1)
        checks.sequence("Recipe", "milestones", self.milestones)
        object.__setattr__(self, "milestones", tuple(self.milestones))  # of a list as well
        self._check_schedule()

    def _check_schedule(self) -> None:
        """Refuse a "step" without its two numbers, and another word with them."""
        if self.schedule == "step":
            if not self.milestones or self.gamma is None:
                raise problem(
                    ValueError, "error.recipe_step", given=self._steps(),
                    allowed="milestones=(30, 60), gamma=0.1",
                )  # fmt: skip
            checks.number("Recipe", "gamma", self.gamma, above=0, below=1)
            last = 0
            for epoch in self.milestones:
                checks.integer("Recipe", "milestones", epoch, least=last + 1)
                last = epoch
            checks.number("Recipe", "milestones", last, most=self.epochs - 1)
        elif self.milestones or self.gamma is not None:
            raise problem(
                ValueError, "error.recipe_no_step", schedule=self.schedule, given=self._steps(),
                allowed="schedule='step'",
            )  # fmt: skip

    def _steps(self) -> str:
        return f"milestones={self.milestones}, gamma={self.gamma}"


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Return the learning rate of one step.

    Args:
        recipe: what it is computed from; nothing else is remembered from step to step.
        step: number of the step in the whole run, the first being 0.
        steps: steps of one epoch.
    """
    rising = recipe.warm_up * steps  # steps of the warm-up
    rate = recipe.lr * min(1.0, (step + 1) / rising) if rising else recipe.lr
    if recipe.schedule == "step":
        assert recipe.gamma is not None
        return rate * recipe.gamma ** sum(step // steps >= m for m in recipe.milestones)
    if recipe.schedule == "cosine":
        done = max(0, step - rising) / (recipe.epochs * steps - rising)  # in [0, 1)
        return rate * (1 + math.cos(math.pi * done)) / 2
    return rate


def from_table(kind: type[Table], name: str, table: Mapping[str, Any]) -> Table:
    """Build a dataclass from a table of TOML; lists become tuples.

    Args:
        kind: the dataclass.
        name: what errors call the table, such as ``"[training]"``.
        table: a value for each field that has no default, and for others at will.

    Raises:
        TypeError, ValueError: for a key that the class does not know, for one that it needs
            and does not find, and for every value that the class refuses.
    """
    if not isinstance(table, Mapping):
        raise problem(TypeError, "error.recipe_table", name=name, given=repr(table), allowed="{…}")
    fields = {entry.name: entry for entry in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = [key for key in table if key not in fields]
    if unknown:
        raise problem(
            ValueError, "error.recipe_key", name=name, given=unknown, allowed=list(fields)
        )
    missing = [
        key
        for key, entry in fields.items()
        if entry.default is dataclasses.MISSING and key not in table
    ]
    if missing:
        raise problem(
            ValueError, "error.recipe_missing", name=name, given=list(table), allowed=missing
        )
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return kind(**values)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        FileNotFoundError, ValueError: when there is none, or it is not TOML; the path is named.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise problem(
            FileNotFoundError, "error.recipe_file", given=str(path), allowed="*.toml"
        ) from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise problem(
            ValueError, "error.recipe_toml", path=path, given=str(error), allowed="key = value"
        ) from error
