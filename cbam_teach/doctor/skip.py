"""Check of the skip path: with the mask at 0 it is left, exactly."""

import torch
from torch import Tensor

from cbam_teach.doctor.finding import failed, passed, remark, silent
from cbam_teach.doctor.operations import ADD
from cbam_teach.doctor.probe import Probe, apart, largest, tolerance
from cbam_teach.doctor.report import Finding


def skip_untouched(probe: Probe) -> Finding:
    """With the mask at 0 only the skip is left, exactly."""
    check, place, s = "skip-untouched", probe.place, probe.structure
    if not s.gatings or not s.terms or place.found == "unused":
        return silent(check, "none")
    if probe.declared in ("after", "beside"):
        return silent(check, probe.declared)
    for term in place.skips:
        difference = changed_skip(probe, term)
        if difference is not None:
            return failed(check, "changed", difference=difference)
    if place.found == "after" or any(map(s.attended, place.skips)):
        return failed(check, "masked", place=place.found)
    if share := always_open(probe):
        return failed(check, "leaks", left=share)
    closed, skip = probe.closed, probe.branchless
    if closed.result is None or skip.result is None:
        return silent(check, "none")
    left = apart(closed.result, skip.result)
    if probe.declared == "before" or place.found in ("before", "middle"):
        return passed(check, left=left) if left <= tolerance(probe.x) else silent(check, "before")
    if left <= tolerance(probe.x) and closed_branch(
        [closed.kept[t] for t in place.branch if t in closed.kept]
    ):
        return passed(check, left=left)
    return what_is_left(probe, left)


def always_open(probe: Probe) -> float:
    """Return the share of places at which a spatial mask is 1 for every sample and input."""
    s, most = probe.structure, 0.0
    for g in s.gatings:
        masks = [kept[g.factor] for kept in (probe.here, probe.there) if g.factor in kept]
        if len(masks) == 2 and min(s.extent(g)[2:], default=1) > 1 and len(masks[0]) > 1:
            ones = torch.cat(masks).eq(1).all(0)
            most = max(most, ones.double().mean().item() if not bool(ones.all()) else 0.0)
    return most


def closed_branch(terms: list[Tensor]) -> bool:
    """Return whether the terms of the branch are 0 together."""
    if len({t.shape for t in terms}) > 1:
        return False
    scale = max(map(largest, terms), default=0.0)
    return scale == 0 or largest(torch.stack(terms).sum(0)) <= tolerance(terms[0]) * scale


def what_is_left(probe: Probe, left: float) -> Finding:
    """Tell a mixing scalar and 1 + mask from features that pass beside the mask."""
    check, place = "skip-untouched", probe.place
    end = mixed_end(probe)
    values = [end] if end is not None and len(place.branch) == 1 else list(place.branch)
    entry = place.entry or 0
    bare, whole = probe.closed.kept, probe.opened.kept
    if any(v not in kept for v in values for kept in (bare, whole)) or place.others:
        return failed(check, "leaks", left=left)
    features = whole[entry]
    if any(bare[v].shape != features.shape for v in values):
        return failed(check, "leaks", left=left)
    at_0 = sum((bare[v] for v in values), torch.zeros_like(features))
    at_1 = sum((whole[v] for v in values), torch.zeros_like(features))
    near = tolerance(probe.x)
    kept = largest(at_0) / (largest(features) or 1.0)
    if kept == 0:
        return failed(check, "leaks", left=left)
    if apart(at_1, features) <= near:
        return remark(check, "mixing", left=left, kept=kept)
    if apart(at_0, features) <= near:
        return remark(check, "one_plus", left=left, kept=kept)
    return failed(check, "leaks", left=left, kept=kept)


def mixed_end(probe: Probe) -> int | None:
    """Return the last value that is still a weighted sum of masked and bare features."""
    place, s = probe.place, probe.structure
    if place.main is None:
        return None
    value, branch = place.main, set(s.graph.back(place.main, s.inputs))
    sums = [g.out for g in s.gatings if g.out in branch]
    joins = (step for step in s.way(value) if step.op in ADD and len(s.inputs(step)) == 2)
    sums += [step.outputs[0] for step in joins if s.attended(step.outputs[0])]
    return max(sums, default=None)


def changed_skip(probe: Probe, term: int) -> float | None:
    """Return how far a skip without layers is from x, where it should be x itself."""
    s = probe.structure
    if s.layers(term) or s.graph.shape(term) != s.graph.shape(0) or s.attended(term):
        return None
    kept = probe.here.get(term, probe.x)
    difference = apart(kept, probe.x)
    cut = any(step.op == "detach" for step in s.way(term))
    return difference if difference > tolerance(probe.x) or cut else None
