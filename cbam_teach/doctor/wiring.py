"""Checks of the wiring: what attention is given, what is done with its mask, what is added."""

from cbam_teach.doctor.finding import failed, passed, remark, silent
from cbam_teach.doctor.probe import Probe, apart
from cbam_teach.doctor.report import Finding

#: Where attention stands -> what it must be given there.
RIGHT = {
    "inside": ("branch",),
    "before": ("input",),
    "after": ("sum",),
    "beside": ("skip", "input"),
}


def sees_branch(probe: Probe) -> Finding:
    """Attention is given F(x), or what the declared place asks for."""
    check, place, s = "sees-branch", probe.place, probe.structure
    if not s.calls and not s.gatings:
        return silent(check, "never")
    given = next(iter(s.given.values()), place.entry)
    evidence: dict[str, object] = {"place": place.found}
    if given is not None and s.graph.shape(given) == s.graph.shape(0):
        u = probe.here.get(given, probe.x)
        evidence["input_difference"] = apart(u, probe.x)
    if place.seen not in RIGHT[probe.declared]:
        return failed(check, place.seen, **evidence)
    if not place.same:
        return failed(check, "other", **evidence)
    if probe.declared == "inside" and place.found == "middle":
        return remark(check, "middle", **evidence)
    if s.gatings and place.found != probe.declared:
        case = {"unused": "unused", "beside": "skip", "after": "sum"}.get(place.found, "other")
        return failed(check, case, **evidence)
    return passed(check, **evidence)


def multiplies(probe: Probe) -> Finding:
    """The mask multiplies the features and is not added."""
    check, s = "multiplies", probe.structure
    if not s.calls and not s.gatings:
        return failed(check, "never")
    if s.added:
        return failed(check, "added", values=len(s.added))
    if not s.gatings or thrown_away(probe):
        return failed(check, "ignored")
    kept, worst = probe.here, 0.0
    for g in s.gatings:
        if {g.features, g.factor, g.out} <= kept.keys():
            worst = max(worst, apart(kept[g.out], kept[g.features] * kept[g.factor]))
    return passed(check, difference=worst)


def thrown_away(probe: Probe) -> bool:
    """Return whether a product with a mask, or what attention returned, goes nowhere."""
    graph, s = probe.structure.graph, probe.structure
    used = set(graph.back(graph.record.output))
    products = [step for step in graph.record.steps if graph.pair(step)]
    lost = any(used.isdisjoint(step.outputs) for step in products)
    return lost or any(used.isdisjoint(call.outputs) for call in s.calls)
