"""What the live figures of both editions share: the front end, and the engine that computes.

Pages fetch nothing of it before a live figure comes near. A browser reads no WebAssembly from a
disk, so `offline.js` brings it as text; only a page opened as a file asks for that.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import shutil
from pathlib import Path

from .house import House, Refusal, Refused

RUNTIME = "ort.wasm.min.js"
GLUE = "ort-wasm-simd-threaded.mjs"
WASM = "ort-wasm-simd-threaded.wasm"
OFFLINE = "offline.js"


def write(site: Path, house: House) -> None:
    """Fill `engine` at the root of the site.

    Raises
    ------
    Refused
        Where the engine's npm package is not installed.
    """
    folder = site / "engine"
    folder.mkdir()
    front = joined(house)
    (folder / "live.js").write_text(front.as_script(), "utf-8")
    (folder / "live.css").write_text(front.style(), "utf-8")
    for name in (RUNTIME, GLUE, WASM):
        shutil.copyfile(part(house, name), folder / name)
    data = {
        "wasm": base64.b64encode((folder / WASM).read_bytes()).decode("ascii"),
        "glue": (folder / GLUE).read_text("utf-8"),
    }
    (folder / OFFLINE).write_text(f"cbamLive.offline({json.dumps(data)});\n", "utf-8")


def part(house: House, name: str) -> Path:
    path = house.root / "node_modules" / "onnxruntime-web" / "dist" / name
    if not path.is_file():
        reason = "the engine of the live figures is not installed; run `make book`"
        raise Refused([Refusal(path.relative_to(house.root).as_posix(), None, reason)])
    return path


def joined(house: House):
    """The module that joins the front end; it needs no package, this builder none of the book's."""
    path = house.root / "cbam_teach" / "live" / "join.py"
    spec = importlib.util.spec_from_file_location("cbam_teach_live_join", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
