"""Pictures of every page of the site, for people to look at.

    python tests/site/screenshots.py FOLDER [page …]

Each page is drawn in both widths (desktop 1280, phone 360) and both colour schemes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from browser import chromium, pages, served, site

WIDTHS = {"desktop": 1280, "phone": 360}


def main(folder: Path, wanted: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = [name for name in pages(site()) if not wanted or name in wanted]
    with served(site()) as address, chromium() as browser:
        for width, pixels in WIDTHS.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": pixels, "height": 800}, color_scheme=scheme
                )
                page = context.new_page()
                for name in names:
                    page.goto(f"{address}/{name}" + ("?choose" if name == "index.html" else ""))
                    file = name.removesuffix(".html").replace("/", "-")
                    page.screenshot(path=folder / f"{file}-{width}-{scheme}.png", full_page=True)
                context.close()
    print(f"{len(names)} pages, {4 * len(names)} pictures in {folder}")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
