"""How a residual block is built, read off the record of one pass: its masks and its last sum."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from cbam_teach.doctor.graph import Graph, count
from cbam_teach.doctor.operations import ADD, CONV, GATE, NORM, PASS, REDUCE, SIGMOID
from cbam_teach.doctor.record import Call, Step


@dataclass(frozen=True)
class Gating:
    """One product of features and a factor that attention made: values of the record.

    ``mask`` is the factor before constants were added to it or multiplied into it, as in 1 + m.
    """

    features: int
    factor: int
    mask: int
    out: int
    shifted: bool  # whether a constant was added


@dataclass
class Structure:
    """What a record tells about a block."""

    graph: Graph
    gatings: list[Gating] = field(default_factory=list)  # in the order of the pass
    added: list[Step] = field(default_factory=list)  # gates and pools whose result is no factor
    terms: list[int] = field(default_factory=list)  # of the last sum; empty where there is none
    total: int | None = None  # the value of that sum
    after: list[Step] = field(default_factory=list)  # from the sum to the output
    behind: bool = False  # attention stands between the sum and the output

    def __post_init__(self) -> None:
        if self.graph.record.output >= 0:  # the pass ended well
            self._follow(blind=False)
            if not self.gatings:
                self._follow(blind=True)
            self._find_sum()
            if not self.terms:
                self.after, self.behind = [], False

    @cached_property
    def given(self) -> dict[str, int]:
        """Name of an attention module -> the map it is given, in the order of the calls."""
        found: dict[str, int] = {}
        for call in self.graph.record.calls:
            if call.name in self.graph.names and call.name not in found:
                maps = [v for v in call.inputs if len(self.graph.shape(v)) >= 2]
                if maps:
                    found[call.name] = maps[0]
        return found

    @cached_property
    def several(self) -> set[str]:
        """The attention modules that are given more than one map."""
        return {call.name for call in self.calls
                if len({v for v in call.inputs if len(self.graph.shape(v)) == 4}) > 1}  # fmt: skip

    @cached_property
    def calls(self) -> list[Call]:
        """The calls of the attention's modules."""
        return [call for call in self.graph.record.calls if call.name in self.graph.names]

    def inputs(self, step: Step) -> list[int]:
        """Return what of a step's inputs carries features: all but a mask."""
        for gating in self.gatings:
            if gating.out in step.outputs and gating.features in step.inputs:
                return [gating.features]
        base = self.graph.activated(step)
        return self.graph.moving(step) if base is None else [base]

    def way(self, value: int) -> Iterator[Step]:
        """Yield the steps that features took to a value."""
        maker = self.graph.maker
        for v in self.graph.back(value, self.inputs):
            if v in maker:
                yield maker[v]

    def layers(self, value: int) -> list[Step]:
        """Return the layers of the block itself on the way to a value."""
        return [s for s in self.way(value) if s.op in CONV and not self.graph.owned(s)]

    def weight(self, value: int) -> tuple[int, int]:
        """Return how much stands on the way to a value: layers, and the size of the largest."""
        found = self.layers(value)
        sizes = [max((count(self.graph.shape(v)[2:]) for v in s.inputs
                      if v not in self.graph.from_x), default=1) for s in found]  # fmt: skip
        return len(found), max(sizes, default=0)

    def direct(self, value: int) -> bool:
        """Return whether x reaches a value past every layer: by sums, norms and activations."""
        joins = ADD | PASS | NORM | {"mul", "div", "stack", "sum"}

        def free(step: Step) -> list[int]:
            moving = self.inputs(step)
            return moving if step.op in joins or (len(moving) == 1 and not blocks(step)) else []

        def blocks(step: Step) -> bool:
            return step.op in CONV | REDUCE or step.op in ("slice", "split", "select", "chunk")

        return 0 in set(self.graph.back(value, free))

    def attended(self, value: int) -> bool:
        """Return whether attention had a part in a value."""
        outs = {gating.out for gating in self.gatings}
        back = set(self.graph.back(value, self.inputs))
        return bool(outs & back) or any(self.graph.owned(s) for s in self.way(value))

    def root(self, value: int, *, pooled: bool = False) -> int:
        """Return the features that a value stands for, before masks, activations and shapes.

        ``pooled`` goes back past what brought them together, too.
        """
        stop = CONV | NORM if pooled else CONV | NORM | REDUCE
        while step := self.graph.maker.get(value):
            pair = self.graph.pair(step)
            inputs = [pair[0]] if pair else self.inputs(step)
            if len(inputs) != 1 or step.op in stop:
                break
            value = inputs[0]
        return value

    def looked_at(self, gating: Gating) -> set[int]:
        """Return the values from which a factor was computed, as far as they were there before."""
        made = self.graph.steps_between(gating.features, gating.factor)
        inside = {v for step in made for v in step.outputs}
        return {v for step in made for v in self.graph.moving(step)} - inside

    def extent(self, gating: Gating) -> tuple[int, ...]:
        """Return the shape of a factor before it was spread over the map."""
        shape, step = self.graph.shape(gating.factor), self.graph.maker.get(gating.factor)
        if step and step.op == "expand" and len(self.graph.shape(step.inputs[0])) == len(shape):
            return self.graph.shape(step.inputs[0])
        return shape

    def turned(self, gating: Gating) -> bool:
        """Return whether the features were given to the mask with their axes exchanged."""
        step = self.graph.maker.get(gating.features)
        while step and (step.op in PASS or step.op in ("add", "mul")):
            if step.op in ("permute", "transpose", "t"):
                return True
            inputs = self.inputs(step)
            step = self.graph.maker.get(inputs[0]) if len(inputs) == 1 else None
        return False

    def peeled(self, value: int) -> tuple[int, bool]:
        """Return a factor without its constants and shapes, and whether one had been added."""
        shifted = False
        while step := self.graph.maker.get(value):
            moving = self.graph.moving(step)
            if len(moving) != 1 or step.op not in PASS | ADD | {"mul", "div"}:
                break
            shifted |= step.op in ADD
            value = moving[0]
        return value, shifted

    def _follow(self, blind: bool) -> None:
        """Walk from the output back to x, and find the masks on the way.

        ``blind`` also takes masks that do not depend on x.
        """
        graph, seen = self.graph, {self.graph.record.output}
        self.added = []
        stack = [graph.record.output]
        while stack:
            step = graph.maker.get(stack.pop())
            if step is None:
                continue
            inputs = graph.moving(step)
            if pair := graph.pair(step, blind):
                features, factor = pair
                mask, shifted = self.peeled(factor)
                bare = graph.maker[mask].op in PASS | {"cat"} if mask in graph.maker else True
                mask = factor if bare else mask
                self.gatings.append(Gating(features, factor, mask, step.outputs[0], shifted))
                inputs = [features]
            elif (graph.owned(step) and step.op in GATE | REDUCE) or (
                not graph.names and step.op in SIGMOID and graph.joins(step)
            ):
                self.added.append(step)
            new = [v for v in inputs if v not in seen]
            seen.update(new)
            stack.extend(new)
        self.gatings.sort(key=lambda gating: gating.out)

    def _find_sum(self) -> None:
        """Walk from the output back to the last sum of two maps."""
        graph, value = self.graph, self.graph.record.output
        entries = self.given
        while step := graph.maker.get(value):
            inputs = self.inputs(step)
            owners = [name for name in step.scope if name in entries]
            if owners and value not in graph.back(entries[owners[0]]):
                self.behind, value = True, entries[owners[0]]
            elif step.op in ADD | {"stack"} and len(inputs) >= 2:
                self.total = step.outputs[0]
                self.terms = list(self._flat(step))
                return
            elif len(inputs) != 1 or step.op in CONV:
                return
            else:
                self.behind |= any(g.out == value for g in self.gatings)
                self.after.append(step)
                value = inputs[0]

    def _flat(self, step: Step) -> Iterator[int]:
        """Yield the terms of a sum, those of the sums in it as well."""
        for value in self.inputs(step) if step.op != "stack" else step.inputs:
            maker = self.graph.maker.get(value)
            inner = maker is not None and not self.graph.owned(maker) and maker.op in ADD
            if inner and maker and len(self.inputs(maker)) == 2:
                yield from self._flat(maker)
            else:
                yield value
