"""Small houses: a book of one or two short chapters in a temporary folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book"))

from builder.house import House  # noqa: E402

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


def pair(tr: str, en: str) -> str:
    return f'+++ {{"lang": "tr"}}\n\n{tr}\n\n+++ {{"lang": "en"}}\n\n{en}\n\n'


def code(source: str, *tags: str) -> str:
    header = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{header}{source}\n```\n\n"


TITLE = pair("# Başlık\n\nBir soru.", "# Title\n\nA question.")
CLAIMS = """
- id: C001
  tr: Maske toplanır.
  en: A mask is added.
  source: notes 002
  verdict: false
  correction: {tr: Maske çarpılır., en: A mask multiplies.}
  chapter: 01_a
"""
REFERENCES = """
@inproceedings{woo2018, author={Woo, Sanghyun and Park, Jongchan and Lee, Joon-Young},
 title={{CBAM}: Convolutional Block Attention Module}, booktitle={ECCV}, year={2018},
 doi={10.1007/978-3-030-01234-2_1}}
"""
PACKAGE = '''"""Stand-in: kernels start fast because it does not import PyTorch."""

__version__ = "0.1.0"


def start(language, seed):
    return "cpu"
'''
MODULE = '''"""A mask."""


class Mask:
    """What it does."""

    def forward(self, x):
        """Shapes."""
        return x  # (B,C,1,1)
'''


@pytest.fixture
def build_house(tmp_path, monkeypatch):
    """`build_house(**chapters)`: a checkout whose chapters have the given source text."""

    def make(folder: str = "house", **chapters: str) -> House:
        root = tmp_path / folder
        (root / "book" / "chapters").mkdir(parents=True)
        (root / "cbam_teach").mkdir()
        (root / "cbam_teach" / "__init__.py").write_text(PACKAGE, "utf-8")
        (root / "cbam_teach" / "mask.py").write_text(MODULE, "utf-8")
        (root / "book" / "claims.yml").write_text(CLAIMS, "utf-8")
        (root / "book" / "references.bib").write_text(REFERENCES, "utf-8")
        shutil.copy(ROOT / "book" / "glossary.yml", root / "book")
        shutil.copy(ROOT / "_config.yml", root)
        names = "".join(f"  - file: {name}\n" for name in list(chapters)[1:])
        toc = f"format: jb-book\nroot: {next(iter(chapters))}\nchapters:\n{names or '  []'}"
        (root / "_toc.yml").write_text(toc, "utf-8")
        for name, text in chapters.items():
            (root / "book" / "chapters" / f"{name}.md").write_text(HEAD + text, "utf-8")
        monkeypatch.setenv("PYTHONPATH", str(root))  # kernels import the stand-in
        return House(root)

    return make
