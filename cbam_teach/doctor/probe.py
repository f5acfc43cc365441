"""A block at hand: run it, watched, with values kept or put in the place of others."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor, nn

from cbam_teach.doctor.anatomy import Structure
from cbam_teach.doctor.care import noise, reseed, same_state, set_mode
from cbam_teach.doctor.graph import Graph
from cbam_teach.doctor.operations import ADD
from cbam_teach.doctor.place import Place
from cbam_teach.doctor.record import Record
from cbam_teach.doctor.watch import watched

#: Two numbers that differ by less than this share of the larger are the same.
TOLERANCE = 1e-5

#: What rounding may add to [0, 1].
SLACK = 1e-6

Change = Callable[[Tensor], Tensor]


@dataclass
class Probe:
    """A block, an input for it, and how it was built as far as a pass in one mode shows.

    Args:
        block: the module.
        x: (B, C, H, W), an input on which it runs.
        names: qualified names of the attention's modules.
        declared: where the attention is said to stand.
        training: the mode in which it is run.
        seed: for everything random in a pass.
        loose: whether masks need no gate to be known, as in `Graph`.
        norms_rest: whether batch norms use their running statistics in training mode too.
    """

    block: nn.Module
    x: Tensor
    names: frozenset[str]
    declared: str
    training: bool = False
    norms_rest: bool = False
    seed: int = 0
    loose: bool = False

    def run(
        self,
        x: Tensor | None = None,
        *,
        keep: Collection[int] = (),
        put: Mapping[int, Change] | None = None,
    ) -> Record:
        """Run the block on x, or on its own input, from the same seed."""
        reseed(self.seed)
        set_mode(self.block, self.training, self.norms_rest)
        with same_state(self.block):
            return watched(self.block, self.x if x is None else x, keep=keep, put=put)

    @cached_property
    def record(self) -> Record:
        return self.run()

    @cached_property
    def structure(self) -> Structure:
        return Structure(Graph(self.record, self.names, self.loose))

    @cached_property
    def place(self) -> Place:
        return Place(self.structure, self.declared)

    @cached_property
    def worth_keeping(self) -> frozenset[int]:
        """The values that checks ask for: the parts of each product, the terms of the sum."""
        s, found = self.structure, set(self.structure.terms)
        for g in s.gatings:
            found |= {g.features, g.mask, g.factor, g.out}
        found |= set(s.given.values())
        return frozenset(found | ({self.place.entry} if self.place.entry is not None else set()))

    @cached_property
    def here(self) -> dict[int, Tensor]:
        """Those values for the block's input."""
        return self.sure(self.run(keep=self.worth_keeping))

    @cached_property
    def there(self) -> dict[int, Tensor]:
        """Those values for another input, ten times as strong."""
        return self.sure(self.run(self.random(scale=10.0, seed=2), keep=self.worth_keeping))

    @staticmethod
    def sure(record: Record) -> dict[int, Tensor]:
        """Return what a pass kept, or raise what it ended with."""
        if record.error is not None:
            raise record.error
        return record.kept

    @cached_property
    def masks(self) -> tuple[int, ...]:
        """The values that are masks, each once, in the order of the pass.

        The factor itself if it is in [0, 1], else what stands before its constants if that is, as
        in 1 + m.
        """
        kept, chosen = self.there, []
        for g in self.structure.gatings:
            whole = g.factor not in kept or bounded(kept[g.factor])
            inner = g.mask in kept and bounded(kept[g.mask])
            chosen.append(g.factor if whole or not inner else g.mask)
        return tuple(dict.fromkeys(chosen))

    @cached_property
    def closed(self) -> Record:
        """The pass with every mask at 0; kept is what is worth keeping, and every inner sum."""
        return self.run(keep=self.sums, put=dict.fromkeys(self.masks, torch.zeros_like))

    @cached_property
    def opened(self) -> Record:
        """The pass with every mask at 1."""
        return self.run(keep=self.sums, put=dict.fromkeys(self.masks, torch.ones_like))

    @cached_property
    def branchless(self) -> Record:
        """The pass with 0 in the place of what the branch adds."""
        terms = (*self.place.branch, *self.place.others)
        return self.run(keep=self.sums, put=dict.fromkeys(terms, torch.zeros_like))

    @cached_property
    def sums(self) -> frozenset[int]:
        """What is worth keeping, and the sums of two values that depend on x."""
        steps = self.structure.graph.record.steps
        found = (s.outputs for s in steps if s.op in ADD and len(self.structure.inputs(s)) == 2)
        return self.worth_keeping.union(*found)

    def at(self, x: Tensor) -> "Probe":
        """Return the same for another input."""
        return replace(self, x=x)

    def random(self, *shape: int, scale: float = 1.0, seed: int = 1) -> Tensor:
        """Return random numbers like x, or of another shape, the same each time."""
        return noise(shape or self.x.shape, self.x, seed, scale)


def bounded(mask: Tensor) -> bool:
    """Return whether all numbers are in [0, 1], up to rounding; NaN passes."""
    return not bool(((mask < -SLACK) | (mask > 1 + SLACK)).any())


def largest(tensor: Tensor) -> float:
    """Return the largest absolute value, infinity where one is not a number."""
    if tensor.numel() == 0:
        return 0.0
    found = tensor.detach().double().abs().max().item()
    return found if found == found else float("inf")


def apart(one: Tensor, other: Tensor) -> float:
    """Return how far two tensors are apart, relative to the larger; infinity for other shapes."""
    if one.shape != other.shape:
        return float("inf")
    scale = max(largest(one), largest(other))
    return largest(one.double() - other.double()) / scale if 0 < scale < float("inf") else (
        0.0 if scale == 0 else float("inf"))  # fmt: skip


def tolerance(tensor: Tensor) -> float:
    """Return the relative tolerance for numbers of this type."""
    return max(TOLERANCE, 16 * torch.finfo(tensor.dtype).eps)
