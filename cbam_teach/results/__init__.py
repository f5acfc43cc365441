"""Stored results: numbers that take too long to compute in a chapter, with how they were made."""

import json
from importlib.resources import files
from typing import Any

from cbam_teach.language import problem


def load(name: str) -> dict[str, Any]:
    """Return a stored result as the command that made it wrote it.

    Args:
        name: the file's name without ``.json``, such as ``"attention_cpu"``.

    Returns:
        A dictionary with ``command``, ``seed``, ``machine``, ``torch``, ``date`` and the
        figures themselves.

    Raises:
        ValueError: when there is no such result.
    """
    folder = files(__name__)
    known = sorted(
        item.name.removesuffix(".json") for item in folder.iterdir() if item.name.endswith(".json")
    )
    if name not in known:
        raise problem(ValueError, "error.result", given=repr(name), allowed=known)
    return dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
