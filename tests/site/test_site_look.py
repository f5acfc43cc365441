"""Light and dark, side bars, menus, folds: what a reader touches."""

from __future__ import annotations

import pytest

BRIGHTNESS = """(selector) => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  const brush = canvas.getContext("2d");
  const element = document.querySelector(selector);
  const bright = (colour) => {
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b] = brush.getImageData(0, 0, 1, 1).data;
    const linear = [r, g, b].map((v) => v / 255)
      .map((v) => (v <= 0.04 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const [ground, ink] = [document.body, element].map((e) => getComputedStyle(e));
  return [bright(ground.backgroundColor), bright(ink.color)];
}"""
TEXTS = ["article p", "article h1", "article pre", ".house-language", "footer p", "figcaption p"]


def contrast(pair: list[float]) -> float:
    low, high = sorted(pair)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(browser, address: str, chapters: list[str], scheme: str):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address}/tr/{chapters[0]}")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    for selector in TEXTS:
        if page.locator(selector).count():
            pair = page.evaluate(BRIGHTNESS, selector)
            assert (pair[0] < 0.2) == (scheme == "dark")
            assert contrast(pair) >= 4.5, selector
    context.close()


def test_the_choice_of_dark_stays(browser, address: str, chapters: list[str]):
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{address}/tr/{chapters[0]}")
    page.locator(".house-mode").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{address}/en/index.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.locator(".house-mode").click()
    assert page.evaluate("document.documentElement.dataset.mode") == "light"
    context.close()


def test_pictures_have_a_light_ground_in_the_dark(browser, address: str, chapters: list[str]):
    context = browser.new_context(color_scheme="dark")
    context.route("**/engine/**", lambda route: route.abort())  # live figures stay pictures
    page = context.new_page()
    for name in chapters:
        page.goto(f"{address}/tr/{name}")
        for picture in page.locator("article img").all():
            style = picture.evaluate(
                "(e) => [getComputedStyle(e).backgroundColor, getComputedStyle(e).filter]"
            )
            assert style == ["rgb(255, 255, 255)", "none"]
    context.close()


def test_side_bars_open_on_a_phone(browser, address: str, chapters: list[str]):
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}/tr/{chapters[0]}")
    for which in ("primary", "secondary"):
        sheet = page.locator(f"#pst-{which}-sidebar-modal")
        page.locator(f".{which}-toggle").click()
        assert sheet.is_visible()
        assert sheet.locator("a").first.is_visible()
        page.keyboard.press("Escape")
        assert not sheet.is_visible()
    # A link in the sheet leads on and closes it.
    page.locator(".secondary-toggle").click()
    page.locator("#pst-secondary-sidebar-modal nav a").nth(1).click()
    assert not page.locator("#pst-secondary-sidebar-modal").is_visible()
    assert "#" in page.url
    context.close()


def test_side_bar_folds_away_on_a_desktop(page, address: str, chapters: list[str]):
    page.goto(f"{address}/tr/{chapters[0]}")
    bar = page.locator("#pst-primary-sidebar")
    assert bar.is_visible()
    page.locator(".primary-toggle").click()
    page.wait_for_function(
        "getComputedStyle(document.querySelector('#pst-primary-sidebar')).visibility === 'hidden'"
    )


def test_menus_open_one_at_a_time(page, address: str, chapters: list[str]):
    page.goto(f"{address}/tr/{chapters[0]}")
    menus = page.locator(".house-menu")
    assert menus.count() == 2
    for number in range(2):
        menus.nth(number).locator("summary").click()
        assert menus.nth(number).locator("ul").is_visible()
    assert not menus.nth(0).locator("ul").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".house-menu[open]").count() == 0


def test_a_check_list_is_ticked_by_its_words(page, built, address: str, numbered: list[str]):
    for name in numbered:
        text = (built / "tr" / name).read_text("utf8")
        assert text.count('<li class="house-task">') >= 4, name
        assert "[ ]" not in text.partition('id="kontrol-listesi"')[2], name
    page.goto(f"{address}/tr/{numbered[0]}")
    task = page.locator("li.house-task").first
    assert not task.locator("input").is_checked()
    task.locator("span").first.click(position={"x": 3, "y": 3})
    assert task.locator("input").is_checked()


def test_solutions_start_folded(page, address: str, numbered: list[str]):
    for name in numbered:
        page.goto(f"{address}/tr/{name}")
        folds = page.locator("article details.solution")
        assert folds.count() >= 3, name
        first = folds.first
        assert not first.locator("pre").first.is_visible()
        first.locator("summary").first.click()
        assert first.locator("pre").first.is_visible()
        # The set-up cell is folded, too.
        assert page.locator("article details.hide").first.get_attribute("open") is None
