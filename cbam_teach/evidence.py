"""Does a map find the object, and how much of the class do masks alone give away?

A map is a spatial mask, or what a mask must be compared with (`cbam_teach.mask_controls`).
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64, Shaped
from torch import Tensor

from cbam_teach import checks
from cbam_teach.digits import read_size
from cbam_teach.language import problem
from cbam_teach.pictures import fits, need

C = 0.1  # scikit-learn's strength of the fit against that of the penalty ½ ‖w‖²
STEPS = 10_000  # the most that the fit may take; a few hundred do


class InsideOutside(NamedTuple):
    """How a map differs between an object and the rest, both as means over the samples.

    Attributes:
        difference: mean of the map inside the object minus that outside, in the map's unit.
        auc: the probability that a pixel inside has a higher value than one outside, ties
            counted half: ½ for a map that knows nothing, 1 for one that is higher everywhere
            inside than anywhere outside.
    """

    difference: float
    auc: float


def pointing_game(
    maps: Float[Tensor, "n 1 h w"], boxes: Int64[Tensor, "n 4"], size: int | tuple[int, int]
) -> float:
    """Return the share of samples whose highest value lies in the box, from 0 to 1.

    A cell lies in the box when its centre does, in pixels of the picture: that of row i is
    (i + ½) H / h. Where several cells share the maximum, the share of them inside counts, so that
    a constant map scores what chance would: the share of all cells that lie in the boxes.

    Args:
        maps: (N, 1, h, w), in any unit.
        boxes: (N, 4), x0, y0, x1, y1 in pixels, x1 and y1 outside, as in `pictures.Digits`.
        size: (H, W) of the pictures in pixels, or one number for both.

    Raises:
        TypeError, ValueError: for tensors of other shapes, maps that are not finite, or a size
            that is not allowed.

    Source:
        The pointing game of Zhang et al., 2018, "Top-down neural attention by excitation
        backprop", without its tolerance of 15 pixels; the ties are ours.
    """
    owner = "pointing_game"
    check_maps(owner, maps)
    check_shape(owner, "boxes", boxes, (len(maps), 4))
    height, width = read_size(owner, size)
    rows = (torch.arange(maps.shape[2]).double() + 0.5) * height / maps.shape[2]  # (h,)
    columns = (torch.arange(maps.shape[3]).double() + 0.5) * width / maps.shape[3]  # (w,)
    x0, y0, x1, y1 = boxes.cpu()[:, :, None].unbind(dim=1)  # (N, 1) each
    down, across = (y0 <= rows) & (rows < y1), (x0 <= columns) & (columns < x1)
    inside = (down[:, :, None] & across[:, None, :]).flatten(1)  # (N, h·w)
    values = maps.cpu().flatten(1)  # (N, h·w)
    highest = values == values.amax(dim=1, keepdim=True)
    return ((highest & inside).sum(dim=1) / highest.sum(dim=1).double()).mean().item()


def inside_outside(maps: Float[Tensor, "n 1 h w"], masks: Bool[Tensor, "n 1 H W"]) -> InsideOutside:
    """Compare a map's values inside an object with those outside it.

    The object's mask is averaged over each cell of the map; a cell that the object covers by a
    part c counts c times inside and 1 - c times outside. Where h divides H and w divides W, this is
    what the pixels of the map, enlarged cell by cell, would give.

    Args:
        maps: (N, 1, h, w), in any unit.
        masks: (N, 1, H, W), True at the object's pixels, as in `pictures.Digits`.

    Raises:
        TypeError, ValueError: for tensors of other shapes, maps that are not finite, or a mask
            that is True nowhere or everywhere.
    """
    owner = "inside_outside"
    check_maps(owner, maps)
    check_shape(owner, "masks", masks, (len(maps), 1, "H", "W"))
    cells = (maps.shape[2], maps.shape[3])
    inside = F.adaptive_avg_pool2d(masks.cpu().double(), cells).flatten(1)  # (N, h·w)
    outside = 1 - inside
    if not (inside.sum(dim=1).gt(0) & outside.sum(dim=1).gt(0)).all():
        covered = masks.double().mean(dim=(1, 2, 3))
        raise problem(
            ValueError, "error.nothing_inside", owner=owner,
            given=f"{covered.min().item():g} … {covered.max().item():g}", allowed="0 < … < 1",
        )  # fmt: skip
    inside = inside / inside.sum(dim=1, keepdim=True)  # sums to 1 over a sample's cells
    outside = outside / outside.sum(dim=1, keepdim=True)
    values = maps.cpu().double().flatten(1)  # (N, h·w)
    difference = ((inside - outside) * values).sum(dim=1)  # (N,)
    ranked, order = values.sort(dim=1)
    below = F.pad(outside.gather(1, order).cumsum(dim=1), (1, 0))  # (N, h·w + 1)
    first = torch.searchsorted(ranked, values)  # how many cells have a lower value
    last = torch.searchsorted(ranked, values, right=True)  # …, a lower one or the same
    auc = (inside * (below.gather(1, first) + below.gather(1, last)) / 2).sum(dim=1)  # (N,)
    return InsideOutside(difference.mean().item(), auc.mean().item())


def readable(
    train_features: Shaped[Tensor, "n *f"],
    train_labels: Int64[Tensor, " n"],
    test_features: Shaped[Tensor, "m *f"],
    test_labels: Int64[Tensor, " m"],
) -> float:
    """Return how many classes can be told from features alone, such as masks: the share, 0 to 1.

    A multinomial logistic regression is fitted to the training features, each standardised by
    its mean and standard deviation there, with a penalty of ½ ‖w‖² against 0.1 times the sum
    of the losses. It is the accuracy on the test features; `chance` is what it must be
    compared with.

    Args:
        train_features, test_features: (N, …) and (M, …), numbers; further axes are flattened.
        train_labels, test_labels: (N,) and (M,), two classes or more in training.

    Raises:
        TypeError, ValueError: for tensors of other shapes, or features that are not finite.
        ImportError: where scikit-learn is missing.
        ConvergenceWarning: as an error, when the fit needs more than 10,000 steps.
    """
    owner = "readable"
    check_shape(owner, "train_labels", train_labels, (len(train_features),))
    check_shape(owner, "test_labels", test_labels, (len(test_features),))
    check_shape(owner, "test_features", test_features, ("M", *train_features.shape[1:]))
    check_finite(owner, "train_features", train_features)
    check_finite(owner, "test_features", test_features)
    known = train_labels.unique().tolist()
    if len(known) < 2:
        raise problem(
            ValueError, "error.two_classes", owner=owner, option="train_labels",
            given=known, allowed="0, 1, …",
        )  # fmt: skip

    def load() -> Any:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        fit = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=STEPS))
        return fit, ConvergenceWarning

    fit, unfinished = need(owner, "scikit-learn", "pip install scikit-learn", load)
    train, test = (
        part.detach().cpu().flatten(1).double().numpy() for part in (train_features, test_features)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", unfinished)
        fit.fit(train, train_labels.cpu().numpy())
    return float(np.mean(fit.predict(test) == test_labels.cpu().numpy()))


def chance(
    train_features: Shaped[Tensor, "n *f"],
    train_labels: Int64[Tensor, " n"],
    test_features: Shaped[Tensor, "m *f"],
    test_labels: Int64[Tensor, " m"],
    *,
    seed: int = 0,
) -> float:
    """Return what `readable` finds when the training labels are dealt out anew, by a seed."""
    checks.integer("chance", "seed", seed, least=0)
    order = torch.from_numpy(np.random.default_rng(seed).permutation(len(train_labels)))
    return readable(train_features, train_labels.cpu()[order], test_features, test_labels)


def check_shape(owner: str, option: str, value: object, wanted: tuple[int | str, ...]) -> None:
    """Refuse what is no tensor of a shape, in which a word stands for any length."""
    if isinstance(value, Tensor) and fits(value.shape, wanted):
        return
    shape = ", ".join(map(str, wanted)) + ("," if len(wanted) == 1 else "")
    raise problem(
        ValueError if isinstance(value, Tensor) else TypeError, "error.tensor_shape",
        owner=owner, option=option, allowed=f"({shape})",
        given=tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__,
    )  # fmt: skip


def check_maps(owner: str, maps: Any) -> None:
    """Refuse what is not a map (N, 1, h, w) of finite numbers."""
    check_shape(owner, "maps", maps, ("N", 1, "h", "w"))
    check_finite(owner, "maps", maps)


def check_finite(owner: str, option: str, values: Tensor) -> None:
    """Refuse a tensor that holds infinity or NaN."""
    finite = torch.isfinite(values)
    if not finite.all():
        raise problem(
            ValueError, "error.finite", owner=owner, option=option,
            given=f"{int((~finite).sum())} / {finite.numel()}", allowed="0",
        )  # fmt: skip
