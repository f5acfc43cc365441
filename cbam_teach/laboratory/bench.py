"""A trained network of the laboratory with its settings in hand: what it shows, and at which."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.laboratory.album import pictures
from cbam_teach.laboratory.weights import load
from cbam_teach.language import problem
from cbam_teach.trace import trace

if TYPE_CHECKING:
    from cbam_teach.live.program import Program

# What a reader can set, and what is shown; a rung without the part has neither.
SETTINGS = (
    "spatial.temperature", "spatial.gate", "channel.temperature", "channel.gate", "mix",
    "fusion", "router",
)  # fmt: skip
OUTPUTS = ("spatial.mask", "relief", "channel.mask", "fusion", "answer", "shares", "places")
SPATIAL = "block.attention.spatial.mask"
ROUTER = f"{SPATIAL}.router"

Setting = float | bool | str


class Bench(nn.Module):
    """A trained network, with what the figure shows besides masks and fusion as named outputs.

    ``answer`` holds the probabilities of the ten digits, ``relief`` the spatial mask once more,
    to be shown on a scale of its own: the masks of some rungs stay close to ½. Where there is
    a router, ``shares`` holds what each branch gets, the mean over the pixels, and where each
    pixel has shares of its own, ``places`` holds those.

    Args:
        net: a network of the laboratory.
    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Float[Tensor, "b 3 h w"]) -> dict[str, Tensor]:
        with trace(self.net) as maps:
            found = {"answer": self.net(image).softmax(dim=1)}  # (B, 10)
        found["relief"] = maps[SPATIAL]  # (B, 1, H / 2, W / 2)
        if ROUTER in maps:
            shares = maps[ROUTER]  # (B, 3, 1, 1) or (B, 3, H, W)
            found["shares"] = shares.mean(dim=(2, 3))  # (B, 3)
            if shares.shape[2:].numel() > 1:
                found["places"] = shares
        return found


def look(rung: str = "cbam", *, picture: int = 0, **settings: Setting) -> dict[str, Tensor]:
    """Compute what the figure shows of a rung at some settings, without making the figure.

    >>> look("mixed", picture=6, spatial_temperature=0.1)["spatial.mask"].shape
    torch.Size([1, 1, 48, 48])

    Args:
        rung, picture, settings: as in `laboratory`.

    Returns:
        Name -> tensor on the CPU, with a batch axis: ``"spatial.mask"``, once more as
        ``"relief"``, ``"channel.mask"``, ``"answer"`` (probabilities of the digits), and where
        the rung has them ``"fusion"``, ``"shares"`` (of the branches) and ``"places"`` (each
        pixel's shares).

    Raises:
        TypeError, ValueError: as `laboratory` does.
    """
    program = with_settings(rung)
    images = torch.stack(list(pictures().values()))  # (9, 3, 96, 96)
    check_picture(picture, len(images))
    image = (images[picture : picture + 1] * 255).round() / 255  # as the figure keeps it
    numbers = program.starts() | read(program.controls, rung, settings)
    found = program.choose(image, OUTPUTS)
    with torch.no_grad():
        values = program(image, *program.scalars(numbers, image).values())
    return dict(zip(found, values, strict=True))


def with_settings(rung: str) -> "Program":
    """Return a rung's trained network with everything that can be set about it."""
    from cbam_teach.live.program import Program

    return Program(Bench(load(rung)), dict.fromkeys(SETTINGS)).eval()


def check_picture(picture: object, count: int) -> None:
    """Refuse what is not the place of a picture."""
    checks.integer("laboratory", "picture", picture, least=0)
    checks.number("laboratory", "picture", picture, most=count - 1)


def read(
    controls: Mapping[str, Any], rung: str, settings: Mapping[str, Setting]
) -> dict[str, float]:
    """Return control -> number for the settings given, or refuse what the rung does not have."""
    names = {name.replace(".", "_"): name for name in controls}
    values = {}
    for given, value in settings.items():
        word = given.replace(".", "_")
        if word not in names:
            raise problem(
                ValueError, "lab.error.setting", rung=rung, given=repr(given),
                allowed=list(names),
            )  # fmt: skip
        values[names[word]] = number(word, controls[names[word]], value)
    return values


def number(word: str, control: Any, value: Setting) -> float:
    """Return what a control is set to, a word as its place, or refuse what it cannot be."""
    from cbam_teach.live import Choice, Flag

    if isinstance(control, Choice):
        checks.choice("laboratory", word, value, control.options)
        return float(control.options.index(str(value)))
    if isinstance(control, Flag):
        checks.flag("laboratory", word, value)
    else:
        checks.number("laboratory", word, value, least=control.least, most=control.most)
    return float(value)
