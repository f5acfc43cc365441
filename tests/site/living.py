"""What tests of live figures ask of a page; nothing here is a test."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

# Nothing is allowed but what the site itself sends; WebAssembly may be compiled, text may not.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'self'"
)
WATCH = """window.broken = [];
addEventListener("securitypolicyviolation", (event) =>
  broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""
AT = "figure[id='{}']"
SHOWN = """(label) => {
  const figure = document.getElementById(label);
  const place = figure.querySelector(".house-live");
  const picture = figure.querySelector(":scope > img, :scope > .house-figure > img");
  return {
    picture: picture.checkVisibility() && picture.naturalWidth > 0,
    alt: picture.alt,
    drawn: place?.dataset.cbamLive === "live" && place.checkVisibility(),
    engine: place?.cbamLive?.engine ?? null,
    said: place ? place.innerText : "",
  };
}"""


def reach(page, label: str) -> None:
    page.locator(AT.format(label)).scroll_into_view_if_needed()


def until(page, label: str, what: str = "live") -> dict:
    """How the figure stands once it is live, or "still", or has a "note" that says why not."""
    reach(page, label)
    inner = ".house-live-note" if what == "note" else f".house-live[data-cbam-live='{what}']"
    page.wait_for_selector(f"{AT.format(label)} {inner}", state="attached", timeout=20_000)
    return page.evaluate(SHOWN, label)


def payload(path: Path) -> dict:
    """What the script of a live figure brings."""
    text = path.read_text("utf8")
    match = re.fullmatch(r'cbamLive\.payload\("[^"]+", (\{.*\})\);\n', text, re.S)
    assert match, f"{path.name} is not one call"
    return json.loads(match[1])


def models(path: Path) -> list[bytes]:
    buffers = payload(path)["buffers"]
    names = [name for name in buffers if name.startswith("models.")]
    return [base64.b64decode(buffers[name]) for name in sorted(names)]


def compressed(data: bytes) -> int:
    return len(gzip.compress(data, 9, mtime=0))
