"""What only some pages need: the scripts of questions, of live figures and of the ledger.

A live figure is a figure with its picture, for which the builder left a script in `_live`. The
page names that script and fetches it when the figure comes near (static/host.js).
"""

from __future__ import annotations

import hashlib
import html
import re
from pathlib import Path

from words import words

# The theme offers kernels in the page; a page of this book asks for none.
UNUSED = re.compile(
    r'\s*<script type="text/x-thebe-config">.*?</script>\s*<script>.*?</script>', re.S
)
FIGURE = re.compile(r'<figure class="align-default" id="([^"]+)"')
QUIZ = 'class="cbam-quiz"'
ENGINE = "../engine/"
LEDGER = "ledger-entry"
# What the ledger's filters say; the keys are their script's data attributes.
FILTERS = {
    "verdict": "Verdict",
    "every-verdict": "Every verdict",
    "chapter": "Chapter",
    "every-chapter": "Every chapter",
    "reset": "Show all claims",
    "count": "{shown} of {all} claims are shown.",
}
# What the host says when a figure stays a picture; the keys are its script's data attributes.
SAID = {
    "sentence": "This figure is not live here: {reason}.",
    "files": "its files could not be loaded",
    "engine-missing": "the engine that computes it could not be loaded",
    "wasm-missing": "this browser has no WebAssembly",
}


def complete(text: str, page: Path, language: str) -> str:
    """The page with the scripts that it needs, and without one that no page of ours does."""
    text = enliven(UNUSED.sub("", text, count=1), page)
    found = [script("quiz.js")] if QUIZ in text else []
    if LEDGER in text:
        found.append(script("ledger.js", **said(FILTERS, language)))
    if "<figure data-live=" in text:
        found.append(script("host.js", base=ENGINE, **said(SAID, language)))
    return text.replace("</head>", "".join(found) + "</head>", 1)


def said(sentences: dict[str, str], language: str) -> dict[str, str]:
    """The sentences of a script in the page's language."""
    ours = words(language)
    return {name: ours.get(sentence, sentence) for name, sentence in sentences.items()}


def script(name: str, **data: str) -> str:
    notes = "".join(f' data-{key}="{html.escape(value)}"' for key, value in data.items())
    return f'<script defer src="_static/{name}"{notes}></script>\n'


def enliven(text: str, page: Path) -> str:
    """Name in each live figure the script that holds its model.

    Raises
    ------
    LookupError
        Where the page has no figure for a script.
    """
    scripts = {
        path.stem.removeprefix(f"{page.stem}-"): path
        for path in sorted((page.parent / "_live").glob(f"{page.stem}-*.js"))
    }

    def name(figure: re.Match) -> str:
        path = scripts.pop(figure[1], None)
        if path is None:
            return figure[0]
        mark = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        return figure[0].replace("<figure", f'<figure data-live="_live/{path.name}?v={mark}"')

    text = FIGURE.sub(name, text)
    if scripts:
        raise LookupError(f"{page.name} has no figure {', '.join(scripts)}")
    return text
