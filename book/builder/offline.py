"""The book in one zip, to be read from a disk: unpack it and open index.html."""

from __future__ import annotations

import zipfile
from pathlib import Path

from .engine import GLUE, WASM

MOMENT = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever it is packed
UNREAD = {f"engine/{name}" for name in (GLUE, WASM)}  # a page from a disk takes offline.js


def pack(site: Path, path: Path, root: str) -> None:
    """Write the built site into the zip `path`, under one folder `root`."""
    names = sorted(file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file())
    following = path.with_suffix(".next")
    with zipfile.ZipFile(following, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            if name in UNREAD:
                continue
            entry = zipfile.ZipInfo(f"{root}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (site / name).read_bytes())
    following.replace(path)
