"""Chapters -> notebooks -> site.

python book/editions.py check       refuse what cannot be built; change nothing
python book/editions.py agree       store that every pair says the same in both languages
python book/editions.py notebooks   execute the notebooks whose code changed (--all: every one)
python book/editions.py book        rewrite prose, keep outputs, build the site of both editions
python book/editions.py offline     the same, and _build/offline.zip, which opens from a disk
python book/editions.py times       execute every notebook alone and store how long it took
python book/editions.py lab         JupyterLab on the chapter sources, set-up already run
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from builder import agreement, lab, notebooks, times
from builder.book import agreed_book, checked_book, made_from, rewrite, wanted
from builder.house import LANGUAGES, House, Refusal, Refused, write_if_changed


def run_notebooks(house: House, everything: bool, jobs: int) -> int:
    """Execute what changed, `jobs` at a time; a finished notebook is written at once."""
    chapters = agreed_book(house, record=True)
    todo = []
    for path, notebook in wanted(chapters, house).items():
        mark = made_from(notebook, house)
        old = notebooks.read(path) if path.exists() else None
        stored = old.metadata.get("cbam_teach", {}).get("made_from") if old else None
        if everything or old is None or stored != mark:
            notebook.metadata.cbam_teach["made_from"] = mark
            todo.append((path, notebook))
    print(f"notebooks: {len(todo)} to execute, {jobs} at a time", flush=True)
    failed = []
    # One thread a kernel: several kernels that each want every core get in each other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(jobs) as pool:
        started = time.monotonic()
        waiting = {pool.submit(notebooks.execute, notebook): path for path, notebook in todo}
        for done, future in enumerate(as_completed(waiting), 1):
            path = waiting[future]
            name = path.relative_to(house.root).as_posix()
            try:
                write_if_changed(path, notebooks.as_text(future.result()))
                outcome = "ok"
            except notebooks.CellFailed as error:
                failed.append(name)
                outcome = f"FAILED\n{error}"
            seconds = time.monotonic() - started
            print(f"  [{done}/{len(todo)}] {name}: {outcome} ({seconds:.0f} s)", flush=True)
    if failed:
        print(f"not written: {', '.join(failed)}; the finished ones are kept", file=sys.stderr)
        return 1
    rewrite(chapters, house, write=True)
    return 0


def run_book(house: House) -> int:
    from builder import site

    chapters = agreed_book(house, record=True)
    for path in rewrite(chapters, house, write=True):
        print(f"  rewrote the prose of {path.relative_to(house.root)}")
    try:
        folder = site.build(chapters, house)
    except site.BuildFailed as error:
        print(f"{error}\nThe site was not built; the last good one is untouched.", file=sys.stderr)
        return 1
    print(f"The book is ready. Open {folder / 'index.html'}\nor run `make serve`.")
    return 0


def run_offline(house: House) -> int:
    from builder import offline

    if code := run_book(house):
        return code
    path = house.build / "offline.zip"
    offline.pack(house.build / "site", path, f"{house.repository.split('/')[-1]}-{house.version}")
    size = path.stat().st_size / 1e6
    print(f"One file for a disk: {path} ({size:.0f} MB). Unpack it and open index.html.")
    return 0


def run_check(house: House) -> int:
    chapters = agreed_book(house, record=False)
    stale = [str(path.relative_to(house.root)) for path in rewrite(chapters, house, write=False)]
    if stale:
        reason = "not what the sources give; run `make book` and commit the result"
        raise Refused([Refusal(name, None, reason) for name in stale])
    print(f"{len(chapters)} chapters agree with their notebooks in both languages.")
    return 0


def run_agree(house: House) -> int:
    changed = agreement.record(checked_book(house), house)
    print(f"agreed: {', '.join(changed) or 'nothing had changed'}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "command", choices=["check", "agree", "notebooks", "times", "book", "offline", "lab"]
    )
    parser.add_argument("--all", action="store_true", help="notebooks: execute every one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="notebooks at a time")
    parser.add_argument("--language", choices=LANGUAGES, default="tr", help="lab: set-up language")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    options = parser.parse_args(arguments)
    house = House(options.root.resolve())
    try:
        if options.command == "notebooks":
            return run_notebooks(house, options.all, max(1, options.jobs))
        if options.command == "lab":
            return lab.start(house, options.language)
        commands = {"check": run_check, "agree": run_agree, "book": run_book}
        commands |= {"offline": run_offline, "times": times.measure}
        return commands[options.command](house)
    except Refused as refused:
        print(f"{refused}\n{len(refused.refusals)} refused.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
