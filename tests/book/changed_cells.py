"""Run a chapter cell by cell, and each changed cell before the true one, in a process of its own.

    python tests/book/changed_cells.py CHAPTER < changes.json > outcomes.json

`changes` is a list of [claim, old, new]. A changed cell runs in a fork, so that whatever it does
to the names, the weights and the random numbers is gone when the true cell runs. Its outcome is
"raises" (the check of that very claim disagreed), "agrees", or the error that came instead.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "book")]

from builder.house import House  # noqa: E402
from builder.ledger import checked  # noqa: E402
from builder.source import read_chapter  # noqa: E402

APART = {"exercise", "solution", "wrong", "check"}


def run(source: str, names: dict) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "<cell>", "exec"), names)


def outcome(claim: str, source: str, names: dict) -> str:
    """What a changed cell does, tried in a fork of this process."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading, encoding="utf8") as said:
            text = said.read()
        os.waitpid(child, 0)
        return text or "the process ended without a word"
    try:
        run(source, names)
        text = "agrees"
    except AssertionError as error:
        text = "raises" if str(error).startswith(f"{claim}:") else f"AssertionError: {error}"
    except BaseException as error:
        text = f"{type(error).__name__}: {error}"
    os.write(writing, text.encode())
    os._exit(0)


def outcomes(chapter: str, changes: list[tuple[str, str, str]]) -> list[str]:
    import matplotlib as mpl

    mpl.use("agg")
    import cbam_teach

    house = House(ROOT)
    cells = read_chapter(house.chapters / f"{chapter}.md", house).code
    cells = [cell.source for cell in cells if not APART & set(cell.tags)]
    while cells and not checked(cells[-1]):
        cells.pop()  # nothing is checked any more
    names: dict = {"device": cbam_teach.start("en", seed=0), "__name__": "__main__"}
    found: dict[int, str] = {}
    for source in cells:
        for at, (claim, old, new) in enumerate(changes):
            if claim in checked(source):
                changed = source.replace(old, new)
                once = source.count(old) == 1
                found[at] = outcome(claim, changed, names) if once else f"not once there: {old}"
        run(source, names)
    return [found.get(at, "no cell checks it") for at in range(len(changes))]


if __name__ == "__main__":
    print(json.dumps(outcomes(sys.argv[1], json.load(sys.stdin))))
