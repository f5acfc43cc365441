"""Where everything lives, what the shared settings say, and how the builder refuses."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

LANGUAGES = ("tr", "en")
OTHER = {"tr": "en", "en": "tr"}


@dataclass(frozen=True)
class Refusal:
    """One reason not to build: where it is and what to do about it."""

    file: str
    cell: int | None  # counted from 1 in the source file; None when no single cell is to blame
    reason: str

    def __str__(self) -> str:
        place = self.file if self.cell is None else f"{self.file}, cell {self.cell}"
        return f"{place}: {self.reason}"


class Refused(Exception):
    """Raised with everything that was found wrong, so that one run shows it all."""

    def __init__(self, refusals: list[Refusal]):
        self.refusals = refusals
        super().__init__("\n".join(map(str, refusals)))


@dataclass(frozen=True)
class House:
    """The folders of one checkout. Tests build houses of their own in temporary folders."""

    root: Path

    @property
    def chapters(self) -> Path:
        return self.root / "book" / "chapters"

    @property
    def build(self) -> Path:
        return self.root / "_build"

    def notebook(self, language: str, name: str) -> Path:
        return self.root / "book" / language / f"{name}.ipynb"

    @functools.cached_property
    def config(self) -> dict:
        return yaml.safe_load((self.root / "_config.yml").read_text("utf-8"))

    @property
    def repository(self) -> str:
        return self.config["repository"]["url"].rstrip("/")

    @property
    def site(self) -> str:
        return self.config["html"]["baseurl"].rstrip("/")

    @functools.cached_property
    def version(self) -> str:
        text = (self.root / "cbam_teach" / "__init__.py").read_text("utf-8")
        for line in text.splitlines():
            if line.startswith("__version__"):
                return line.split('"')[1]
        raise Refused([Refusal("cbam_teach/__init__.py", None, "it sets no __version__")])

    @functools.cached_property
    def toc(self) -> list[str]:
        """File names of the table of contents, root first, in reading order."""
        toc = yaml.safe_load((self.root / "_toc.yml").read_text("utf-8"))
        parts = toc.get("parts", [toc])
        return [toc["root"], *(entry["file"] for part in parts for entry in part["chapters"])]


def digest(text: str, length: int = 12) -> str:
    """Short content hash: the same text gives the same characters on every machine."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:length]


def write_if_changed(path: Path, text: str) -> bool:
    """Write `text` unless the file already holds it (an unchanged file keeps its time stamp)."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


def to_json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
