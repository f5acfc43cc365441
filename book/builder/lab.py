"""JupyterLab on the chapter sources: .md opens as a notebook, the set-up cell has been run."""

from __future__ import annotations

import os
import subprocess
import sys

from .house import House, write_if_changed
from .notebooks import setup_code


def start(house: House, language: str) -> int:
    """Run JupyterLab until it is closed; its settings live in `_build/lab`, nowhere else."""
    state = house.build / "lab"
    startup = state / "ipython" / "profile_default" / "startup" / "00-setup.py"
    write_if_changed(startup, setup_code(house, language) + "\n")
    environment = {
        **os.environ,
        "IPYTHONDIR": str(state / "ipython"),
        "JUPYTER_CONFIG_DIR": str(state / "config"),
    }
    viewer = [sys.executable, "-m", "jupytext_config", "set-default-viewer"]
    subprocess.run(viewer, env=environment, check=True)
    command = [sys.executable, "-m", "jupyterlab", str(house.chapters)]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # in a container; the server stays on this machine
    return subprocess.call(command, env=environment)
