"""Checks of the mask itself: its range, its shape, and whether it answers to its input."""

from dataclasses import replace

import torch
from torch import Tensor

from cbam_teach.doctor.anatomy import Gating
from cbam_teach.doctor.finding import failed, passed, remark, silent
from cbam_teach.doctor.operations import ADD, GATE, PASS
from cbam_teach.doctor.probe import SLACK, Probe, largest
from cbam_teach.doctor.report import Finding
from cbam_teach.doctor.waking import awake
from cbam_teach.mask import EDGE

#: A mask is saturated when more than this share of it is nearer to 0 or 1 than EDGE.
SATURATED = 0.95

#: On fewer places a share of 1 may be as large as a mask; the sum of shares is 1 but for this.
PLACES, SHARED = 16, 1e-3

#: What leaves a gate but one half of its range, or less.
HALF = frozenset(("_softmax", "softmax", "relu", "tanh", "hardtanh", "softplus", "clamp_min"))

#: Masks that differ by no more than this answer to nothing.
STILL = 1e-5


def is_mask(probe: Probe) -> Finding:
    """What multiplies the features is in [0, 1] and spreads over them as meant."""
    check, s = "is-mask", probe.structure
    if not s.gatings:
        return silent(check, "none")
    for gating in s.gatings:
        factor, features = s.graph.shape(gating.factor), s.graph.shape(gating.features)
        if not fits(factor, features):
            return failed(check, "shape", mask_shape=factor, map_shape=features)
    values = {v for g in s.gatings for v in (g.mask, g.factor)}
    runs = [probe.here, probe.there, *(probe.run(x, keep=values).kept for x in strong(probe))]
    plus, extent = False, [1.0, 0.0]
    for gating in s.gatings:
        low, high = span([kept[gating.factor] for kept in runs if gating.factor in kept])
        inner = span([kept[gating.mask] for kept in runs if gating.mask in kept])
        if low != low:
            continue  # nothing but NaN, or a way that the inputs here do not take
        if not within(low, high):
            shifted = gating.shifted and within(*inner) and starts_at(probe, gating, 1.0)
            if not shifted:
                return failed(check, "range", mask_min=low, mask_max=high)
            plus, (low, high) = True, inner
        extent = [min(extent[0], low), max(extent[1], high)]
    evidence = {"mask_min": extent[0], "mask_max": extent[1],
                "mask_shape": s.extent(s.gatings[0])}  # fmt: skip
    return remark(check, "one_plus", **evidence) if plus else passed(check, **evidence)


def fits(factor: tuple[int, ...], features: tuple[int, ...]) -> bool:
    """Return whether each axis of a factor is 1 or as long as that of the features."""
    return (
        len(factor) == len(features)
        and factor[0] == features[0]
        and all(size in (1, full) for size, full in zip(factor[1:], features[1:], strict=True))
    )


def strong(probe: Probe) -> list[Tensor]:
    """Return inputs that drive a gate to its ends."""
    return [-10 * probe.x, probe.random(scale=1000.0, seed=2)]


def span(values: list[Tensor]) -> tuple[float, float]:
    """Return the least and the largest of some numbers, passing over NaN."""
    flat = torch.cat([torch.empty(0).double(), *(v.cpu().double().flatten() for v in values)])
    flat = flat[~torch.isnan(flat)]
    return (flat.min().item(), flat.max().item()) if len(flat) else (float("nan"), float("nan"))


def within(low: float, high: float) -> bool:
    return low >= -SLACK and high <= 1 + SLACK


def starts_at(probe: Probe, gating: Gating, wanted: float) -> bool:
    """Return whether the factor is ``wanted`` everywhere when the mask is 0."""
    kept = probe.run(keep={gating.factor}, put={gating.mask: torch.zeros_like}).kept
    return gating.factor in kept and largest(kept[gating.factor].double() - wanted) <= SLACK


def mask_alive(probe: Probe) -> Finding:
    """The mask depends on its input, is finite, and does not start at its ends."""
    check = "mask-alive"
    masks = [m for m in probe.masks if m in probe.here and m in probe.there]
    if not masks:
        return silent(check, "none")
    here, there = ([kept[m] for m in masks] for kept in (probe.here, probe.there))
    if names := not_finite(probe):
        return failed(check, "not_finite", names=names)
    for number, (mask, other) in enumerate(zip(here, there, strict=True), 1):
        if not bool(torch.isfinite(mask).all() and torch.isfinite(other).all()):
            return failed(check, "not_finite", stage=number)
    for number, mask in enumerate(here, 1):
        ends = ((mask < EDGE) | (mask > 1 - EDGE)).double().mean().item()
        if (ends > SATURATED and not untrained(probe)) or shares(mask):
            return failed(check, "saturated", stage=number, saturated=ends)
    constant = still_factor(probe)
    if constant is not None and probe.training and not probe.norms_rest:
        constant = still_factor(replace(probe, norms_rest=True))  # one sample normed alone is still
    if constant is not None:
        woken = zero_start(probe)
        found, case = (remark, "zero_start") if woken else (failed, "constant")
        return found(check, case, stage=constant[0], change=constant[1])
    for number, mask in enumerate(here, 1):
        if narrow(probe, masks[number - 1]):
            return failed(check, "narrow", stage=number, mask_min=mask.min().item(),
                          mask_max=mask.max().item())  # fmt: skip
    flat = torch.cat([mask.double().flatten() for mask in here])
    return passed(check, mask_mean=flat.mean().item(), mask_std=flat.std().item())


def untrained(probe: Probe) -> bool:
    """Return whether batch norms are at rest with statistics that have never seen a batch."""
    seen = [b for n, b in probe.block.named_buffers() if n.endswith("num_batches_tracked")]
    return not probe.training and any(int(b) == 0 for b in seen)


def shares(mask: Tensor) -> bool:
    """Return whether a mask divides 1 among the places: each then gets next to nothing."""
    if mask.ndim != 4 or mask.shape[1] != 1 or mask[0, 0].numel() < PLACES:
        return False
    return largest(mask.double().sum((1, 2, 3)) - 1) < SHARED


def not_finite(probe: Probe) -> list[str]:
    """Return the attention's parameters and buffers that hold infinity or NaN."""
    parts = [*probe.block.named_parameters(), *probe.block.named_buffers()]
    mine = [(n, t) for n, t in parts if any(n.startswith(f"{a}.") for a in probe.names)]
    return [n for n, t in mine if t.is_floating_point() and not bool(torch.isfinite(t).all())]


def still_factor(probe: Probe) -> tuple[int, float] | None:
    """Return the number of the first factor that does not answer to its input, and its change."""
    factors = [g.factor for g in probe.structure.gatings]
    for number, factor in enumerate(factors, 1):
        if factor in probe.here and factor in probe.there:
            change = largest(probe.here[factor].double() - probe.there[factor].double())
            if change <= STILL:
                return number, change
    return None


def zero_start(probe: Probe) -> bool:
    """Return whether every mask answers to its input once weights of zero have moved."""
    with awake(probe.block, probe.x) as woken:
        return bool(woken) and still_factor(probe.at(probe.x)) is None


def narrow(probe: Probe, mask: int) -> bool:
    """Return whether a gate was given what gates return: sigmoid(sigmoid(z)) stays in [½, 0.73]."""
    graph = probe.structure.graph
    gates, step = {"sigmoid", "hardsigmoid"}, graph.maker.get(mask)
    while step and step.op in PASS and len(graph.moving(step)) == 1:
        step = graph.maker.get(graph.moving(step)[0])
    if step is None or step.op not in gates:
        return False
    stack, met = graph.moving(step), []
    while stack:
        maker = graph.maker.get(stack.pop())
        if maker is None or maker.op not in PASS | ADD | GATE | {"mul", "div", "relu"}:
            return False
        if maker.op in GATE | {"relu"}:
            met.append(maker.op)
        else:
            stack.extend(graph.moving(maker))
    return bool(met) and set(met) <= gates | HALF
