"""A browser and a server for looking at the built site; nothing here is a test."""

from __future__ import annotations

import functools
import http.server
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from install_browser import find  # noqa: E402

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # WebAssembly is compiled once, quickly: no test computes long enough to win a better code back.
    "--js-flags=--liftoff-only",
]
LANGUAGES = ("tr", "en")


def violations(scope: str, *rules: str, without: tuple[str, ...] = ()) -> str:
    """A script that lists what axe, loaded before, finds wrong in the parts that fit `scope`.

    All rules are asked, or those named, or all `without` some.
    """
    asked: dict = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    asked["rules"] = {rule: {"enabled": False} for rule in without}
    return f"""async () => {{
  const {{ violations }} = await axe.run({{ include: [[{scope!r}]] }}, {json.dumps(asked)});
  return violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 160))]);
}}"""


def site() -> Path:
    """Where the built site is: the folder CBAM_SITE, or _build/site."""
    return Path(os.environ.get("CBAM_SITE", ROOT / "_build" / "site")).resolve()


def pages(folder: Path) -> list[str]:
    """Every page of the site, as a path from its root."""
    return sorted(page.relative_to(folder).as_posix() for page in folder.rglob("*.html"))


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder under the path that the site has on its host, and says nothing."""

    under = ""
    sent: ClassVar[dict[str, str]] = {}

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(self.under) or "/")

    def end_headers(self) -> None:
        for name, value in self.sent.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path, under: str = "", sent: dict[str, str] | None = None) -> Iterator[str]:
    """The folder on 127.0.0.1, at a path such as /book; gives its address, without a last slash.

    Every answer is sent with the headers in `sent`.
    """
    quiet = type("Here", (Quiet,), {"under": under, "sent": sent or {}})
    handler = functools.partial(quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{under}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium() -> Iterator:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        opened = browser.new_context

        def patient(**settings):
            """A context that gives up after ten seconds, not thirty."""
            context = opened(**settings)
            context.set_default_timeout(10_000)
            return context

        browser.new_context = patient
        try:
            yield browser
        finally:
            browser.close()
