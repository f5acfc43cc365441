"""What a router was seen to do, and what may be concluded from it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cbam_teach.language import say

#: A router has collapsed when one branch has at least DOMINANT of the weight in at least
#: EVERYWHERE of all places.
DOMINANT, EVERYWHERE = 0.95, 0.99

#: A router ignores its input when the weight of no branch varies by more than this from sample
#: to sample, as a standard deviation; the weights themselves go from 0 to 1.
STILL = 0.01


@dataclass(frozen=True)
class RouterUse:
    """What one router did. A place is a sample, or one pixel of it where each pixel decides.

    Attributes:
        branches: K.
        per_pixel: whether every pixel has its own weights.
        shared: whether all samples have the same weights by construction.
        entropy: mean over the places of -Σ_k w_k ln w_k, in nats: 0 where one branch has all
            the weight, ln K where all have the same.
        usage: mean weight of each branch over the places; they sum to 1.
        wins: share of the places where each branch is the largest; those that are equal
            divide a place among them.
        dominance: share of the places where each branch has at least `DOMINANT` of the weight.
        between_samples: standard deviation of each branch's weight from sample to sample; with
            weights per pixel, taken at each pixel, then the root of the mean square over these.
        between_pixels: standard deviation of each branch's weight from pixel to pixel of a
            sample, the root of the mean square over the samples; 0 with weights per sample.
    """

    branches: int
    per_pixel: bool
    shared: bool
    entropy: float
    usage: tuple[float, ...]
    wins: tuple[float, ...]
    dominance: tuple[float, ...]
    between_samples: tuple[float, ...]
    between_pixels: tuple[float, ...]

    @property
    def entropy_share(self) -> float:
        """The entropy as a share of ln K, from 0 to 1."""
        return self.entropy / math.log(self.branches)

    @property
    def collapsed(self) -> bool:
        """Whether one branch has nearly all the weight nearly everywhere."""
        return max(self.dominance) >= EVERYWHERE

    @property
    def ignores_input(self) -> bool:
        """Whether the weights are nearly the same for every sample: dynamic in name only."""
        return max(self.between_samples) <= STILL

    def findings(self) -> list[str]:
        """Return what may be concluded, one sentence each, in the reader's language."""
        found = []
        if self.collapsed:
            found.append(
                say("routers.collapsed", branch=1 + self.dominance.index(max(self.dominance)),
                    weight=DOMINANT, places=EVERYWHERE)
            )  # fmt: skip
        if self.shared:
            found.append(say("routers.shared"))
        elif self.ignores_input:
            found.append(say("routers.ignores", still=STILL))
        return found or [say("routers.alive")]

    def __str__(self) -> str:
        rows = {
            say("routers.usage"): self.usage,
            say("routers.wins"): self.wins,
            say("routers.between_samples"): self.between_samples,
        }
        if self.per_pixel:
            rows[say("routers.between_pixels")] = self.between_pixels
        head = say("routers.branch")
        wide = max(map(len, [head, *rows]))
        nats, share = f"{self.entropy:.3f}", f"{self.entropy_share:.3f}"
        lines = [say("routers.entropy", nats=nats, share=share)]
        lines.append(f"{head:<{wide}}" + "".join(f"{k:>7}" for k in range(1, self.branches + 1)))
        for name, values in rows.items():
            lines.append(f"{name:<{wide}}" + "".join(f"{value:7.3f}" for value in values))
        return "\n".join([*lines, *(f"-> {sentence}" for sentence in self.findings())])


@dataclass(frozen=True)
class RouterReport:
    """What all routers of a model did; ``print(report)`` says it in the reader's language.

    Attributes:
        routers: qualified name, as `named_modules` gives it -> `RouterUse`. A router that is
            itself the model has the name ``""``.
        samples: how many samples were looked at.
    """

    routers: Mapping[str, RouterUse]
    samples: int

    def __str__(self) -> str:
        parts = [say("routers.title", samples=self.samples)]
        for name, use in self.routers.items():
            per = say("routers.per_pixel" if use.per_pixel else "routers.per_sample")
            parts.append(f"{name or 'model'} ({per})\n{use}".replace("\n", "\n  "))
        return "\n\n".join(parts)
