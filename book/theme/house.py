"""The site of the book: a Sphinx extension over Jupyter Book's theme.

It gives every page the other edition's address, the notebook's addresses and the words of its
language (words.py), typesets its formulas (mathematics.py), folds without a script (folds.py),
makes its check lists boxes to tick (tasks.py), gives a section the same anchor in both editions
(anchors.py) and mends the Turkish search (turkish.py).
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path
from urllib.parse import quote

import yaml
from sphinx.application import Sphinx
from sphinx.jinja2glue import BuiltinTemplateLoader

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import anchors  # noqa: E402
import folds  # noqa: E402
import icons  # noqa: E402
import mathematics  # noqa: E402
import tasks  # noqa: E402
import turkish  # noqa: E402
import words  # noqa: E402

TIMES_FILE = HERE.parent / "times.json"
TIMES = json.loads(TIMES_FILE.read_text("utf8"))
EDITIONS = yaml.safe_load((HERE.parents[1] / "_config.yml").read_text("utf8"))["editions"]
STYLES = ("pygments.css", "styles/sphinx-book-theme.css", "mystnb.", "icons.css", "house.css")
typesetter = mathematics.Typesetter()


class Pages(BuiltinTemplateLoader):
    """Renders a page as Sphinx does, then typesets the formulas of the whole page at once."""

    def render(self, template: str, context: dict) -> str:
        page = super().render(template, context)
        if "</body>" not in page:
            return page
        # myst-nb's label hides the words of the summary from a screen reader, and is English.
        page = page.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        return typesetter.page(page, context.get("pagename", template))


def page_context(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """What the templates need to know of this page."""
    language = app.config.language
    other = next(code for code in EDITIONS if code != language)
    options = app.config.html_theme_options
    site = app.config.house_site
    up = context["content_root"].removeprefix("./")
    repository = options["repository_url"].rstrip("/")
    branch = options.get("repository_branch", "main")
    launch = options.get("launch_buttons", {})
    house = {
        "language": language,
        "other": other,
        "other_name": EDITIONS[other]["name"],
        "other_href": f"{up}../{other}/{pagename}.html",
        "alternates": [
            *((code, f"{site}/{code}/{pagename}.html") for code in EDITIONS),
            ("x-default", f"{site}/"),
        ],
        "repository": repository,
        "issue": f"{repository}/issues/new?title={quote(f'{language}/{pagename}: ')}",
        "description": EDITIONS[language]["subtitle"],
        "author": EDITIONS[language]["author"],
        "search_words": words.for_search(language),
    }
    if doctree is not None:
        house["edit"] = f"{repository}/edit/{branch}/book/chapters/{pagename}.md"
    if doctree is not None and app.env.doc2path(pagename).endswith(".ipynb"):
        owner = "/".join(repository.split("/")[-2:])
        path = f"{options['path_to_docs'].strip('/')}/{pagename}.ipynb"
        colab, binder = launch["colab_url"].rstrip("/"), launch["binderhub_url"].rstrip("/")
        house["colab"] = f"{colab}/github/{owner}/blob/{branch}/{path}"
        house["binder"] = f"{binder}/v2/gh/{owner}/{branch}?urlpath=lab/tree/{path}"
        house["notebook"] = f"{up}_downloads/notebooks/{pagename}.ipynb"
        if pagename in TIMES["seconds"]:
            house["seconds"] = math.ceil(TIMES["seconds"][pagename])
            house["processors"] = TIMES["processors"]
    context["house"] = house


def page_assets(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Drop the scripts and styles that extensions put on every page: none is used here."""
    context["script_files"] = []
    context["css_files"] = [
        css
        for css in context["css_files"]
        if any(str(css.filename).startswith((f"_static/{s}", s)) for s in STYLES)
    ]


def configure(app: Sphinx, config) -> None:
    """Settings that follow from the language. A change of the theme's own files rebuilds all."""
    language = config.language
    files = sorted(f for f in HERE.rglob("*.*") if f.is_file() and f.suffix != ".pyc")
    content = b"".join(map(Path.read_bytes, [*files, TIMES_FILE]))
    config.house_digest = hashlib.sha256(content).hexdigest()
    config.house_site = (config.html_baseurl or "").rstrip("/")
    if config.house_site:
        config.html_baseurl = f"{config.house_site}/{language}/"
    config.html_static_path.append(str(HERE / "static"))
    config.templates_path.insert(0, str(HERE / "templates"))
    config.html_favicon = config.html_favicon or str(HERE / "static" / "favicon.svg")
    config.html_search_language = language
    config.html_context["default_mode"] = "auto"
    config.nb_code_prompt_show, config.nb_code_prompt_hide = words.PROMPTS[language]
    config.html_theme_options |= {
        "back_to_top_button": False,
        "use_fullscreen_button": False,
        "use_download_button": False,
        "primary_sidebar_end": [],
        "footer_content_items": ["house-footer.html"],
    }


def start(app: Sphinx) -> None:
    """Before the first page: everything that may be missing is asked for."""
    mathematics.asset("mathjax")
    static = Path(app.outdir) / "_static"
    static.mkdir(parents=True, exist_ok=True)
    icons.write(static / "icons.css")
    typesetter.start()


def end(app: Sphinx, exception: Exception | None) -> None:
    typesetter.close()


def setup(app: Sphinx) -> dict:
    app.add_config_value("house_site", "", "html")
    app.add_config_value("house_digest", "", "env")
    words.install(app)
    app.add_html_math_renderer("house", (mathematics.inline, None), (mathematics.display, None))
    app.add_css_file("icons.css", priority=800)
    app.add_css_file("house.css", priority=900)
    anchors.setup(app)
    folds.setup(app)
    tasks.setup(app)
    turkish.setup(app)
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", start)
    # The theme tries its templates at 500 and must know the page by then; assets come later.
    app.connect("html-page-context", page_context, priority=400)
    app.connect("html-page-context", page_assets, priority=900)
    app.connect("build-finished", end)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
