"""Last steps of the site, done on a copy of what Sphinx wrote.

finish(html, language, config) makes one edition light and complete; chooser(site, config) writes
the page from which a reader enters, and the page for an address that does not exist. `config` is
what _config.yml holds.
"""

from __future__ import annotations

import re
import shutil
import struct
import sys
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from parts import complete  # noqa: E402
from styles import thin  # noqa: E402

FIGURE = re.compile(
    r'(<figure [^>]*class="align-default"[^>]*>\s*)(<img [^>]*src="([^"]+\.png)"[^>]*>)'
)


def finish(html: Path, language: str, config: dict) -> None:
    """Put the notebooks beside the pages, and take away what no page uses."""
    notebooks = html / "_downloads" / "notebooks"
    notebooks.mkdir(parents=True, exist_ok=True)
    for notebook in sorted((ROOT / "book" / language).glob("*.ipynb")):
        shutil.copyfile(notebook, notebooks / notebook.name)
    for name in ("_sources", "objects.inv", ".buildinfo", "genindex.html"):
        remove(html / name)
    for page in html.glob("*.html"):
        text = complete(page.read_text("utf8"), page, language)
        page.write_text(FIGURE.sub(lambda figure: boxed(figure, html), text), "utf8")
    lighten(html)


def boxed(figure: re.Match, html: Path) -> str:
    """A wide picture gets a box: on a narrow screen it keeps a readable size and scrolls there."""
    header = (html / figure[3]).read_bytes()[:24]
    width, height = struct.unpack(">II", header[16:24])
    if width <= height:
        return figure[0]
    return f'{figure[1]}<div class="house-figure" tabindex="0">{figure[2]}</div>'


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def lighten(html: Path) -> None:
    """Keep of _static what a page names, and of the style sheets what a page can show."""
    pages = {page: page.read_text("utf8") for page in sorted(html.glob("*.html"))}
    static = html / "_static"
    used = {
        name
        for text in pages.values()
        for name in re.findall(r'(?:src|href)="(?:\./)?_static/([^"?#]+)', text)
    }
    scripts = [static / name for name in used if name.endswith(".js")]
    code = "".join(path.read_text("utf8") for path in scripts)
    seen = set(re.findall(r"[\w-]+", "".join(pages.values()) + code))
    for name in sorted(used):
        if name.endswith(".css"):
            path = static / name
            path.write_text(thin(path.read_text("utf8"), seen), "utf8")
    for path in sorted(static.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(static).as_posix() not in used:
            path.unlink()


def chooser(site: Path, config: dict) -> None:
    """Write index.html (choose a language) and 404.html at the root of the site."""
    base = config["html"]["baseurl"].rstrip("/")
    loader = jinja2.FileSystemLoader(HERE / "templates" / "root")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    shared = {
        "editions": config["editions"],
        "base": base,
        # A server shows 404.html at any depth, so its links start at the site's own folder.
        "folder": urlsplit(base).path.rstrip("/"),
    }
    for name in ("index.html", "404.html"):
        text = environment.get_template(name).render(shared)
        (site / name).write_text(text, "utf8")
    shutil.copyfile(HERE / "static" / "favicon.svg", site / "favicon.svg")
    shutil.copyfile(HERE / "templates" / "root" / "chooser.js", site / "chooser.js")
