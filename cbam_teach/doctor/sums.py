"""Check of the sum: the skip is added once, at the end, and not inside the attention too."""

from torch import Tensor

from cbam_teach.doctor.finding import failed, passed, remark
from cbam_teach.doctor.operations import ADD
from cbam_teach.doctor.probe import Probe, apart, largest, tolerance
from cbam_teach.doctor.report import Finding

#: A term is x twice from this factor on; a learned scale of the skip that starts at 1 is not.
TWICE = 1.5
#: With the mask at 1 attention that adds its own input gives it this many times, but for rounding.
DOUBLED = 1.9
#: Terms are multiples of each other where the cosine between them is 1 but for this.
PARALLEL = 1e-6


def adds_once(probe: Probe) -> Finding:
    """The skip is added once, at the end, and not inside the attention too."""
    check, place, s = "adds-once", probe.place, probe.structure
    if not place.skips:
        return failed(check, "never", skips=0)
    if place.main is not None and place.found != "after":
        early = place.entry is not None and double(probe, place.entry)
        back = set(s.graph.back(place.main, s.inputs))
        again = any(t in back for t in place.skips if s.layers(t) and t != place.main)
        if double(probe, place.main) or again:
            return failed(check, "early" if early or again else "inside", skips=2)
    if subtracted(probe):
        return failed(check, "never", scale=-1)
    kept = {term: probe.here[term] for term in place.skips if term in probe.here}
    first = place.skips[0]
    same = [t for t in place.skips[1:]
            if s.root(t) == s.root(first) or alike(kept.get(t), kept.get(first))]  # fmt: skip
    if same or twice_x(probe, kept):
        return failed(check, "twice", skips=1 + max(1, len(same)))
    if own_input_added(probe):
        return failed(check, "inside", skips=1)
    scaled = any(step.op in ("mul", "div") and step.constants and len(s.inputs(step)) == 1
                 and not s.graph.owned(step) for step in s.after)  # fmt: skip
    return remark(check, "scaled", skips=1) if scaled else passed(check, skips=1)


def subtracted(probe: Probe) -> bool:
    """Return whether the skip is taken off the branch, not added to it."""
    place, s = probe.place, probe.structure
    total, skip = s.total, place.skips[0]
    if total is None or len(place.skips) > 1 or skip not in probe.here or s.attended(skip):
        return False
    alone = probe.branchless.kept.get(total)
    return alone is not None and apart(alone, -probe.here[skip]) <= tolerance(probe.x)


def double(probe: Probe, value: int) -> bool:
    """Return whether a value holds both x itself and what the layers made of it."""
    return probe.structure.direct(value) and bool(probe.structure.layers(value))


def alike(one: Tensor | None, other: Tensor | None) -> bool:
    """Return whether two terms are multiples of each other."""
    if one is None or other is None or one.shape != other.shape:
        return False
    p, q = one.double().flatten(), other.double().flatten()
    length = p.norm() * q.norm()
    return bool(length > 0) and bool((p @ q).abs() / length > 1 - PARALLEL)


def twice_x(probe: Probe, kept: dict[int, Tensor]) -> bool:
    """Return whether a term is x more than once, such as 2 * x."""
    for term in kept.values():
        if term.shape == probe.x.shape and alike(term, probe.x):
            return (term.double().norm() / probe.x.double().norm()).item() > TWICE
    return False


def own_input_added(probe: Probe) -> bool:
    """Return whether attention adds the features that it masks, bare and whole, to its result."""
    place, s = probe.place, probe.structure
    if place.entry is None or not s.gatings or (place.main is None and not s.behind):
        return False
    start = place.main if place.main is not None else s.graph.record.output
    sums = [step for step in s.way(start) if step.op in ADD and s.graph.owned(step)
            and len(s.inputs(step)) == 2]  # fmt: skip
    if not sums:
        return False
    end = max(step.outputs[0] for step in sums)
    bare, whole = probe.closed.kept, probe.opened.kept
    if end not in bare or end not in whole or any(g.shifted for g in s.gatings):
        return False
    features = bare[place.entry]
    if apart(bare[end], features) > tolerance(probe.x) or not alike(whole[end], features):
        return False
    return largest(whole[end]) > DOUBLED * largest(features)
