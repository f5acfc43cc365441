"""Sees to a PyTorch for the environment that runs this script.

In this order: the one that is there; the one of the Python that made the environment; PyTorch's
own CPU wheel (index in TORCH_INDEX, where it answers); plain pip. The last two take the version
in constraints.txt. A PyTorch that is present is never replaced.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (2, 4)  # the first that works with every numpy 2
PROBE = "import json, torch; print(json.dumps(torch.__version__))"
PATIENCE = 5  # seconds that the index has to answer


def version_in(python: str) -> str | None:
    """The version of the torch that this interpreter imports, if it does."""
    run = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, check=False)
    return json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else None


def suitable(version: str | None) -> bool:
    """New enough?"""
    if version is None:
        return False
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2]) >= OLDEST


def base_python(prefix: Path) -> str | None:
    """The interpreter that made the environment at `prefix`."""
    settings = prefix / "pyvenv.cfg"
    for line in settings.read_text().splitlines() if settings.exists() else []:
        name, _, value = line.partition("=")
        if name.strip() == "executable" and Path(value.strip()).exists():
            return value.strip()
    return None


def open_to_base(prefix: Path) -> None:
    """Lets the environment see the packages of the Python that made it."""
    settings = prefix / "pyvenv.cfg"
    text = re.sub(
        r"(?m)^include-system-site-packages *=.*$",
        "include-system-site-packages = true",
        settings.read_text(),
    )
    settings.write_text(text)


def answers(index: str) -> bool:
    """Does the index know torch, and say so soon?"""
    if not index:
        return False
    try:
        with urllib.request.urlopen(f"{index.rstrip('/')}/torch/", timeout=PATIENCE) as reply:
            return reply.status == 200
    except (OSError, ValueError):
        return False


def pinned(name: str = "torch") -> str:
    """`torch==…` as constraints.txt has it."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{name}=="))


def pip_command(index: str) -> list[str]:
    """The installation: with the CPU index where it answers, plain where it does not."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
    command += ["--prefer-binary", "-c", str(ROOT / "constraints.txt"), pinned()]
    # Both sources hold the same version; pip prefers the index's, whose name ends in +cpu.
    return [*command, "--extra-index-url", index] if answers(index) else command


def main() -> int:
    prefix = Path(sys.prefix)
    version = version_in(sys.executable)
    if suitable(version):
        print(f"-- PyTorch {version} is there and stays")
        return 0
    base = base_python(prefix)
    version = version_in(base) if base else None
    if suitable(version):
        print(f"-- PyTorch {version} of {base} is used")
        open_to_base(prefix)
        return 0
    command = pip_command(os.environ.get("TORCH_INDEX", ""))
    source = "its CPU wheel index" if "--extra-index-url" in command else "plain pip"
    print(f"-- installing {pinned()} from {source}: a few minutes", flush=True)
    if subprocess.run(command, check=False).returncode != 0:
        print("\nmake: PyTorch could not be installed.", file=sys.stderr)
        print("  Cure: is there a network, and space on the disk? Then run again.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
