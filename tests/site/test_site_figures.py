"""Figures on a narrow screen: a wide one keeps a readable size and scrolls in its own box."""

from __future__ import annotations

SIZES = """() => [...document.querySelectorAll(".house-figure")].map((box) =>
  [box.clientWidth, box.scrollWidth, box.firstElementChild.naturalWidth,
   box.firstElementChild.naturalHeight])"""

WIDE = """() => [...document.querySelectorAll("article figure img")].filter(
  (picture) => picture.naturalWidth > picture.naturalHeight).length"""

# Chapters whose pictures are all taller than wide, and one that has none.
TALL = ("08b_doctor.html", "notes_code.html")


def test_wide_figures_scroll_and_the_page_does_not(browser, address: str, chapters: list[str]):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    context.route("**/engine/**", lambda route: route.abort())  # live figures stay pictures
    page = context.new_page()
    for name in chapters:
        for language in ("tr", "en"):
            page.goto(f"{address}/{language}/{name}")
            sizes = page.evaluate(SIZES)
            assert len(sizes) == page.evaluate(WIDE), name
            assert sizes or name in TALL, name
            for shown, whole, width, height in sizes:
                assert width > height
                assert shown < 360 < whole
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def test_on_a_desktop_nothing_has_to_scroll(browser, address: str, chapters: list[str]):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.route("**/engine/**", lambda route: route.abort())
    page = context.new_page()
    for name in chapters:
        page.goto(f"{address}/tr/{name}")
        assert all(whole <= shown for shown, whole, *_ in page.evaluate(SIZES))
    context.close()
