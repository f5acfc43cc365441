"""How long the code of each page takes: measured by a command, stored, shown at its foot."""

from __future__ import annotations

import datetime
import json
import os
import sys
import time
from pathlib import Path

from . import notebooks
from .house import House, to_json, write_if_changed

LANGUAGE = "tr"  # both editions run the same code
COMMAND = "python book/editions.py times"


def file(house: House) -> Path:
    return house.root / "book" / "times.json"


def read(house: House) -> dict:
    """The stored record; its "seconds" are by the page's name."""
    return json.loads(file(house).read_text("utf-8"))


def measure(house: House) -> int:
    """Execute every committed notebook, one after the other, and store its seconds at once.

    They count from the start of the kernel to the last output. A notebook that fails keeps the
    seconds it had; a page that is no more loses them.
    """
    names = [name for name in house.toc if house.notebook(LANGUAGE, name).exists()]
    old = read(house)["seconds"] if file(house).exists() else {}
    seconds, failed = {name: old[name] for name in names if name in old}, []
    for done, name in enumerate(names, 1):
        started = time.monotonic()
        try:
            notebooks.execute(notebooks.read(house.notebook(LANGUAGE, name)))
        except notebooks.CellFailed as error:
            failed.append(name)
            print(f"  [{done}/{len(names)}] {name}: FAILED\n{error}", flush=True)
            continue
        seconds[name] = round(time.monotonic() - started, 1)
        record = {
            "command": COMMAND,
            "date": datetime.date.today().isoformat(),
            "processors": os.cpu_count(),
            "seconds": seconds,
        }
        write_if_changed(file(house), to_json(record))
        print(f"  [{done}/{len(names)}] {name}: {seconds[name]} s", flush=True)
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))
