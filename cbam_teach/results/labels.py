"""What the cells of the experiments and the parts of a record are called, in two languages."""

import re
from collections.abc import Sequence

from cbam_teach.ladder import LADDER
from cbam_teach.language import say

FAULTS = ("unused", "mixed")  # what a variant's name may end in, behind the place


def label(cell: str, *, task: bool = True) -> str:
    """Return the words for a cell: ``"cued,cbam-before"`` is "cued digits: CBAM before …".

    Args:
        cell: a name as the grid of the experiments gives it: task, variant, and what differs
            from the usual, with commas between.
        task: whether the words begin with the task.

    Raises:
        ValueError: for a name with a part that has no words.
    """
    first, variant, *others = cell.split(",")
    said = ", ".join([variant_label(variant), *map(difference_label, others)])
    return say("cells.of", task=task_label(first), label=said) if task else said


def labels(cells: Sequence[str]) -> list[str]:
    """Return the words for several cells; the task is left out where they all share it."""
    return [label(cell, task=shared_task(cells) is None) for cell in cells]


def shared_task(cells: Sequence[str]) -> str | None:
    """Return the task that all these cells have, or None where they differ."""
    tasks = {cell.partition(",")[0] for cell in cells}
    return tasks.pop() if len(tasks) == 1 else None


def task_label(task: str) -> str:
    """Return the words for a task of the experiments."""
    return say(f"cells.task.{task}")


def variant_label(variant: str) -> str:
    """Return the words for a variant, such as ``"cbam-before-unused"``."""
    attention, *rest = variant.split("-")
    rung = attention in LADDER and attention != "cbam"
    said = say("cells.rung", name=attention) if rung else say(f"cells.attention.{attention}")
    for part in rest:
        kind = "fault" if part in FAULTS else "place"
        said = say(f"cells.{kind}.{part}", what=said)
    return said


def difference_label(part: str) -> str:
    """Return the words for one part of a name: ``"epochs=24"``, ``"circular"``, …."""
    name, _, value = part.partition("=")
    return say(f"cells.{name}", value=value) if value else say(f"cells.{name}")


def changed_label(word: str) -> str:
    """Return the words for what was changed: ``"channel.ones"``, ``"unchanged"``, …."""
    kind, _, change = word.partition(".")
    if not change:
        return say("cells.unchanged")
    change = "even" if (kind, change) == ("router", "ones") else change
    return say("cells.changed", kind=say(f"cells.kind.{kind}"), word=say(f"cells.word.{change}"))


def scalar_label(name: str) -> str:
    """Return the words for a learned scalar: ``"block1.attention.mix"``, …."""
    parts = re.findall(r"input_mix|channel|spatial|mix", name)
    (block,) = re.findall(r"\d+", name)[:1]
    return say("cells.scalar", block=block, part=say(f"cells.part.{parts[0]}"))
