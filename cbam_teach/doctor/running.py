"""Checks by running: samples apart, x kept, any size."""

import linecache
import re
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from cbam_teach.doctor.arguments import tensors
from cbam_teach.doctor.care import reseed, same_state, set_mode
from cbam_teach.doctor.finding import failed, passed, remark, silent
from cbam_teach.doctor.masks import fits
from cbam_teach.doctor.probe import Probe, apart, largest, tolerance
from cbam_teach.doctor.report import Finding
from cbam_teach.language import error_line

#: No input that is made here holds more numbers.
MOST = 600_000

#: A line that raises, also behind the colon of an ``if``.
RAISED = re.compile(r"(^|[:;])\s*(raise|assert)\b")

#: How far a sample alone may be from the same in a batch; other kernels round otherwise.
ALONE = 1e-4


def samples_independent(probe: Probe) -> Finding:
    """Sample i does not change sample j, also where B = C or C = H = W."""
    check = "samples-independent"
    if len(probe.x) < 2:
        probe = probe.at(torch.cat([probe.x, probe.random(seed=4)]))
    here = replace(probe, norms_rest=True)
    if here.record.error is not None:
        return silent(check, "single")
    others, own = crossed(here, slice(0, 1))
    for seed in (1, 2) if probe.training else (0,):  # what is drawn may spare a sample
        last = crossed(replace(here, seed=probe.seed + seed), slice(len(here.x) - 1, None))
        others, own = max(others, last[0]), max(own, last[1])
    size = list(probe.x.shape)
    if others <= tolerance(probe.x) and not probe.training:
        for x in like_sizes(probe):
            found = crossed_output(probe, x)
            if found is not None and found[0] > others:
                (others, own), size = found, list(x.shape)
    if others > tolerance(probe.x):
        return failed(check, "mixed", other_samples=others, own_sample=own, size=size)
    return passed(check, other_samples=others, own_sample=own)


def crossed(probe: Probe, which: slice) -> tuple[float, float]:
    """Change one sample; return how much the others and how much itself changed."""
    x = exchanged(probe, probe.x, which)
    keep = [v for g in probe.structure.gatings for v in (g.factor, g.out)]
    one, other = probe.run(keep=keep), probe.run(x, keep=keep)
    pairs = [(one.kept[v], other.kept[v]) for v in keep if v in one.kept and v in other.kept]
    if one.result is not None and other.result is not None:
        pairs.append((one.result, other.result))
    found = [(0.0, 0.0)]
    found += [apart_by_sample(*pair, which) for pair in pairs if len(pair[0]) == len(x)]
    return max(worst for worst, _ in found), max(own for _, own in found)


def crossed_output(probe: Probe, x: Tensor) -> tuple[float, float] | None:
    """Do the same on another input, by the block's output alone; None where it raises."""
    try:
        one = run_plain(probe.block, x.clone(), False)
        other = run_plain(probe.block, exchanged(probe, x, slice(0, 1)), False)
    except Exception:  # any-size says what does not run
        return None
    return apart_by_sample(one, other, slice(0, 1))


def exchanged(probe: Probe, x: Tensor, which: slice) -> Tensor:
    """Return x with other and stronger numbers in one sample."""
    x = x.clone()
    x[which] = probe.random(1, *x.shape[1:], seed=5, scale=10.0)
    return x


def apart_by_sample(before: Tensor, after: Tensor, which: slice) -> tuple[float, float]:
    """Return how much the other samples changed, and how much the one itself."""
    if before.ndim < 2 or before.shape != after.shape:
        return 0.0, 0.0
    change = (after.double() - before.double()).abs() / (largest(before) or 1.0)
    own = largest(change[which])
    change[which] = 0
    return largest(change), own


def like_sizes(probe: Probe) -> Iterator[Tensor]:
    """Yield inputs whose sizes coincide, so that a wrong axis would fit."""
    width, step = seen_width(probe), stride(probe)
    shapes = [(width, 6, 5), (5, 5, width), (2, width, width), (width, width, 3), (width, 3, width)]
    if width <= 16:
        shapes.append((width, width, width))
    for samples, height, breadth in dict.fromkeys(shapes):
        shape = (samples, probe.x.shape[1], height * step, breadth * step)
        if samples > 1 and torch.Size(shape).numel() * max(1, width // shape[1]) <= MOST:
            yield probe.random(*shape, seed=6)


def seen_width(probe: Probe) -> int:
    """Return the channels of the features that are masked, or those of x."""
    gatings = probe.structure.gatings
    shape = probe.structure.graph.shape(gatings[0].features) if gatings else probe.x.shape
    return shape[1] if len(shape) == 4 else probe.x.shape[1]


def stride(probe: Probe) -> int:
    """Return how many pixels of x stand for one of the features."""
    gatings = probe.structure.gatings
    shape = probe.structure.graph.shape(gatings[0].features) if gatings else probe.x.shape
    return max(1, round(probe.x.shape[-1] / shape[-1])) if len(shape) == 4 else 1


def input_kept(probe: Probe) -> Finding:
    """The block leaves x as it was."""
    check = "input-kept"
    for training in (False, True):
        for x in (probe.x, probe.random(seed=2)):
            given = x.clone()
            with suppress(Exception):  # any-size says what does not run
                run_plain(probe.block, given, training)
            if not torch.equal(given, x):
                return failed(check, "overwritten", mode=mode(training), change=apart(given, x))
    return passed(check, change=0.0)


def run_plain(block: nn.Module, x: Tensor, training: bool, *, keep_state: bool = False) -> Tensor:
    """Run a block in a mode, unwatched, on x itself; what it remembers is kept if wanted."""
    reseed()
    set_mode(block, training)
    with torch.no_grad(), nullcontext() if keep_state else same_state(block):
        return tensors(block(x))[0]


def mode(training: bool) -> str:
    return "train" if training else "eval"


def any_size(probe: Probe) -> Finding:
    """Odd, non-square and small maps and single samples work, or the block says that not."""
    check, step = "any-size", stride(probe)
    refused: Finding | None = None
    whole = tuple(probe.x.shape[2:])
    sizes = [(2, 33, 19), (3, 12, 20), (1, 16, 12), (2, 7, 5), (2, 3 * step, 4 * step)]
    for samples, height, width in sizes:
        x = probe.random(samples, probe.x.shape[1], height, width, seed=8)
        for training in (False, True):
            found = one_size(probe, x, training)
            if found is not None and found.status == "failed":
                return found
            refused = refused or found
    for x, training in ((probe.x, True), (probe.x[:1], False)):
        found = one_size(probe, x, training)
        if found is not None and found.status == "failed":
            return found
        refused = refused or found
    if found is None and (alone := by_itself(probe)) > max(ALONE, tolerance(probe.x)):
        return failed(check, "alone", difference=alone)
    tiny = one_size(probe, probe.random(2, probe.x.shape[1], 1, 1, seed=9), False)
    if tiny is not None:
        case = "tiny" if tiny.case == "raises" else tiny.case
        keep = tiny.case in ("not_finite", "shape")
        return tiny if keep else remark(check, case, **tiny.evidence)
    return refused or passed(
        check, sizes=len({*sizes, (len(probe.x), *whole), (1, *whole), (2, 1, 1)})
    )


def one_size(probe: Probe, x: Tensor, training: bool) -> Finding | None:
    """Return what is wrong with one size in one mode, or nothing."""
    check, evidence = "any-size", {"size": list(x.shape), "mode": mode(training)}
    try:
        y = run_plain(probe.block, x.clone(), training)
    except Exception as error:
        found, case = (remark, "refuses") if spoken(error) else (failed, "raises")
        return found(check, case, **evidence, error=error_line(error))
    if not bool(torch.isfinite(y).all()):
        return failed(check, "not_finite", **evidence)
    if training:
        return None
    here = probe.at(x)
    for was, now in zip(probe.structure.gatings, here.structure.gatings, strict=False):
        before, features = (probe.structure.graph.shape(v) for v in (was.factor, was.features))
        after, map_shape = (here.structure.graph.shape(v) for v in (now.factor, now.features))
        if not (fits(after, map_shape) and alike_shape(before, features, after, map_shape)):
            return failed(check, "shape", **evidence, mask_shape=after, map_shape=map_shape)
    return None


def alike_shape(*shapes: tuple[int, ...]) -> bool:
    """Return whether a mask spreads along the same axes of its map at two sizes."""
    before, features, after, larger = shapes
    if len(before) != len(after):
        return False
    return all(
        now == full or was == 1 or was != long
        for was, long, now, full in zip(before, features, after, larger, strict=True)
    )


def by_itself(probe: Probe) -> float:
    """Return how far a sample alone is from the same sample in a batch, in evaluation mode."""
    batch = run_plain(probe.block, probe.x.clone(), False)
    single = run_plain(probe.block, probe.x[:1].clone(), False)
    return apart(batch[:1], single)


def spoken(error: Exception) -> bool:
    """Return whether somebody wrote this error for the reader: a ``raise`` outside PyTorch."""
    if getattr(error, "in_our_words", False):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    name = trace.tb_frame.f_code.co_filename
    line = linecache.getline(name, trace.tb_lineno)
    outside = not Path(name).is_relative_to(Path(torch.__file__).parent)
    return outside and bool(RAISED.search(line))
