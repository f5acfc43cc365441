"""The check that attention was built for the channels that it masks."""

from functools import partial

import torch
from torch import Tensor

from cbam_teach.doctor.crash import built_for
from cbam_teach.doctor.finding import failed, passed, silent
from cbam_teach.doctor.graph import count
from cbam_teach.doctor.probe import Change, Probe, largest
from cbam_teach.doctor.report import Finding

#: What resamples along one axis.
STRETCH = frozenset(("upsample_linear1d", "upsample_nearest1d"))
GROUPS = 8  # of channels, that are changed one after another
#: What is added to all numbers of a group: to one of these a hidden ReLU may be shut.
SHIFTS = (5.0, -5.0, 50.0, -50.0)
STILL = 1e-9  # a mask, or one channel of it, that changes by less has not changed


def channels_agree(probe: Probe) -> Finding:
    """Attention was built for the channels of the features that it masks."""
    check, s = "channels-agree", probe.structure
    if found := made_to_fit(probe):
        return failed(check, "built_for", wanted=found[0], given=found[1])
    if not s.gatings or len(s.graph.shape(s.gatings[0].features)) != 4:
        return silent(check, "unknown")
    channels = s.graph.shape(s.gatings[0].features)[1]
    whole = outside(probe)
    if whole is not None and channels < whole:
        return failed(check, "built_for", wanted=channels, given=whole)
    for number, gating in enumerate(s.gatings):
        own, widths = answered(probe, number), built_for(probe.block, probe.names)
        if own is not None and own < channels and widths and widths[0] != channels:
            return failed(check, "built_for", wanted=own, given=channels)
        if gating.features == gating.factor:
            return silent(check, "unknown")
    seen = looked_at(probe)
    if seen is not None and seen < channels:
        return failed(check, "built_for", wanted=seen, given=channels)
    return passed(check, wanted=channels, given=channels)


def made_to_fit(probe: Probe) -> tuple[int, int] | None:
    """Return (wanted, given) where attention cuts or stretches something to the width it is given.

    That may be its features, their summary, its mask or its weights. An attention that masks
    nothing and whose weights want another width counts as well.
    """
    s, graph = probe.structure, probe.structure.graph
    given = next(iter(s.given.values()), s.gatings[0].features if s.gatings else None)
    if given is None or len(graph.shape(given)) != 4:
        return None
    width = graph.shape(given)[1]
    inline = [step for g in s.gatings for step in graph.steps_between(g.features, g.factor)]
    for step in filter(graph.owned, graph.record.steps) if graph.names else inline:
        if not step.inputs or not step.outputs:
            continue
        before, after = graph.shape(step.inputs[0]), graph.shape(step.outputs[0])
        padded = step.op == "constant_pad_nd" and before[1:2] != after[1:2] and len(before) > 1
        stretched = step.op in STRETCH and before[-1] != after[-1]
        cut = step.op == "slice" and graph.record.leaves.get(step.inputs[0]) and before != after
        fits = width in before or width in after
        if (padded or stretched or cut) and fits:
            other = [a if b == width else b for b, a in zip(before, after, strict=True) if a != b]
            return other[0], width
    widths = built_for(probe.block, probe.names)
    if not s.gatings and widths and width != widths[0]:
        return widths[0], width
    parts = {g.features: graph.shape(g.features) for g in s.gatings}
    masked, whole = sum(map(count, parts.values())), count(graph.shape(given))
    inner = all(graph.owned(graph.maker[g.out]) for g in s.gatings)
    return (width * masked // whole, width) if parts and inner and masked < whole else None


def outside(probe: Probe) -> int | None:
    """Return the channels of the branch where the block gives attention a part of them."""
    place, s = probe.place, probe.structure
    given = next(iter(s.given.values()), None)
    step = None if given is None else s.graph.maker.get(given)
    if place.found != "inside" or place.main is None or step is None:
        return None
    cut = step.op in ("slice", "split", "chunk", "narrow") and not s.graph.owned(step)
    shape = s.graph.shape(place.main)
    return shape[1] if cut and len(shape) == 4 else None


def answered(probe: Probe, number: int) -> int | None:
    """Return for how many channels a mask has an answer of its own, if it has one for each."""
    s = probe.structure
    factor = s.gatings[number].factor
    strong = (probe.run(x, keep=[factor]).kept for x in (-3 * probe.x, probe.random(seed=12)))
    runs = [probe.here, probe.there, *strong]
    if any(factor not in kept for kept in runs):
        return None
    shapes = {kept[factor].shape for kept in runs}
    if len(shapes) > 1:
        return None
    masks = torch.cat([kept[factor] for kept in runs]).double()
    if masks.ndim != 4 or masks.shape[1] == 1 or max(s.extent(s.gatings[number])[2:]) > 1:
        return None
    rows = masks.transpose(0, 1).flatten(1)  # a row for each channel
    varies = (rows - rows[:, :1]).abs().amax(dim=1) > STILL
    if not bool(varies.any()):
        return None
    still = int((~varies).sum())
    different = len(torch.unique(rows[varies], dim=0))
    if different == 1 and still == 0:
        return None  # one answer for all channels: not a mask of channels
    return different if still == 0 or edge(~varies) else len(rows)


def edge(still: Tensor) -> bool:
    """Return whether the channels without an answer stand together at one end."""
    count = int(still.sum())
    return bool(still[-count:].all() or still[:count].all())


def looked_at(probe: Probe) -> int | None:
    """Return how many channels of the features the masks depend on, in whole groups."""
    s = probe.structure
    features = s.gatings[0].features
    channels = s.graph.shape(features)[1]
    size = max(1, channels // GROUPS)
    seen = 0
    for start in range(0, channels, size):
        ways = (partial(louder, start=start, size=size, shift=shift) for shift in SHIFTS)
        if any(answers(probe, features, way) for way in ways):
            seen += min(size, channels - start)
    return seen or None


def answers(probe: Probe, features: int, change: Change) -> bool:
    """Return whether a mask answers to a change of the features."""
    now, before = probe.run(keep=probe.masks, put={features: change}).kept, probe.here
    pairs = [(now[m], before[m]) for m in probe.masks if m in now and m in before]
    return any(new.shape == old.shape and largest(new.double() - old.double()) > STILL
               for new, old in pairs)  # fmt: skip


def louder(features: Tensor, start: int, size: int, shift: float) -> Tensor:
    """Return features whose group of channels is stronger and shifted, in every place."""
    changed = features.clone()
    changed[:, start : start + size] = 3 * changed[:, start : start + size] + shift
    return changed
