"""Stored results: numbers that take too long to compute in a chapter, with how they were made."""

import json
from importlib.resources import files
from typing import Any

from cbam_teach import checks
from cbam_teach.language import problem

STAGES = ("screen", "confirm")
REAL = (int, float)
# What a run must say, and what kind of value that is.
NEEDED: dict[str, Any] = {"cell": str, "stage": str, "seed": int, "lr": REAL, "validation": list}
RUNS = files(__name__) / "runs"


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


def runs(stage: str | None = None, *, cell: str | None = None) -> list[dict[str, Any]]:
    """Return the records of the experiments' runs, by cell, then by learning rate and seed.

    A record holds ``cell``, ``seed``, ``lr``, what else the run was asked to do, ``train`` and
    ``validation`` accuracy per epoch (0 to 1), ``parameters``, ``seconds``, ``machine``,
    ``command``; that of a confirming run also ``test`` and what its masks were seen to do.

    Args:
        stage: ``"screen"`` (they chose the learning rates), ``"confirm"`` (they are reported),
            or None for both.
        cell: the name of the one cell whose runs are read; None: all. Of a cell without runs
            the list is empty.

    Raises:
        FileNotFoundError: when no run at all is stored.
        ValueError: for another stage, and for a file that is damaged or has another's name.
    """
    if stage is not None:
        checks.choice("runs", "stage", stage, STAGES)
    items = [i for i in RUNS.iterdir() if i.name.endswith(".json")] if RUNS.is_dir() else []
    if not items:
        raise problem(FileNotFoundError, "error.no_runs", given="0", allowed="make experiments")
    records = [read(item) for item in items if cell is None or item.name.startswith(f"{cell},")]
    wanted = [
        record for record in records
        if stage in (None, record["stage"]) and cell in (None, record["cell"])
    ]  # fmt: skip
    return sorted(wanted, key=lambda record: (record["cell"], record["lr"], record["seed"]))


def read(item: Any) -> dict[str, Any]:
    """Return the record in a file, or refuse what is not the whole record of that name."""
    try:
        record = json.loads(item.read_text(encoding="utf-8"))
    except ValueError:  # cut off, or not text
        record = None
    found = record if isinstance(record, dict) else {}
    missing = [name for name, kind in NEEDED.items() if not isinstance(found.get(name), kind)]
    if missing or found.get("stage") not in STAGES or f"{found.get('name')}.json" != item.name:
        given = [*missing, repr(found["name"])] if "name" in found else missing
        allowed = [*NEEDED, "name = " + item.name.removesuffix(".json")]
        raise problem(ValueError, "error.run", file=item.name, given=given, allowed=allowed)
    return found
