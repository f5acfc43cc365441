"""Is a router alive? Watch the routers of a model over the samples of a data loader."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach.checks import named
from cbam_teach.fusion import Softmax
from cbam_teach.language import problem
from cbam_teach.mask import Shares
from cbam_teach.router_use import DOMINANT, RouterReport, RouterUse
from cbam_teach.trace import trace


def router_report(
    model: nn.Module, loader: Iterable[Any], *, device: str | torch.device | None = None
) -> RouterReport:
    """Run a model over a data loader, and report what each of its routers does.

    Reported is every `Shares` module with two parts or more: the router of a dynamic spatial
    mask, per sample or per pixel, and a fusion that is routed or a softmax. One that runs more
    than once in a forward pass is judged by the last time.

    Args:
        model: any module with such a module inside. It runs in evaluation mode and without
            gradients, and gets its modes back, after an error too. PyTorch's random numbers on
            the CPU go on as if nothing had been drawn from the loader.
        loader: yields x, or a tuple or list whose first element is x. It is read once, batch
            by batch; no batch is kept.
        device: where each x is sent; None: to where the model's first parameter or buffer is.
            The model is not moved.

    Returns:
        A `RouterReport`; the thresholds of its conclusions stand in `cbam_teach.router_use`.

    Raises:
        TypeError: when ``model`` is no module or the loader yields something else.
        ValueError: when the model holds no router or none runs; when ``device`` is unknown or
            not there; when the loader gives fewer than two samples; when a router that decides
            per pixel meets maps of two sizes.
    """
    if not isinstance(model, nn.Module):
        raise problem(
            TypeError, "error.module", owner="router_report",
            given=named(model), allowed="nn.Module",
        )  # fmt: skip
    if device is not None:
        check_device(device)
    routers = {name: part for name, part in model.named_modules() if isinstance(part, Shares)}
    tallies: dict[str, Tally] = {}
    samples = 0
    with at_rest(model), trace(model) as maps:
        for batch in loader if routers else ():
            x = pictures_of(batch)
            maps.clear()  # a router that rests in this batch must not be counted again
            model(x.to(home(model, x) if device is None else device))
            samples += len(x)
            for name, w in maps.items():
                if name in routers and w.shape[1] > 1:
                    shared = isinstance(routers[name], Softmax)
                    tallies.setdefault(name, Tally(name, shared)).add(w, len(x))
    if routers and samples < 2:
        raise problem(
            ValueError, "error.two_samples", owner="router_report",
            given=samples, allowed="2, 3, 4, …",
        )  # fmt: skip
    if not tallies:
        raise problem(
            ValueError, "error.no_router", owner="router_report", given=named(model),
            allowed="DynamicSpatialAttention, ChannelAttention(…, fusion='router'), …",
        )  # fmt: skip
    uses = {name: tallies[name].use() for name in routers if name in tallies}
    return RouterReport(routers=uses, samples=samples)


class Tally:
    """Sums over the weights of one router, from which its `RouterUse` follows.

    Args:
        name: the router's, for an error.
        shared: whether it is known to give all samples the same weights.
    """

    def __init__(self, name: str, shared: bool) -> None:
        self.name = name
        self.shared = shared
        self.samples = 0
        self.sums: dict[str, Tensor] = {}

    def add(self, w: Float[Tensor, "b k h w"], batch: int) -> None:
        """Count the weights of a batch; those shared by all its samples count for each."""
        w = w.cpu().double()
        if len(w) == 1 < batch:
            self.shared = True
            w = w.expand(batch, -1, -1, -1)
        largest = (w == w.amax(dim=1, keepdim=True)).double()  # (B, K, H, W)
        places = (0, 2, 3)
        found = {
            "weight": w.sum(dim=0),  # (K, H, W)
            "square": w.square().sum(dim=0),  # (K, H, W)
            "entropy": torch.special.entr(w).sum(),
            "wins": (largest / largest.sum(dim=1, keepdim=True)).sum(places),  # (K,)
            "dominance": (w >= DOMINANT).double().sum(places),  # (K,)
            "pixels": w.var(dim=(2, 3), correction=0).sum(dim=0),  # (K,)
        }
        known = self.sums.get("weight", found["weight"])
        if known.shape != found["weight"].shape:
            raise problem(
                ValueError, "error.router_size", owner="router_report", name=self.name,
                given=tuple(w.shape[2:]), allowed=tuple(known.shape[1:]),
            )  # fmt: skip
        self.samples += len(w)
        self.sums = {key: self.sums.get(key, 0) + value for key, value in found.items()}

    def use(self) -> RouterUse:
        """Return what was seen, as means over samples and places."""
        sums, samples = self.sums, self.samples
        branches, height, width = sums["weight"].shape
        places = samples * height * width
        mean = sums["weight"] / samples  # (K, H, W)
        spread = (sums["square"] / samples - mean.square()).clamp(min=0)  # (K, H, W)
        return RouterUse(
            branches=branches,
            per_pixel=height * width > 1,
            shared=self.shared,
            entropy=sums["entropy"].item() / places,
            usage=tuple(mean.mean(dim=(1, 2)).tolist()),
            wins=tuple((sums["wins"] / places).tolist()),
            dominance=tuple((sums["dominance"] / places).tolist()),
            between_samples=tuple(spread.mean(dim=(1, 2)).sqrt().tolist()),
            between_pixels=tuple((sums["pixels"] / samples).sqrt().tolist()),
        )


@contextmanager
def at_rest(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode without gradients, and give each module its mode back."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        # A loader that starts takes a number from PyTorch's generator, shuffled or not.
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            model.eval()
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def check_device(device: object) -> None:
    """Refuse what names no device, or one that this machine has not."""
    try:
        torch.empty(0, device=device)  # type: ignore[call-overload]
    except (AssertionError, RuntimeError, TypeError) as error:  # AssertionError: built without it
        raise problem(
            ValueError, "error.device_name", owner="router_report",
            given=repr(device), allowed="cpu, cuda, cuda:1, …",
        ) from error  # fmt: skip


def pictures_of(batch: Any, owner: str = "router_report") -> Tensor:
    """Return x of a batch that is x or (x, …)."""
    x = batch[0] if isinstance(batch, tuple | list) and batch else batch
    if not isinstance(x, Tensor):
        raise problem(
            TypeError, "error.batch", owner=owner,
            given=type(x).__name__, allowed="x, (x, y)",
        )  # fmt: skip
    return x


def home(model: nn.Module, x: Tensor) -> torch.device:
    """Return the device of the model's first parameter or buffer, or that of x without one."""
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return x.device
