"""Icons of the pages as CSS masks, drawn from the SVG files of Font Awesome Free.

A mask takes the colour of the text around it, weighs a few hundred bytes, and asks for no script
and no font.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from mathematics import asset

# Class name in the templates: style and file name in the package.
ICONS = {
    "bars": "solid/bars",
    "list": "solid/list",
    "magnifying-glass": "solid/magnifying-glass",
    "rocket": "solid/rocket",
    "github": "brands/github",
    "sun": "solid/sun",
    "moon": "solid/moon",
    "circle-half-stroke": "solid/circle-half-stroke",
    "angle-left": "solid/angle-left",
    "angle-right": "solid/angle-right",
    "copy": "regular/copy",
    "check": "solid/check",
    "xmark": "solid/xmark",
    "note": "solid/circle-info",
    "warning": "solid/triangle-exclamation",
    "tip": "regular/lightbulb",
    "important": "solid/bolt",
    "hint": "regular/circle-question",
    "claim": "solid/scale-balanced",
}
LICENCE = "/* Icons: Font Awesome Free, CC BY 4.0, fontawesome.com/license/free */\n"


def data_uri(name: str) -> str:
    svg = asset("@fortawesome/fontawesome-free", "svgs", f"{name}.svg").read_text("utf8")
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    return "data:image/svg+xml," + quote(svg, safe=" ='/:@,()").replace("%20", " ")


def style_sheet() -> str:
    """One custom property for each icon, and a class that draws it."""
    seen = {name: f'url("{data_uri(file)}")' for name, file in ICONS.items()}
    root = "".join(f"--icon-{name}:{uri};" for name, uri in seen.items())
    rules = "".join(f".fa-{name}{{--icon:var(--icon-{name})}}\n" for name in seen)
    return f"{LICENCE}:root{{{root}}}\n{rules}"


def write(path: Path) -> None:
    path.write_text(style_sheet(), "utf8")
