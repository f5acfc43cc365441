"""One text out of the front end's modules: for Jupyter, and for a page without modules.

Plain Python of the standard library: the book is built where no PyTorch is.
"""

import re
from pathlib import Path

FRONT = Path(__file__).resolve().parent / "front"
ENTRY = "index.js"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w]+\.js)";\n', re.M)
LEFT_OVER = re.compile(r"^(import|export)\b.*$", re.M)


def as_module() -> str:
    """Return the front end as one ES module whose default export holds ``render``."""
    return f"{body()}export default {{ render }};\n"


def as_script() -> str:
    """Return the front end as a script without modules; it sets ``cbamLiveFrontEnd``."""
    return f"(() => {{\n{body()}globalThis.cbamLiveFrontEnd = {{ render }};\n}})();\n"


def style() -> str:
    """Return the style sheet of a live figure."""
    return (FRONT / "live.css").read_text("utf-8")


def body() -> str:
    """Return the modules one after another, each after those that it needs."""
    return "".join(plain(name) for name in in_order(ENTRY, []))


def in_order(name: str, before: list[str]) -> list[str]:
    """Return ``before`` with a module and all that it imports at its end, once each."""
    if name in before:
        return before
    for needed in IMPORT.findall(read(name)):
        before = in_order(needed, before)
    return [*before, name]


def plain(name: str) -> str:
    """Return a module's text without imports and exports."""
    text = IMPORT.sub("", read(name))
    text = re.sub(r"^export default \{ render \};\n", "", text, flags=re.M)
    text = re.sub(r"^export (?=(async )?(function|const|class)\b)", "", text, flags=re.M)
    if left := LEFT_OVER.search(text):
        raise ValueError(f"{name}: joined modules cannot hold {left[0]!r}")
    return text


def read(name: str) -> str:
    return (FRONT / name).read_text("utf-8")
