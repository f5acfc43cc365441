"""A block put into words for its drawing."""

from collections.abc import Callable

from cbam_teach.doctor.operations import CONV, NORM, PASS
from cbam_teach.doctor.probe import Probe
from cbam_teach.doctor.record import Step
from cbam_teach.doctor.report import Anatomy

#: Operation -> what it is called in a drawing.
LABELS = {
    "relu": "ReLU", "silu": "SiLU", "gelu": "GELU", "hardswish": "Hardswish", "elu": "ELU",
    "leaky_relu": "LeakyReLU", "mish": "Mish", "sigmoid": "Sigmoid", "tanh": "Tanh",
    "native_group_norm": "GN", "native_layer_norm": "LN", "native_dropout": "Dropout",
    "prelu": "PReLU", "_prelu_kernel": "PReLU", "hardtanh": "ReLU6",
}  # fmt: skip


def described(probe: Probe) -> Anatomy:
    """Return how a block is built, as plain words and numbers."""
    place, s = probe.place, probe.structure
    skip = "none"
    if place.skips:
        skip = "projection" if s.layers(place.skips[0]) else "identity"
    end = place.branch[0] if place.branch else s.graph.record.output
    steps = sorted(s.way(end), key=lambda step: step.outputs[:1])
    masked = {gating.out for gating in s.gatings} if place.found == "middle" else set()
    branch = ["attention" if not masked.isdisjoint(step.outputs) else label(step, s.graph.shape)
              for step in steps if masked & {*step.outputs} or not s.graph.owned(step)]  # fmt: skip
    last = max((i for i, name in enumerate(branch) if name == "attention"), default=0)
    branch = [name for i, name in enumerate(branch) if name != "attention" or i == last]
    operation = "multiply" if s.gatings and not s.added else "add" if s.added else "none"
    return Anatomy(
        skip=skip,
        skips=len(place.skips),
        branch=tuple(name for name in branch if name),
        found=place.found,
        masks=tuple(s.graph.shape(g.factor) for g in s.gatings),
        operation=operation,
        after=tuple(name for step in reversed(s.after)
                    if (name := label(step, s.graph.shape)) and not s.graph.owned(step)),
        seen=place.seen,
    )  # fmt: skip


def label(step: Step, shape: Callable[[int], tuple[int, ...]]) -> str:
    """Return what a step is called, or nothing for one that is not worth a box."""
    if step.op in CONV:
        sizes = shape(step.inputs[1]) if len(step.inputs) > 1 else ()
        return f"conv {sizes[2]}×{sizes[3]}" if len(sizes) == 4 else "linear"
    if step.op in NORM:
        return LABELS.get(step.op, "BN")
    return "" if step.op in PASS else LABELS.get(step.op, "")
