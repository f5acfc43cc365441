"""What a training run says while it runs: a line an epoch, and one a minute in long epochs."""

import time
from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from cbam_teach.language import say

EVERY = 60.0  # seconds between two lines within an epoch


class Progress:
    """Print where a run stands.

    Args:
        epochs: how many there are.
        steps: steps of an epoch.
        shown: whether anything is printed.
        clock: returns seconds; only differences count.
    """

    def __init__(
        self, epochs: int, steps: int, shown: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.epochs, self.steps, self.shown, self.clock = epochs, steps, shown, clock
        self.begun = self.epoch_begun = self.said = clock()
        self.done = 0  # epochs that this process has seen from end to end

    def resumed(self, epoch: int) -> None:
        """Say after which epoch the run goes on."""
        if self.shown and epoch:
            print(say("training.resumed", epoch=epoch, epochs=self.epochs), flush=True)

    def start(self) -> None:
        """Note the beginning of an epoch."""
        self.epoch_begun = self.said = self.clock()

    def step(self, epoch: int, step: int, sums: Float[Tensor, "3"]) -> None:
        """Say where a long epoch stands; `trainer.tally`'s sums are read if a line is due."""
        now = self.clock()
        if not self.shown or now - self.said < EVERY or step == self.steps:
            return
        self.said = now
        left = (now - self.epoch_begun) * (self.steps - step) / step
        line = say(
            "training.step", epoch=epoch, epochs=self.epochs, step=step, steps=self.steps,
            loss=f"{float(sums[0] / sums[2]):.4f}", left=duration(left),
        )  # fmt: skip
        print(line, flush=True)

    def end(self, epoch: int, loss: float, train: float, validation: float) -> float:
        """Say how an epoch ended, with two accuracies in [0, 1]; return its seconds."""
        now = self.clock()
        self.done += 1
        left = (now - self.begun) * (self.epochs - epoch) / self.done
        if self.shown:
            line = say(
                "training.epoch", epoch=epoch, epochs=self.epochs, loss=f"{loss:.4f}",
                train=f"{train:.4f}", validation=f"{validation:.4f}", left=duration(left),
            )  # fmt: skip
            print(line, flush=True)
        return now - self.epoch_begun


def duration(seconds: float) -> str:
    """Say a time in its two largest units: ``"1 h 5 min"``, ``"3 min 20 s"``, ``"8 s"``."""
    whole = round(seconds)
    if whole >= 3600:
        return say("training.hours", hours=whole // 3600, minutes=whole % 3600 // 60)
    if whole >= 60:
        return say("training.minutes", minutes=whole // 60, seconds=whole % 60)
    return say("training.seconds", seconds=whole)
