"""The grid: every cell and every run of the experiments, declared in one place.

Two stages. *Screen*: the learning rate of a cell is chosen on the validation split, with seeds that
are used nowhere else. *Confirm*: five seeds or more with that rate; the test split is looked at
once, at the end of each of these runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

QUESTIONS = {
    1: "Does attention help here: placement, rung, budget, data; what separates its parts?",
    2: "Does a spatial mask find the object, and does a better mask mean a better network?",
    3: "Does the router follow object size; does it collapse, and what prevents it?",
    4: "Do coordinates help where position matters, and only there?",
    5: "What do the silent bugs cost?",
    6: "How far do seeds alone move the result?",
    7: "Which mixing scalars and temperatures are reached, and what does weight decay do to them?",
    8: "What does it cost?",
}
RATES = {"adamw": (0.005, 0.01, 0.02), "sgd": (0.05, 0.1, 0.2)}
SCREEN_SEEDS = (1000,)
SEEDS = tuple(range(5))
MANY = tuple(range(15))


@dataclass(frozen=True)
class Cell:
    """One thing that is measured, with several seeds.

    Args:
        task, variant: names of `cbam_teach.probes.TASKS` and `VARIANTS`.
        asks: the questions that it is for, numbers of `QUESTIONS`.
        like: the name of the cell whose learning rate it takes; None: it is screened itself.
        seeds: of the confirming runs.
        epochs, pictures: the training budget; pictures are made once, from the run's seed.
        padding: of the network.
        optimizer, weight_decay: of the recipe.
        penalty: None, "mask" (the spatial masks are taught where the object is) or "entropy"
            (the routers are rewarded for even shares).
    """

    task: str
    variant: str
    asks: tuple[int, ...] = (1,)
    like: str | None = None
    seeds: tuple[int, ...] = SEEDS
    epochs: int = 8
    pictures: int = 8000
    padding: str = "zeros"
    optimizer: str = "adamw"
    weight_decay: float = 0.01
    penalty: str | None = None

    @property
    def name(self) -> str:
        """The cell's name, which says what differs from the usual."""
        parts = [self.task, self.variant]
        for field in dataclasses.fields(self)[5:]:
            value = getattr(self, field.name)
            if value != field.default:
                parts.append(value if isinstance(value, str) else f"{field.name}={value:g}")
        return ",".join(parts)


@dataclass(frozen=True)
class Run:
    """One training run of a cell. ``lr`` None: the one that the screening chose."""

    cell: Cell
    stage: str
    seed: int
    lr: float | None = None

    @property
    def name(self) -> str:
        rate = "" if self.lr is None else f",lr={self.lr:g}"
        return f"{self.cell.name}{rate},seed={self.seed}"


# Runs whose weights stay in their folders, for `pack.py`.
KEPT = (
    "cued,plain,seed=0",
    "cued,cbam-before,seed=0",
    "cluttered,plain,seed=0",
    "cluttered,cbam-inside,seed=0",
    "cluttered,spatial-inside,mask,seed=0",
)

LADDER = (
    "gated", "fused", "mixed", "tempered", "dynamic", "routed_fusion", "coordinate", "separable",
    "pixel_routed",
)  # fmt: skip


def cued() -> Iterator[Cell]:
    """Cued digits: the whole picture must gate local features."""
    base = "cued,cbam-before"
    yield Cell("cued", "plain", (1, 8))
    yield Cell("cued", "cbam-before", (1, 7, 8))
    yield Cell("cued", "cbam-inside", (1, 8))
    yield Cell("cued", "channel-before", (1, 8))
    yield Cell("cued", "spatial-before", (1, 8))
    yield Cell("cued", "mean-before")
    yield Cell("cued", "maximum-before")
    yield Cell("cued", "cbam-before-mixed", (1, 7))
    yield Cell("cued", "cbam-after")
    yield Cell("cued", "cbam-beside")
    yield Cell("cued", "cbam-before", optimizer="sgd", weight_decay=5e-4)
    for start in ("mix_0", "mix_0.1", "mix_1"):
        yield Cell("cued", f"{start}-before", (1, 7), base)
    yield Cell("cued", "open-before", like=base)
    yield Cell("cued", "wide-before", like=base)
    for rung in LADDER:
        yield Cell("cued", f"{rung}-before", (1, 7, 8), base)
    for variant in ("plain-unused", "cbam-before-unused", "added-before", "pooled-before"):
        yield Cell("cued", variant, (5,), "cued,plain" if "plain" in variant else base)
    yield Cell("cued", "cbam-inside", like="cued,cbam-inside", epochs=24)
    yield Cell("cued", "cbam-before", like=base, epochs=4)
    yield Cell("cued", "cbam-before", like=base, epochs=32, pictures=2000)
    for task in ("cued_3px", "cued_2px", "cued_hollow"):
        yield Cell(task, "cbam-before", like=base)
    for decay in (0.0, 0.3):
        yield Cell("cued", "tempered-before", (7,), base, weight_decay=decay)


def cluttered() -> Iterator[Cell]:
    """Cluttered digits: one digit of random size and place; nothing here needs attention."""
    base = "cluttered,cbam-inside"
    yield Cell("cluttered", "plain", (1, 6, 8), seeds=MANY)
    yield Cell("cluttered", "cbam-inside", (1, 2, 6, 8), seeds=MANY)
    yield Cell("cluttered", "cbam-before", (1, 8))
    for variant in ("channel-inside", "spatial-inside"):
        yield Cell("cluttered", variant, (1, 2, 8), base)
    yield Cell("cluttered", "spatial-inside", (2,), base, penalty="mask")
    yield Cell("cluttered", "open-inside", (1,), base)
    for variant in ("sample_router", "pixel_router", "annealed_router"):
        yield Cell("cluttered", f"{variant}-inside", (2, 3), base)
    yield Cell("cluttered", "sample_router-inside", (3,), base, penalty="entropy")
    for variant in ("plain-unused", "cbam-inside-unused", "added-inside", "pooled-inside"):
        yield Cell("cluttered", variant, (5,), "cluttered,plain" if "plain" in variant else base)
    yield Cell("cluttered", "plain", (1,), "cluttered,plain", epochs=32, pictures=2000)
    yield Cell("cluttered", "cbam-inside", (1,), base, epochs=32, pictures=2000)


def placed() -> Iterator[Cell]:
    """Placed digits: the label needs position; with another label the same pictures do not."""
    base = "placed,sample_router-before,circular"
    yield Cell("placed", "plain", (4,), padding="circular")
    yield Cell("placed", "sample_router-before", (4,), padding="circular")
    yield Cell("placed", "coordinates-before", (4,), padding="circular")
    yield Cell("placed", "pixel_router-before", (4,), base, padding="circular")
    yield Cell("placed", "pixel_coordinates-before", (4,), base, padding="circular")
    yield Cell("placed", "plain", (4,), "placed,plain,circular")
    yield Cell("placed", "coordinates-before", (4,), base)
    yield Cell("placed", "sample_router-before", (4,), base)
    yield Cell("placed_brighter", "plain", (4,), "placed,plain,circular", padding="circular")
    yield Cell("placed_brighter", "sample_router-before", (4,), base, padding="circular")
    yield Cell("placed_brighter", "coordinates-before", (4,), base, padding="circular")


def cells() -> list[Cell]:
    """Return every cell of the core grid."""
    return [*cued(), *cluttered(), *placed()]


def screen(full: bool = False) -> list[Run]:
    """Return the runs that choose the learning rates."""
    seeds = (*SCREEN_SEEDS, 1001, 1002) if full else SCREEN_SEEDS
    return [
        Run(cell, "screen", seed, lr)
        for cell in cells()
        if cell.like is None
        for lr in RATES[cell.optimizer]
        for seed in seeds
    ]


def confirm(full: bool = False) -> list[Run]:
    """Return the runs that are reported, seed after seed, so that all cells grow alike."""
    seeds = MANY if full else ()
    runs = [
        Run(cell, "confirm", seed) for cell in cells() for seed in sorted({*cell.seeds, *seeds})
    ]
    return sorted(runs, key=lambda run: run.seed)


def source_of(cell: Cell) -> str:
    """Return the name of the cell whose screening gives this one its learning rate."""
    return cell.name if cell.like is None else cell.like
