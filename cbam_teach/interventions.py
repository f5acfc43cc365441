"""What becomes of a network's answers when its masks are changed while it runs.

What changes nothing was decoration.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from jaxtyping import Float, Int64
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.changes import WORDS, Change, check_names, intervene, maskers
from cbam_teach.diagnostics import at_rest, home, pictures_of
from cbam_teach.language import problem
from cbam_teach.mask import Shares
from cbam_teach.trace import trace

__all__ = ["WORDS", "Change", "accuracy_under", "averages", "effect", "intervene"]


def averages(model: nn.Module, batches: Iterable[Any]) -> dict[str, Tensor]:
    """Return the mean of every mask and of all shares over the samples of a set.

    >>> with intervene(model, averages(model, images.split(250))):
    ...     logits = model(x)  # no mask depends on x

    The model runs unchanged, in evaluation mode and without gradients, and gets its modes back.

    Args:
        model: any module; it is not moved, each x is sent to where it is.
        batches: yields x, or a tuple or list whose first element is x; read once.

    Returns:
        By qualified name, (1, C, 1, 1), (1, 1, H, W), … in float64, for each that has run; of
        one that runs several times in a forward pass, the last.

    Raises:
        TypeError, ValueError: for a model without masks, a batch that is not one, no samples,
            or masks whose size changes from batch to batch.
    """
    known = maskers("averages", model)
    sums: dict[str, Tensor] = {}
    samples: Counter[str] = Counter()
    with at_rest(model), trace(model) as maps:
        for batch in batches:
            x = pictures_of(batch, "averages")
            maps.clear()  # one that rests in this batch must not be counted again
            model(x.to(home(model, x)))
            for name, mask in maps.items() if len(x) else ():
                total = mask.double().mean(dim=0, keepdim=True) * len(x)  # (1, ·, ·, ·)
                if name in sums and sums[name].shape != total.shape:
                    raise problem(
                        ValueError, "error.average_size", owner="averages", name=name,
                        given=tuple(total.shape), allowed=tuple(sums[name].shape),
                    )  # fmt: skip
                sums[name] = sums.get(name, 0) + total
                samples[name] += len(x)
    if not sums:
        raise problem(
            ValueError, "error.no_masks", owner="averages",
            given=list(known), allowed="Mask, Shares; N ≥ 1",
        )  # fmt: skip
    return {name: total / samples[name] for name, total in sums.items()}


def accuracy_under(
    model: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    changes: Mapping[str, Change],
    *,
    batch: int = 250,
    seed: int = 0,
) -> float:
    """Return the share of right answers, from 0 to 1, while masks are changed.

    Args:
        model: logits (B, K) from pictures. It runs in evaluation mode and without gradients,
            and gets its modes back.
        images: (N, C, H, W), sent to where the model is.
        labels: (N,), the class of each.
        changes, seed: as in `intervene`.
        batch: the most pictures that run at once. They are cut as evenly as can be, in order.

    Raises:
        TypeError, ValueError: as `intervene`; for no pictures or not as many labels; for a
            change whose module does not run.
    """
    check_labelled("accuracy_under", images, labels)
    checks.integer("accuracy_under", "batch", batch)
    pieces, right = -(-len(images) // batch), 0
    with intervene(model, changes, seed=seed) as calls, at_rest(model):
        for x, target in zip(images.tensor_split(pieces), labels.tensor_split(pieces), strict=True):
            found = model(x.to(home(model, x))).argmax(dim=1)  # (B,)
            right += int((found == target.to(found.device)).sum())
    if resting := [repr(name) for name, count in calls.items() if count == 0]:
        raise problem(
            ValueError, "error.change_rests", owner="accuracy_under",
            given=resting, allowed=[repr(name) for name, count in calls.items() if count],
        )  # fmt: skip
    return right / len(images)


def effect(
    model: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int64[Tensor, " n"],
    names: Collection[str] | None = None,
    words: Sequence[str] = WORDS,
    *,
    batch: int = 250,
    seed: int = 0,
) -> dict[str, float]:
    """Return the accuracy of the model as it is, and with each word for all masks of a kind.

    Args:
        model, images, labels, batch, seed: as in `accuracy_under`.
        names: the masks and shares to change, those of one kind together; None: all that run.
        words: words of `intervene`. ``"average"`` is the mean over all ``images``, made by the
            unchanged model.

    Returns:
        ``"unchanged"``, then for each kind that the model has and each word ``"channel.ones"``,
        ``"spatial.flat"``, …. The kinds: ``"channel"``, masks without places (B, C, 1, 1);
        ``"spatial"``, without channels (B, 1, H, W); ``"whole"``, with both (B, C, H, W);
        ``"router"``, all `Shares`.

    Raises:
        TypeError, ValueError: as `accuracy_under` and `averages`.
    """
    check_labelled("effect", images, labels)
    checks.integer("effect", "batch", batch)
    for word in words:
        checks.choice("effect", "words", word, WORDS)
    known = maskers("effect", model)
    means = averages(model, images.split(batch))
    if names is not None:
        check_names("effect", names, means)
    kinds: dict[str, list[str]] = {"channel": [], "spatial": [], "whole": [], "router": []}
    for name, mean in means.items():
        if names is None or name in names:
            kinds[kind_of(known[name], mean)].append(name)
    found = {"unchanged": accuracy_under(model, images, labels, {}, batch=batch)}
    for kind, members in kinds.items():
        for word in words if members else ():
            changes = {name: means[name] if word == "average" else word for name in members}
            found[f"{kind}.{word}"] = accuracy_under(
                model, images, labels, changes, batch=batch, seed=seed
            )
    return found


def kind_of(part: nn.Module, mask: Tensor) -> str:
    """Return what kind of mask a module makes, by the axes that are longer than 1."""
    if isinstance(part, Shares):
        return "router"
    if mask.shape[1] == 1:
        return "spatial"
    return "channel" if mask.shape[2:] == (1, 1) else "whole"


def check_labelled(owner: str, images: Tensor, labels: Tensor) -> None:
    """Refuse no pictures, and pictures without a label each."""
    if not 0 < len(images) == len(labels):
        raise problem(
            ValueError, "error.labelled", owner=owner,
            given=f"{len(images)}, {len(labels)}", allowed="N, N (N ≥ 1)",
        )  # fmt: skip
