"""Figures on a narrow screen: a wide one keeps a readable size and scrolls in its own box."""

from __future__ import annotations

SIZES = """() => [...document.querySelectorAll(".house-figure")].map((box) =>
  [box.clientWidth, box.scrollWidth, box.firstElementChild.naturalWidth,
   box.firstElementChild.naturalHeight])"""


def test_wide_figures_scroll_and_the_page_does_not(browser, address: str, chapters: list[str]):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page, wide = context.new_page(), set()
    for name in chapters:
        for language in ("tr", "en"):
            page.goto(f"{address}/{language}/{name}")
            sizes = page.evaluate(SIZES)
            wide |= {name} if sizes else set()
            for shown, whole, width, height in sizes:
                assert width > height
                assert shown < 360 < whole
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert len(wide) > 2
    context.close()


def test_on_a_desktop_nothing_has_to_scroll(browser, address: str, chapters: list[str]):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    for name in chapters:
        page.goto(f"{address}/tr/{name}")
        assert all(whole <= shown for shown, whole, *_ in page.evaluate(SIZES))
    context.close()
