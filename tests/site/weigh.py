"""What a chapter page transfers, beside a stock Jupyter Book page of the same chapter.

    python tests/site/weigh.py [page …]

Both are opened in a browser and every answer is counted as a server would send it: compressed with
gzip where that helps. The stock page is built here with Jupyter Book's own settings from the same
notebook; the MathJax that it fetches from elsewhere is given from node_modules and counted like the
rest.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from browser import LANGUAGES, ROOT, chromium, pages, served, site

MATHJAX = "https://cdn.jsdelivr.net/npm/mathjax@3/"


def compressed(body: bytes) -> int:
    return min(len(body), len(gzip.compress(body, 9)))


def stock(language: str, page: str, folder: Path) -> Path:
    """A book of the one chapter, built as `jupyter-book build` builds it by itself."""
    source = ROOT / "_build" / "src" / language
    name = page.removesuffix(".html")
    book = folder / language / name
    book.mkdir(parents=True)
    (book / "index.md").write_text("# Book\n", "utf8")
    (book / f"{name}.ipynb").write_bytes((source / f"{name}.ipynb").read_bytes())
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": name}]}
    (book / "_toc.yml").write_text(yaml.safe_dump(toc), "utf8")
    settings = {
        "title": "Book",
        "execute": {"execute_notebooks": "off"},
        "sphinx": {"config": {"language": language}},
    }
    (book / "_config.yml").write_text(yaml.safe_dump(settings), "utf8")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(book)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The stock page could not be built:\n{done.stdout}\n{done.stderr}")
    return book / "_build" / "html"


def give_mathjax(route) -> None:
    file = ROOT / "node_modules" / "mathjax" / route.request.url.removeprefix(MATHJAX)
    if file.is_file():
        route.fulfill(path=file)
    else:
        route.abort()


def weigh(browser, url: str) -> dict[str, int]:
    """Bytes for each address that the page asks for."""
    found: dict[str, int] = {}
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.route(f"{MATHJAX}**", give_mathjax)
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(url)
    page.wait_for_load_state("networkidle")
    for answer in answers:
        if answer.ok and not answer.url.startswith("data:"):
            found[answer.url] = compressed(answer.body())
    context.close()
    return found


def main(wanted: list[str]) -> None:
    source = ROOT / "_build" / "src" / "tr"
    names = [n for n in pages(site() / "tr") if (source / n).with_suffix(".ipynb").is_file()]
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        print(f"{'page':34} {'ours':>9} {'stock':>9} {'ratio':>7}   heaviest of the stock page")
        for language in LANGUAGES:
            for name in wanted or names:
                with served(site()) as address:
                    ours = weigh(browser, f"{address}/{language}/{name}")
                with served(stock(language, name, Path(scratch))) as address:
                    theirs = weigh(browser, f"{address}/{name}")
                mine, other = sum(ours.values()), sum(theirs.values())
                top = max(theirs, key=theirs.get)
                heaviest = f"{top.split('/')[-1].split('?')[0]} {theirs[top] / 1000:.0f} KB"
                print(
                    f"{f'{language}/{name}':34} {mine / 1000:6.1f} KB {other / 1000:6.1f} KB "
                    f"{mine / other:7.3f}   {heaviest}"
                )


if __name__ == "__main__":
    main(sys.argv[1:])
