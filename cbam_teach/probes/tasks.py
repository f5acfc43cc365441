"""The tasks: pictures whose label needs one thing in particular."""

from types import MappingProxyType
from typing import Any

from cbam_teach import checks
from cbam_teach.data import cluttered_digits, cued_digits, placed_digits
from cbam_teach.pictures import Digits

#: Name of a task -> the maker of its pictures, and the maker's options.
TASKS: MappingProxyType[str, tuple[Any, dict[str, Any]]] = MappingProxyType(
    {
        "cued": (cued_digits, {}),
        "cued_2px": (cued_digits, {"cue_side": 2}),
        "cued_3px": (cued_digits, {"cue_side": 3}),
        "cued_hollow": (cued_digits, {"cue": "hollow"}),
        "cluttered": (cluttered_digits, {}),
        "placed": (placed_digits, {"size": 48}),
        "placed_brighter": (placed_digits, {"size": 48, "label": "brighter"}),
    }
)


def make(task: str, count: int, *, seed: int, split: str) -> Digits:
    """Make pictures of a task.

    Args:
        task: a name of `TASKS`.
        count, seed, split: as in `cued_digits`.

    Raises:
        TypeError, ValueError: for an option that is not allowed.
    """
    checks.choice("make", "task", task, TASKS)
    maker, options = TASKS[task]
    pictures: Digits = maker(count, seed=seed, split=split, **options)
    return pictures
