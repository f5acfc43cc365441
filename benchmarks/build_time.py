"""How long the site takes to build, beside plain Jupyter Book on the same notebooks.

    python benchmarks/build_time.py

Works on a copy of the tracked files in a temporary folder; prints seconds and ratios.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JUPYTER_BOOK = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
OURS = [sys.executable, "book/editions.py", "book"]


def copy_of_the_book(folder: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def seconds(commands: list[list[str]], folder: Path) -> float:
    """Wall time of commands that run side by side."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as log:
        running = [
            subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) for command in commands
        ]
        codes = [process.wait() for process in running]
        if any(codes):
            log.seek(0)
            sys.exit(log.read().decode()[-4000:])
    return time.monotonic() - start


def plain(book: Path) -> list[list[str]]:
    """Jupyter Book with its own settings, on each edition's committed notebooks."""
    commands = []
    for language in ("tr", "en"):
        folder = book / "plain" / language
        folder.mkdir(parents=True)
        notebooks = sorted((book / "book" / language).glob("*.ipynb"))
        for notebook in notebooks:
            shutil.copy(notebook, folder)
        files = "".join(f"  - file: {path.stem}\n" for path in notebooks)
        (folder / "index.md").write_text("# Index\n")
        (folder / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}")
        (folder / "_config.yml").write_text('execute:\n  execute_notebooks: "off"\n')
        commands.append([*JUPYTER_BOOK, str(folder)])
    return commands


def edit(book: Path) -> None:
    """One more sentence in both halves of a chapter's first pair."""
    path = book / "book" / "chapters" / "02_masks.md"
    head, marker, tail = path.read_text("utf-8").partition('+++ {"lang": "en"}')
    first, code, rest = tail.partition("```{code-cell}")
    edited = head + "Bir cümle daha.\n\n" + marker + first + "One more sentence.\n\n" + code + rest
    path.write_text(edited, "utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = copy_of_the_book(Path(folder))
        stock = seconds(plain(book), book)
        clean = seconds([OURS], book)
        again = seconds([OURS], book)
        edit(book)
        edited = seconds([OURS], book)
    print(f"both editions, {os.cpu_count()} cores, seconds and ratio to plain Jupyter Book")
    print(f"  plain jupyter-book build   {stock:6.1f}")
    for name, value in (("clean", clean), ("nothing changed", again), ("one chapter", edited)):
        print(f"  {name:24}   {value:6.1f}   {value / stock:.2f}")


if __name__ == "__main__":
    main()
