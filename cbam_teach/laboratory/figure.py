"""The mask laboratory: the trained network of every rung as one live figure."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from torch import Tensor

from cbam_teach import checks
from cbam_teach.laboratory.album import pictures
from cbam_teach.laboratory.bench import SETTINGS, Bench, Setting, check_picture, read, with_settings
from cbam_teach.laboratory.weights import load
from cbam_teach.ladder import LADDER
from cbam_teach.language import say

if TYPE_CHECKING:
    from cbam_teach.live import LiveFigure

WINDOWS = ("3×3", "7×7", "7×7, d=2")  # of the branches


def laboratory(
    rung: str = "cbam", *, against: str | None = None, picture: int = 0, **settings: Setting
) -> "LiveFigure":
    """Show every rung of `LADDER`, trained, with its masks and all that can be set about them.

    >>> laboratory("mixed", against="cbam", picture=6, spatial_temperature=0.1)

    Args:
        rung: the one shown.
        against: the one shown beside it; None: none.
        picture: six digits, 0 to 5, then the photographs ``"china"``, ``"flower"`` and
            ``"hopper"``, 6 to 8.
        settings: any of the rung's controls, by its name with dots or with underscores:
            ``channel_temperature``, ``spatial_temperature`` (0.1 to 10), ``channel_gate``,
            ``spatial_gate`` (``"sigmoid"``, ``"hardsigmoid"``), ``mix`` (to 1, from 0 or from
            what was learned if that is lower), ``fusion_by_hand``, ``router_by_hand`` (True,
            False), ``fusion_avg``, ``fusion_max``, ``router_1``, … (0 to 1). What is not named
            stays as it was learned.

    Raises:
        TypeError, ValueError: for a rung, picture or setting that is not there, and for a
            setting outside its range.
    """
    checks.choice("laboratory", "rung", rung, LADDER)
    if against is not None:
        checks.choice("laboratory", "against", against, LADDER)
    numbers = read(with_settings(rung).controls, rung, settings)
    images = pictures()
    check_picture(picture, len(images))
    made, rungs = make(images), list(LADDER)
    made.variant = rungs.index(rung)
    made.against = -1 if against is None else rungs.index(against)
    made.picture = picture
    for name, value in numbers.items():
        setattr(made, made.traits_of[name], value)
    return made


def make(images: dict[str, Tensor], rungs: Iterable[str] = LADDER) -> "LiveFigure":
    """Build the figure of these rungs, with nothing set."""
    from cbam_teach.live import LiveFigure, View

    return LiveFigure(
        {rung: Bench(load(rung)) for rung in rungs},
        images,
        controls=SETTINGS,
        views=(
            View("picture", "image"),
            View("heatmap", "spatial.mask"),
            View("heatmap", "relief", scale="automatic"),
            View("overlay", "spatial.mask"),
            View("histogram", "spatial.mask"),
            View("difference", "spatial.mask"),
            View("numbers", "spatial.mask"),
            View("bars", "channel.mask"),
            View("bars", "answer", scale=(0, 1), names=tuple("0123456789")),
            View("bars", "fusion", names=("avg", "max")),
            View("bars", "shares", scale=(0, 1), names=WINDOWS),
            View("heatmap", "places", scale=(0, 1), names=WINDOWS),
        ),
        own=True,
        compare=True,
        call="laboratory",
        title=say("lab.title"),
    )
