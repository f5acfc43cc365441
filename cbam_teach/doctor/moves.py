"""The check that a spatial mask moves with its object, rows as rows and columns as columns."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cbam_teach.doctor.care import noise
from cbam_teach.doctor.finding import failed, graver, passed, remark, silent
from cbam_teach.doctor.probe import Probe, largest
from cbam_teach.doctor.report import Finding
from cbam_teach.doctor.running import stride
from cbam_teach.doctor.waking import awake

CHECK = "places-matter"
SIDE, EDGE = 48, 10  # the map, and the margin that padding may reach, in pixels of the mask
OBJECT, START, MOVE = 4, (16, 27), (8, -8)  # size, first place and way of the object: row, column
STILL = 1e-5  # a mask that changes by less has not moved
SAME = 1e-3  # how far a moved mask may be from itself, relative to how much it changed
OBJECTS = 3  # different ones, each in a sample of its own
WIDE = EDGE + 8  # the margin without the object's way, where roll() brings the other side in
ASTRAY = (4.0, 0.5)  # a mask went elsewhere if it is so many pixels, or this share of the way, off
TOUCHED = 1e-4  # what changed by more, relative to the most, was touched by an object
FAR = 3.2  # pixels that the object and what the mask did may be apart


@dataclass(frozen=True)
class Scene:
    """Four inputs of one shape: nothing, an object, the object moved, and one value everywhere."""

    empty: Tensor
    first: Tensor
    second: Tensor
    level: Tensor
    move: tuple[int, int]
    start: tuple[int, int]


def places_matter(probe: Probe) -> Finding:
    """The spatial mask moves with its object; rows and columns are not exchanged."""
    s = probe.structure
    if not s.gatings:
        return silent(CHECK, "none")
    shapes = [s.extent(g) for g in s.gatings]
    if all(max(shape[2:], default=1) == 1 for shape in shapes):
        return silent(CHECK, "channel")
    found = watched_move(probe)
    if found.case == "still":
        with awake(probe.block, probe.x) as woken:
            again = watched_move(probe) if woken else found
        if again.status != "failed":
            return remark(CHECK, "zero_start", **again.evidence)
    return found


def watched_move(probe: Probe) -> Finding:
    """Move an object, and compare what each spatial mask does."""
    scene = scene_for(probe)
    here = probe.at(scene.empty)
    s = here.structure
    factors = [
        g.factor for g in s.gatings if not s.turned(g) and max(s.extent(g)[2:], default=1) > 1
    ]
    runs = [here.run(x, keep=factors).kept for x in
            (scene.empty, scene.first, scene.second, scene.level)]  # fmt: skip
    findings = []
    for factor in factors:
        masks = [kept[factor] for kept in runs if factor in kept]
        if len(masks) == 4 and masks[0].ndim == 4 and max(masks[0].shape[2:]) > 1:
            findings.append(one_mask(masks, scene))
    if not findings:
        return silent(CHECK, "none")
    worst = findings[0]
    for other in findings[1:]:
        worst = graver(worst, other)
    return worst


def scene_for(probe: Probe) -> Scene:
    """Return the four inputs, on a map of our own size or of the block's where it has but one."""
    step = stride(probe)
    side = SIDE * step
    own = torch.zeros(OBJECTS, probe.x.shape[1], side, side).to(probe.x)
    if probe.at(own).record.error is None:
        return painted(own, START, MOVE, step)
    height, width = probe.x.shape[-2] // step, probe.x.shape[-1] // step
    move = (height // 4, -(width // 4))
    start = (height // 4, width // 2)
    return painted(torch.zeros_like(probe.x), start, move, step)


def painted(empty: Tensor, start: tuple[int, int], move: tuple[int, int], step: int) -> Scene:
    """Paint an object into each sample, twice; places are in pixels of the mask."""
    side = OBJECT * step
    patch = noise((*empty.shape[:2], side, side), empty, seed=11, scale=2.0)
    pictures = []
    for row, column in (start, (start[0] + move[0], start[1] + move[1])):
        picture, top, left = empty.clone(), row * step, column * step
        room = picture[..., top : top + side, left : left + side]
        room += patch[..., : room.shape[-2], : room.shape[-1]]
        pictures.append(picture)
    return Scene(empty, pictures[0], pictures[1], empty + 0.5, move, start)


def one_mask(masks: list[Tensor], scene: Scene) -> Finding:
    """Return what one mask did when the object moved."""
    empty, first, second, level = (m.double() for m in masks)
    axes = [k for k in (0, 1) if first.shape[2 + k] > 1]
    move = [scene.move[k] if k in axes else 0 for k in (0, 1)]
    if not bool(torch.isfinite(first).all() and torch.isfinite(second).all()):
        return silent(CHECK, "none")
    change = largest(first - second)
    if change <= STILL:
        return failed(CHECK, "still", change=change)
    shifted = torch.roll(first, move, dims=(2, 3))
    difference = largest(inner(shifted - second, axes, WIDE)) / change
    offset = off_centre(first - second, scene, axes)
    if difference <= SAME:
        if offset > FAR:
            return failed(CHECK, "elsewhere", displacement=offset, difference=difference)
        if largest(first - empty) <= STILL or spread(first, axes) <= STILL:
            return failed(CHECK, "still", change=spread(first, axes))
        return passed(CHECK, difference=difference, shift=list(scene.move))
    knows_place = spread(inner(level, axes, EDGE), axes) > STILL
    lost = drift(first - empty, second - empty, move, axes)
    evidence = {"difference": difference, "displacement": lost}
    if lost > max(ASTRAY[0], ASTRAY[1] * max(map(abs, move))):
        return failed(CHECK, "elsewhere", **evidence)
    return remark(CHECK, "coordinates" if knows_place else "nearly", **evidence)


def inner(mask: Tensor, axes: list[int], margin: int) -> Tensor:
    """Return a mask without its margin along its own axes, as far as it is wide enough."""
    for axis in axes:
        length = mask.shape[2 + axis]
        cut = min(margin, (length - 1) // 2)
        mask = mask.narrow(2 + axis, cut, length - 2 * cut)
    return mask


def spread(mask: Tensor, axes: list[int]) -> float:
    """Return how much a mask differs from place to place, at most."""
    dims = [2 + axis for axis in axes]
    return largest(mask.amax(dims) - mask.amin(dims))


def profile(change: Tensor, axis: int) -> Tensor:
    """Return how much changed at each row or column, beyond what changed everywhere."""
    along = change.abs().amax(dim=(0, 1)).mean(dim=1 - axis)
    return (along - along.median()).clamp(min=0)


def off_centre(change: Tensor, scene: Scene, axes: list[int]) -> float:
    """Return how far the middle of all that changed is from the middle of the two objects."""
    worst = 0.0
    for axis in axes:
        cut = min(EDGE, (change.shape[2 + axis] - 1) // 2)
        seen = inner(change, [axis], EDGE)
        touched = (profile(seen, axis) > TOUCHED * profile(seen, axis).max()).nonzero().flatten()
        within = len(touched) and touched.min() > 0 and touched.max() < seen.shape[2 + axis] - 1
        wanted = scene.start[axis] + scene.move[axis] / 2 + (OBJECT - 1) / 2
        if within:
            away = abs((touched.min() + touched.max()).item() / 2 + cut - wanted)
        else:  # the centre of what changed lies near the middle only roughly
            away = abs(centre(seen, [axis])[0] + cut - wanted) / 2
        worst = max(worst, away)
    return worst


def drift(first: Tensor, second: Tensor, move: list[int], axes: list[int]) -> float:
    """Return how far the centre of what the mask did moved from where it should have gone."""
    one, other = centre(first, axes), centre(second, axes)
    return max((abs(b - a - move[k]) for k, a, b in zip(axes, one, other, strict=True)), default=0)


def centre(change: Tensor, axes: list[int]) -> list[float]:
    """Return the centre of the changes that stand out, in pixels, for each axis."""
    places = []
    for axis in axes:
        weight = profile(change, axis).square()
        positions = torch.arange(len(weight), dtype=weight.dtype, device=weight.device)
        places.append((weight @ positions / weight.sum().clamp(min=1e-30)).item())
    return places
