"""Put something else in the place of a mask, or of the shares of several parts."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.language import problem
from cbam_teach.mask import Mask, Shares

#: The changes that `intervene` knows by a word.
WORDS = ("ones", "flat", "average", "another", "shuffled")

#: A change: a word of `WORDS`, a tensor that takes the place of the mask, or a function of it.
Change = str | Tensor | Callable[[Tensor], Tensor]


@contextmanager
def intervene(
    model: nn.Module, changes: Mapping[str, Change], *, seed: int = 0
) -> Iterator[Counter[str]]:
    """Put something else in the place of masks and shares, inside the ``with`` block.

    >>> with intervene(model, {"res1.attention.spatial.mask": "flat"}):
    ...     logits = model(x)

    A mask that is made from what an earlier one has left, as CBAM's spatial mask is, answers to
    the earlier one's change. A module that runs several times, or stands in several places, is
    changed each time, and has the first place's name. Blocks nest: the inner one changes what
    the outer one has put in. `trace` shows the change when it begins inside the block, and what
    the model itself computed when it began before. The model keeps its mode.

    Args:
        model: any module with `Mask` or `Shares` modules inside; not a compiled one, which may
            pass hooks over.
        changes: what becomes of the output of each, by qualified name as `trace` gives it:

            - ``"ones"``: 1 everywhere; even shares, 1/K.
            - ``"flat"``: each sample's own mean over its channels and places, so that the
              strength stays and the pattern goes. Of shares: the mean over the places, so that
              those of a whole sample stay as they are.
            - ``"average"``: the mean over the samples of the batch, so that the pattern stays
              and no longer depends on the input. For the mean over a set, see `averages`.
            - ``"another"``: that of the sample before in the batch; the first gets the last's.
              Shares that all samples have in common by construction stay.
            - ``"shuffled"``: a mask's numbers dealt out anew among its channels or places, or
              shares among the K parts, by one permutation for all samples. Of two or more,
              none stays where it was.
            - a tensor that spreads over the mask: each of its four axes is 1 or as long, or it
              is one number. Or a function that makes such a tensor of the mask.

        seed: of the permutations, of which each module has its own.

    Yields:
        How often each has been changed so far, by name.

    Raises:
        TypeError, ValueError: for a model, a name or a change that is not allowed; inside the
            block for a change that does not spread over the mask, and for ``"another"`` in a
            batch of one sample.
    """
    known = maskers("intervene", model)
    check_names("intervene", changes, known)
    checks.integer("intervene", "seed", seed, least=0)
    for name, change in changes.items():
        check_change("intervene", name, change)
    calls = Counter(dict.fromkeys(changes, 0))

    def changer(name: str, change: Change) -> Callable[[nn.Module, Any, Tensor], Tensor]:
        own_seed = (seed, list(known).index(name))

        def put(module: nn.Module, inputs: tuple[Any, ...], mask: Tensor) -> Tensor:
            calls[name] += 1
            if isinstance(change, str):
                samples = len(inputs[0]) if inputs else len(mask)
                shares = isinstance(module, Shares)
                return worded(change, mask, shares=shares, samples=samples, seed=own_seed)
            return spread(name, change if isinstance(change, Tensor) else change(mask), mask)

        return put

    handles = [known[n].register_forward_hook(changer(n, c)) for n, c in changes.items()]
    try:
        yield calls
    finally:
        for handle in handles:
            handle.remove()


def maskers(owner: str, model: object) -> dict[str, nn.Module]:
    """Return every `Mask` and `Shares` of a model by qualified name."""
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner=owner, given=named(model), allowed="nn.Module"
        )
    return {name: m for name, m in model.named_modules() if isinstance(m, Mask | Shares)}


def check_names(owner: str, names: Collection[str], known: Collection[str]) -> None:
    """Refuse names that are not among those known."""
    if unknown := [repr(name) for name in names if name not in known]:
        raise problem(
            ValueError, "error.change_name", owner=owner,
            given=unknown, allowed=[repr(name) for name in known],
        )  # fmt: skip


def check_change(owner: str, name: str, change: object) -> None:
    """Refuse what is neither a known word nor a tensor nor a function."""
    if isinstance(change, str):
        checks.choice(owner, name, change, WORDS)
    elif not isinstance(change, Tensor) and not callable(change):
        raise problem(
            TypeError, "error.change", owner=owner, name=name,
            given=named(change), allowed=[*map(repr, WORDS), "Tensor", "mask -> mask"],
        )  # fmt: skip


def worded(word: str, mask: Tensor, *, shares: bool, samples: int, seed: tuple[int, ...]) -> Tensor:
    """Return what a word makes of a mask; `intervene` says what each stands for.

    Args:
        word: one of `WORDS`.
        mask: (B, C, 1, 1), (B, 1, H, W) or (B, C, H, W); or shares (B, K, 1, 1) or (B, K, H, W).
        shares: whether it is shares.
        samples: how many samples it was made from; B, or B is 1 where all of them share it.
        seed: of the permutation.
    """
    match word:
        case "ones":
            return torch.full_like(mask, 1 / mask.shape[1] if shares else 1)
        case "flat":
            return mask.mean(dim=(2, 3) if shares else (1, 2, 3), keepdim=True).expand_as(mask)
        case "average":
            return mask.mean(dim=0, keepdim=True).expand_as(mask)
        case "another":
            if samples < 2:
                raise problem(
                    ValueError, "error.change_alone", owner="intervene",
                    given=samples, allowed="2, 3, 4, …",
                )  # fmt: skip
            return mask.roll(1, dims=0)
    if shares:
        return mask[:, moved(mask.shape[1], seed).to(mask.device)]  # (B, K, ·, ·)
    order = moved(math.prod(mask.shape[1:]), seed)  # (C,), (H·W,) or (C·H·W,)
    return mask.flatten(1)[:, order.to(mask.device)].view_as(mask)


def moved(count: int, seed: tuple[int, ...]) -> Int64[Tensor, " count"]:
    """Return a permutation that is one cycle: of two places or more, none keeps its number."""
    cycle = np.random.default_rng(seed).permutation(count)
    order = np.empty(count, np.int64)
    order[cycle] = np.roll(cycle, 1)
    return torch.from_numpy(order)


def spread(name: str, given: object, mask: Tensor) -> Tensor:
    """Return what is given, in the mask's shape and number type, and where the mask is."""
    if not isinstance(given, Tensor):
        raise problem(
            TypeError, "error.change_spread", owner="intervene", name=name,
            given=named(given), allowed="Tensor",
        )  # fmt: skip
    fits = given.ndim == 0 or (given.ndim == mask.ndim and all(
        size in (1, full) for size, full in zip(given.shape, mask.shape, strict=True)
    ))  # fmt: skip
    if not fits:
        allowed = " × ".join(f"{{1, {size}}}" for size in mask.shape)
        raise problem(
            ValueError, "error.change_spread", owner="intervene", name=name,
            given=tuple(given.shape), allowed=allowed,
        )  # fmt: skip
    return given.to(mask).expand_as(mask)
