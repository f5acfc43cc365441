"""What a live figure shows of an output, and the numbers that speak of a map."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cbam_teach import checks
from cbam_teach.language import problem, say
from cbam_teach.live.controls import spoken
from cbam_teach.mask import EDGE

KINDS = (
    "picture", "heatmap", "overlay", "bars", "histogram", "difference", "numbers", "values",
)  # fmt: skip
IMAGE = "image"  # the name of the picture among the outputs
MOST_VALUES = 64
SAID = ("overlay", "histogram", "difference")  # kinds that the label names


@dataclass(frozen=True)
class View:
    """One view of one output.

    Args:
        kind: ``"picture"`` (1 or 3 channels as brightness), ``"heatmap"`` (one map, or several
            small ones), ``"overlay"`` (over the picture), ``"bars"``, ``"histogram"``,
            ``"difference"`` (now minus a held moment), ``"numbers"`` (mean, saturated share,
            entropy) or ``"values"`` (the numbers themselves, at most 64).
        of: the output, by its name or the end of it; ``"image"`` is the picture itself.
        scale: the numbers of the two ends of colours, bars or bins; ``"automatic"``: the least
            and the largest at each moment. None: (0, 1) for masks and shares, else automatic.
        names: a word for each bar, small map or value.
        bins: bars of a histogram.
        digits: decimals of a value.

    Raises:
        TypeError, ValueError: for a kind, scale or number that is not allowed.
    """

    kind: str
    of: str
    scale: tuple[float, float] | str | None = None
    names: tuple[str, ...] | None = None
    bins: int = 20
    digits: int = 3

    def __post_init__(self) -> None:
        checks.choice("View", "kind", self.kind, KINDS)
        if isinstance(self.scale, str):
            checks.choice("View", "scale", self.scale, ("automatic",))
        elif self.scale is not None:
            checks.sequence("View", "scale", self.scale, length=2)
            checks.number("View", "scale[0]", self.scale[0])
            checks.number("View", "scale[1]", self.scale[1], above=self.scale[0])
        if self.names is not None:
            checks.sequence("View", "names", self.names)
        checks.integer("View", "bins", self.bins, least=2)
        checks.integer("View", "digits", self.digits, least=0)

    def describe(self, bounded: bool) -> dict[str, Any]:
        """Return what the front end needs; ``bounded``: the values lie in [0, 1] by their kind."""
        scale = self.scale if self.scale is not None else (0, 1) if bounded else "automatic"
        least, most = (None, None) if isinstance(scale, str) else scale
        names = None if self.names is None else [spoken("name", word) for word in self.names]
        label = spoken("view", self.of)
        if self.kind in SAID:
            label = f"{label} · {say(f'live.kind.{self.kind}')}"
        return {
            "kind": self.kind, "of": self.of, "label": label, "least": least,
            "most": most, "names": names, "bins": self.bins, "digits": self.digits,
        }  # fmt: skip

    def fits(self, value: Tensor) -> bool:
        """Whether an output of this shape can be shown so."""
        maps = value.ndim == 4 and value.shape[0] == 1
        if self.kind == "picture":
            return maps and value.shape[1] in (1, 3)
        if self.kind in ("heatmap", "difference"):
            return maps and value.shape[1] <= MOST_VALUES
        if self.kind == "overlay":
            return maps and value.shape[1] == 1
        return self.kind in ("histogram", "numbers") or value.numel() <= MOST_VALUES


def usual(of: str, value: Tensor) -> View:
    """Return the view that suits an output which is asked for by its name alone."""
    if of == IMAGE:
        return View("picture", IMAGE)
    flat = value.ndim != 4 or value.shape[2:] == (1, 1)
    return View("bars" if flat else "heatmap", of)


def check_fit(view: View, value: Tensor) -> None:
    """Refuse a view that cannot show this output."""
    if not view.fits(value):
        allowed = {
            "picture": "(1, 1, H, W), (1, 3, H, W)",
            "overlay": "(1, 1, H, W)",
            "heatmap": f"(1, K, H, W), K ≤ {MOST_VALUES}",
            "difference": f"(1, K, H, W), K ≤ {MOST_VALUES}",
        }.get(view.kind, f"≤ {MOST_VALUES}")
        raise problem(
            ValueError, "live.error.view", kind=view.kind, name=view.of,
            given=tuple(value.shape), allowed=allowed,
        )  # fmt: skip
    if view.names is not None and view.kind in ("bars", "heatmap", "difference"):
        count = value.numel() if view.kind == "bars" else value.shape[1]
        checks.sequence("View", "names", view.names, length=count)


def numbers(value: Tensor, *, shares: bool) -> dict[str, float]:
    """Return mean, saturated share and entropy (nats) of a mask, or of K shares per place."""
    value = value.double()
    ends = ((value < EDGE) | (value > 1 - EDGE)).double().mean()
    entr = torch.special.entr
    entropy = entr(value).sum(1).mean() if shares else (entr(value) + entr(1 - value)).mean()
    return {"mean": value.mean().item(), "saturated": ends.item(), "entropy": entropy.item()}
