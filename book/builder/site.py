"""From committed notebooks to the site: both editions built side by side, then put in place."""

from __future__ import annotations

import copy
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from . import engine, live
from .faces import Myst
from .house import LANGUAGES, House, write_if_changed
from .notebooks import as_text, read, site_notebook
from .source import Chapter


class BuildFailed(RuntimeError):
    """Jupyter Book refused an edition; the message ends with what it printed."""


def write_sources(chapters: list[Chapter], house: House, language: str) -> Path:
    """Fill `_build/src/LANGUAGE`; unchanged files keep their time stamps, stale ones go."""
    folder = house.build / "src" / language
    face = Myst(house, language, chapters)
    written = {
        folder / "_config.yml": yaml.safe_dump(edition_config(house, language), allow_unicode=True),
        folder / "_toc.yml": yaml.safe_dump(edition_toc(house, language), allow_unicode=True),
    }
    for chapter in chapters:
        if chapter.is_notebook:
            committed = read(house.notebook(language, chapter.name))
            text = as_text(site_notebook(chapter, face, committed))
            written[folder / f"{chapter.name}.ipynb"] = text
        else:
            cells = [face.render(cell.source) for cell in chapter.edition(language)]
            written[folder / f"{chapter.name}.md"] = "\n\n".join(cells) + "\n"
    for path, text in written.items():
        write_if_changed(path, text)
    for path in folder.iterdir():
        if path not in written:
            path.unlink()
    return folder


def edition_toc(house: House, language: str) -> dict:
    """The shared table of contents; a part's caption is said in the edition's language."""
    toc = yaml.safe_load((house.root / "_toc.yml").read_text("utf-8"))
    for part in toc.get("parts", []):
        part["caption"] = part["caption"][language]
    return toc


def edition_config(house: House, language: str) -> dict:
    """The shared settings with the edition's own title, language and notebook folder."""
    config = copy.deepcopy(house.config)
    edition = config.pop("editions")[language]
    config["title"] = edition["title"]
    config["repository"]["path_to_book"] = f"book/{language}"
    sphinx = config.setdefault("sphinx", {})
    sphinx.setdefault("config", {})["language"] = language
    extensions = sphinx.get("local_extensions", {})
    sphinx["local_extensions"] = {n: str(house.root / path) for n, path in extensions.items()}
    return config


def build(chapters: list[Chapter], house: House) -> Path:
    """Build both editions with warnings as errors and put the site in place; returns its folder.

    Raises
    ------
    BuildFailed
        When either edition does not build; the last good site stays as it was.
    """
    started = time.monotonic()
    folders = {language: write_sources(chapters, house, language) for language in LANGUAGES}
    running = {}
    for language, folder in folders.items():
        print(f"  {language}: building {len(chapters)} pages …", flush=True)
        running[language] = _start(house, language, folder)
    failures = []
    for language, process in running.items():
        code = process.wait()
        seconds = time.monotonic() - started
        print(f"  {language}: {'done' if code == 0 else 'FAILED'}, {seconds:.0f} s", flush=True)
        if code:
            failures.append(f"{language} edition:\n{_tail(house, language)}")
    if failures:
        raise BuildFailed("\n".join(failures))
    return _publish(chapters, house)


def _log(house: House, language: str) -> Path:
    return house.build / "cache" / f"{language}.log"


def _tail(house: House, language: str) -> str:
    lines = _log(house, language).read_text("utf-8", errors="replace").splitlines()
    telling = [line for line in lines if "WARNING" in line or "ERROR" in line]
    return "\n".join(telling or lines[-25:])


def _start(house: House, language: str, folder: Path) -> subprocess.Popen:
    cache = house.build / "cache" / language
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(folder)]
    command += ["--config", str(folder / "_config.yml"), "--toc", str(folder / "_toc.yml")]
    command += ["--path-output", str(cache), "-W", "-n", "--keep-going"]
    environment = {**os.environ, "NO_COLOR": "1"}
    with _log(house, language).open("w") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
        )


def _publish(chapters: list[Chapter], house: House) -> Path:
    """Finish copies of both editions beside the old site, then swap the folders."""
    finishing = _theme(house)
    following, site, last = (house.build / name for name in ("site.next", "site", "site.last"))
    for folder in (following, last):
        shutil.rmtree(folder, ignore_errors=True)
    for language in LANGUAGES:
        html = house.build / "cache" / language / "_build" / "html"
        shutil.copytree(html, following / language, ignore=shutil.ignore_patterns(".buildinfo*"))
        write_payloads(chapters, house, language, following / language)
        finishing.finish(following / language, language, house.config)
    finishing.chooser(following, house.config)
    if any(following.glob("*/_live")):
        engine.write(following, house)
    if site.exists():
        site.rename(last)
    following.rename(site)
    shutil.rmtree(last, ignore_errors=True)
    return site


def write_payloads(chapters: list[Chapter], house: House, language: str, html: Path) -> None:
    """Fill `_live` of an edition: CHAPTER-LABEL.js for each of its live figures."""
    for chapter in chapters:
        if chapter.is_notebook:
            notebook = read(house.notebook(language, chapter.name))
            for label, text in live.payloads(chapter, notebook).items():
                write_if_changed(html / "_live" / f"{chapter.name}-{label}.js", text)


def _theme(house: House):
    path = house.root / "book" / "theme" / "finish.py"
    spec = importlib.util.spec_from_file_location("book_theme_finish", path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module
