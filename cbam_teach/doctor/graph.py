"""Questions that a record of one pass can answer: what came from what, and by which way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from cbam_teach.doctor.operations import ADD, CONV, GATE, PASS, POINTWISE, REDUCE
from cbam_teach.doctor.record import Record, Step


@dataclass
class Graph:
    """A record, with the values that the attention's modules made marked as its own.

    Args:
        record: of a pass that ended well.
        names: qualified names of the attention's modules; without any it is known by what it does.
        loose: then a factor counts as a mask without any gate as well.
    """

    record: Record
    names: frozenset[str]
    loose: bool = False

    @cached_property
    def maker(self) -> dict[int, Step]:
        """Value -> the step that made it."""
        return {value: step for step in self.record.steps for value in step.outputs}

    @cached_property
    def from_x(self) -> frozenset[int]:
        """The values that depend on the block's input."""
        found = {0}
        for step in self.record.steps:
            if found.intersection(step.inputs):
                found.update(step.outputs)
        return frozenset(found)

    def shape(self, value: int) -> tuple[int, ...]:
        return self.record.shapes[value]

    def moving(self, step: Step) -> list[int]:
        """Return those of a step's inputs that depend on the block's input."""
        return [value for value in step.inputs if value in self.from_x]

    def owned(self, step: Step) -> bool:
        """Return whether a step runs inside the attention."""
        return not self.names.isdisjoint(step.scope)

    def back(
        self, value: int, inputs: Callable[[Step], Iterable[int]] | None = None
    ) -> Iterator[int]:
        """Yield a value and all that it came from; ``inputs`` says what of a step counts."""
        inputs = inputs or self.moving
        seen, stack = {value}, [value]
        while stack:
            here = stack.pop()
            yield here
            if step := self.maker.get(here):
                new = [v for v in inputs(step) if v not in seen]
                seen.update(new)
                stack.extend(new)

    def steps_between(
        self, start: int, end: int, inputs: Callable[[Step], Iterable[int]] | None = None
    ) -> list[Step]:
        """Return the steps that the end needs and the start does not."""
        known, ends = set(self.back(start, inputs)), self.back(end, inputs)
        steps = {id(s): s for v in ends if v not in known if (s := self.maker.get(v))}
        return list(steps.values())

    def activated(self, step: Step) -> int | None:
        """Return the value that a product multiplies by a function of itself alone, as x·σ(x)."""
        moving = self.moving(step)
        if step.op not in ("mul", "div") or len(moving) != 2:
            return None
        for base, other in (moving, moving[::-1]):
            made = self.steps_between(base, other)
            alone = all(s.op in POINTWISE and len(self.moving(s)) < 2 for s in made)
            if made and alone and self.shape(base) == self.shape(other):
                return base
        return None

    def blind(self, step: Step) -> tuple[int, int] | None:
        """Return (features, factor) of a product with what attention made without its input."""
        moving = self.moving(step)
        fixed = [v for v in step.inputs if v not in self.from_x and count(self.shape(v)) > 1]
        if fixed and not self.names and self.record.leaves.get(fixed[0]) == "":
            return (moving[0], fixed[0]) if len(moving) == 1 else None  # kept from another call
        if (
            len(moving) != 1
            or len(fixed) != 1
            or self.shape(moving[0]) != self.shape(step.outputs[0])
        ):
            return None
        made = self.steps_between(moving[0], fixed[0], self.everything)
        kinds = {s.op for s in made if self.owned(s)}
        mask = kinds & GATE or any(op.endswith("_like") or op.startswith("new_") for op in kinds)
        return (moving[0], fixed[0]) if mask else None

    def joins(self, step: Step) -> bool:
        """Return whether what a gate gives is added to something, or divides it."""
        value = step.outputs[0]
        for later in self.record.steps:
            if value in later.inputs:
                product = later.op == "mul" and len(self.moving(later)) == 2
                if product or later.op not in PASS | {"mul"}:
                    return later.op in ADD | {"div", "cat", "pow", "stack"}
                value = later.outputs[0]
        return False

    @staticmethod
    def everything(step: Step) -> Iterable[int]:
        """Return all inputs of a step."""
        return step.inputs

    def pair(self, step: Step, blind: bool = False) -> tuple[int, int] | None:
        """Return (features, factor) of a product of two tensors that both depend on x.

        The factor is the smaller, or the one made from the other, or the one that the attention
        had a part in. There is none where a value is multiplied by a function of itself alone, as
        in an activation, or where no part of the factor was made by attention.
        """
        moving = self.moving(step)
        if step.op != "mul" or len(moving) != 2 or moving[0] == moving[1]:
            return self.blind(step) if blind and step.op == "mul" else None
        whole = self.shape(step.outputs[0])
        ways = [(p, q) for p, q in (moving, moving[::-1]) if self.shape(p) == whole]
        ways = [(p, q) for p, q in ways if self.attends(p, q, step)]
        if not ways:
            return None
        return max(ways, key=lambda way: self.likely(*way))

    def likely(self, features: int, factor: int) -> tuple[bool, bool, int]:
        """Return how likely the second is the mask of the first; more is likelier."""
        smaller = self.shape(factor) != self.shape(features)
        made_from = features in set(self.back(factor))
        made = self.steps_between(features, factor)
        return smaller, made_from, sum(map(self.owned, made))

    def attends(self, features: int, factor: int, step: Step) -> bool:
        """Return whether the attention made the factor, and not from each number alone."""
        made = self.steps_between(features, factor)
        alone = all(s.op in POINTWISE and len(self.moving(s)) < 2 for s in made)
        if not made or (alone and self.shape(features) == self.shape(factor)):
            return False
        if self.names:
            return any(map(self.owned, made)) or (self.owned(step) and step.op == "mul")
        kinds = {s.op for s in made}
        normed = kinds & {"rsqrt", "sqrt", "var", "std", "var_mean"}
        gated = bool(kinds & GATE) and bool(kinds & (REDUCE | CONV))
        return gated or (self.loose and bool(kinds & REDUCE) and not normed)


def count(shape: tuple[int, ...]) -> int:
    """Return the product of some sizes."""
    product = 1
    for size in shape:
        product *= size
    return product
