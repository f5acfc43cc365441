"""Maps that a spatial mask must be compared with before anybody says that it sees."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.diagnostics import at_rest, home
from cbam_teach.digits import read_size
from cbam_teach.evidence import check_shape
from cbam_teach.language import problem

SIGMA = 0.5  # of the centre prior; 1 is the way from the centre to an edge
ROUNDING = 100  # units in the last place; a mean may be summed in another order


def brightness(
    images: Float[Tensor, "n c H W"], size: int | tuple[int, int]
) -> Float[Tensor, "n 1 h w"]:
    """Return the pictures themselves as maps: the mean over the channels, averaged in each cell.

    Args:
        images: (N, C, H, W).
        size: (h, w) of the maps in cells, or one number for both.

    Raises:
        TypeError, ValueError: for a tensor of other shape or a size that is not allowed.
    """
    check_shape("brightness", "images", images, ("N", "C", "H", "W"))
    cells = read_size("brightness", size)
    return F.adaptive_avg_pool2d(images.mean(dim=1, keepdim=True), cells)  # (N, 1, h, w)


def centre_prior(count: int, size: int | tuple[int, int]) -> Float[Tensor, "n 1 h w"]:
    """Return maps that look at the middle, whatever the picture: exp(-(u² + v²) / (2 · 0.5²)).

    u and v run from -1 to 1 between opposite edges, so that the standard deviation is a quarter
    of the height and of the width; each cell has the value at its centre.

    Args:
        count: N, how many of them.
        size: (h, w) in cells, or one number for both.

    Raises:
        TypeError, ValueError: for a number or a size that is not allowed.
    """
    checks.integer("centre_prior", "count", count)
    v, u = ((2 * torch.arange(k) + 1) / k - 1 for k in read_size("centre_prior", size))
    bump = torch.exp(-(v[:, None].square() + u.square()) / (2 * SIGMA**2))  # (h, w)
    return bump.repeat(count, 1, 1, 1)  # (N, 1, h, w)


def class_activation(
    model: nn.Module,
    images: Float[Tensor, "n c H W"],
    layer: str,
    head: str,
    *,
    classes: Int64[Tensor, " n"] | None = None,
    batch: int = 250,
) -> Float[Tensor, "n 1 h w"]:
    """Return where a network finds its class, with or without masks: the map Σ_k w_ck f_k.

    The network must end as logits = W · mean f + b, the mean being over the places of its last
    map f. The mean of what is returned, plus b_c, is therefore the logit of class c.

    >>> class_activation(SimpleCNN(placement="none"), images, "block2", "head.2")

    Args:
        model: such a network. It runs in evaluation mode and without gradients, and gets its
            modes back.
        images: (N, C, H, W), sent to where the model is.
        layer: the qualified name of the module that returns f, (B, K, h, w).
        head: that of the nn.Linear that makes logits of the mean.
        classes: (N,), the class that is asked for; None: for each picture the predicted one.
        batch: the most pictures that run at once.

    Returns:
        (N, 1, h, w), in the unit of the logits, on the CPU.

    Raises:
        TypeError, ValueError: for a name that the model does not have, a head that is not
            nn.Linear, a model that is not of this form, or tensors of other shapes.

    Source:
        Zhou et al., 2016, "Learning deep features for discriminative localization", section 2.
    """
    owner = "class_activation"
    check_shape(owner, "images", images, ("N", "C", "H", "W"))
    if classes is not None:
        check_shape(owner, "classes", classes, (len(images),))
    checks.integer(owner, "batch", batch)
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner=owner, given=named(model), allowed="nn.Module"
        )
    parts = dict(model.named_modules())
    linear = [name for name, part in parts.items() if isinstance(part, nn.Linear)]
    checks.choice(owner, "layer", layer, parts)
    checks.choice(owner, "head", head, linear)
    weight = parts[head].weight.detach()  # (classes, K)
    found = []
    with at_rest(model), listening(parts, layer, head) as seen:
        for i, x in enumerate(images.split(batch)):
            seen.clear()
            logits = model(x.to(home(model, x)))  # (B, classes)
            f = last_map(owner, seen, logits, layer, head)  # (B, K, h, w)
            asked = logits.argmax(dim=1) if classes is None else classes.split(batch)[i]
            w = weight[asked.to(weight.device)]  # (B, K)
            found.append(torch.einsum("bk,bkhw->bhw", w, f)[:, None].cpu())
    return torch.cat(found)


@contextmanager
def listening(parts: Mapping[str, nn.Module], layer: str, head: str) -> Iterator[dict[str, Tensor]]:
    """Note what the layer returns, what the head is given and what it returns."""
    seen: dict[str, Tensor] = {}

    def at_layer(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen["map"] = output

    def at_head(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen["mean"], seen["logits"] = inputs[0], output

    handles = [
        parts[name].register_forward_hook(hook)
        for name, hook in ((layer, at_layer), (head, at_head))
    ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def last_map(
    owner: str, seen: Mapping[str, Tensor], logits: Tensor, layer: str, head: str
) -> Float[Tensor, "b k h w"]:
    """Return the layer's map, or refuse a model whose logits are not W · mean f + b."""
    f, mean = seen.get("map"), seen.get("mean")
    ends_so = (
        f is not None
        and mean is not None
        and f.ndim == 4
        and f.shape[:2] == mean.shape
        and torch.equal(logits, seen["logits"])
        and bool(
            (f.mean(dim=(2, 3)) - mean).abs().max()
            <= ROUNDING * torch.finfo(f.dtype).eps * f.abs().max()
        )
    )
    if not ends_so:
        raise problem(
            ValueError, "error.activation", owner=owner, layer=layer, head=head,
            given=[f"{name} {tuple(value.shape)}" for name, value in seen.items()],
            allowed="logits = W · mean f + b",
        )  # fmt: skip
    return f  # type: ignore[return-value]
