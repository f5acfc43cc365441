"""Style sheets without what no page can show.

The theme's sheet holds all of Bootstrap and an icon font: 65 KB compressed, of which a page of this
book uses a fifth. A rule stays when all its classes and ids occur somewhere in the pages or in
their scripts.
"""

from __future__ import annotations

import re


def thin(css: str, seen: set[str]) -> str:
    """The sheet without rules for classes and ids that occur nowhere, and without fonts."""
    notices = "".join(dict.fromkeys(re.findall(r"/\*!.*?\*/", css, re.S)))
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    return notices + "".join(keep(prelude, body, seen) for prelude, body in rules(css))


def rules(css: str) -> list[tuple[str, str | None]]:
    """The sheet's top level, as (prelude, body) pairs; a statement such as @import has no body."""
    found, start, at, depth, opened = [], 0, 0, 0, 0
    while at < len(css):
        char = css[at]
        if char in "\"'":
            at = css.index(char, at + 1)
        elif css.startswith("url(", at) and css[at + 4] not in "\"'":
            at = css.index(")", at)
        elif char == "{":
            depth += 1
            if depth == 1:
                opened = at
        elif char == "}":
            depth -= 1
            if depth == 0:
                found.append((css[start:opened].strip(), css[opened + 1 : at]))
                start = at + 1
        elif char == ";" and depth == 0:
            found.append((css[start:at].strip(), None))
            start = at + 1
        at += 1
    return found


def keep(prelude: str, body: str | None, seen: set[str]) -> str:
    if body is None:
        return f"{prelude};" if prelude and not prelude.startswith("@charset") else ""
    if prelude.startswith(("@media", "@supports", "@layer")):
        inside = thin(body, seen)
        return f"{prelude}{{{inside}}}\n" if inside else ""
    if prelude.startswith("@font-face"):
        return ""
    if prelude.startswith("@"):
        return f"{prelude}{{{body}}}\n"
    wanted = [selector for selector in split(prelude) if occurs(selector, seen)]
    body = re.sub(r"\s+", " ", body).strip()
    return f"{','.join(wanted)}{{{body}}}\n" if wanted and body else ""


def split(prelude: str) -> list[str]:
    """Selectors of a rule, at the commas that stand in no brackets."""
    return [part.strip() for part in re.split(r",(?![^(\[]*[)\]])", prelude)]


def occurs(selector: str, seen: set[str]) -> bool:
    """Whether every class and id of a selector occurs; inside :not(), :is(), … one need not."""
    plain = re.sub(r":(?:not|is|where|has)\([^()]*(?:\([^()]*\)[^()]*)*\)", "", selector)
    return all(name in seen for name in re.findall(r"[.#]([A-Za-z_-][\w-]*)", plain))
