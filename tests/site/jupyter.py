"""A Jupyter server, and a notebook of it in the browser; nothing here is a test."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[2]
# program -> (module, address of a notebook)
PROGRAMS = {"lab": ("jupyterlab", "lab/tree"), "notebook": ("notebook", "notebooks")}
START = 60  # seconds

# The kernel of the notebook in front is there and waits for work.
IDLE = """() => {
  const shown = window.jupyterapp?.shell?.currentWidget;
  return shown?.sessionContext?.session?.kernel?.status === "idle";
}"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def jupyter(program: str, folder: Path, trusts: Path | None = None) -> Iterator[str]:
    """JupyterLab ("lab") or Notebook 7 ("notebook") over a folder; gives its address.

    `trusts`: a notebook whose outputs it is told to trust.
    """
    module, _ = PROGRAMS[program]
    port = free_port()
    home = folder / ".home"
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment |= {name: str(home / name.lower()) for name in places}
    settings = home / "jupyter_config_dir" / "lab" / "user-settings" / "@jupyterlab"
    settings = settings / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    if trusts is not None:
        trust = [sys.executable, "-m", "jupyter_core.command", "trust", str(trusts)]
        subprocess.run(trust, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", module, "--no-browser", f"--port={port}", "--allow-root"]
    command += ["--ServerApp.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"]
    command += ["--expose-app-in-browser", "--ServerApp.log_level=CRITICAL"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START
        while not answers(f"{address}/api/status"):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{module} did not start")
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def write(folder: Path, name: str, *cells: str) -> Path:
    """A notebook of these code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "name": "python3"}
    path = folder / name
    nbformat.write(notebook, path)
    return path


def opened(page, program: str, address: str, name: str) -> None:
    """Open a notebook and wait until it is drawn and its kernel is there."""
    page.goto(f"{address}/{PROGRAMS[program][1]}/{name}?reset", timeout=60_000)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_function(IDLE, timeout=60_000)


def execute(page) -> None:
    """Run all cells."""
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
