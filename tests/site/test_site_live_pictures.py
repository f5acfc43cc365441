"""The reader's own picture in a live figure: what is taken, what is refused, what is shared."""

from __future__ import annotations

import io

import numpy as np
import pytest
from browser import LANGUAGES
from live_page import FIGURE, LIVE, SIZE, numbers, opened
from PIL import Image, ImageOps

STATE = f"[{LIVE}.timings.length, document.querySelector('{FIGURE} [role=alert]').textContent]"
DONE = f"""async (before) => {{
  while (String({STATE}) === String(before)) await new Promise((done) => setTimeout(done, 10));
  await {LIVE}.settled();
  return {STATE}[1];
}}"""
DROP = """([selector, name, type, bytes]) => {
  const dataTransfer = new DataTransfer();
  if (name) dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
  else dataTransfer.setData("text/plain", "not a file");
  const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
}"""
RED, HALVES = (200, 100, 50), Image.new("RGB", (64, 64), "white")
HALVES.paste((0, 0, 0), (0, 0, 32, 64))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def turned(image: Image.Image, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image, "JPEG", exif=exif.tobytes(), quality=95)


def see_through() -> Image.Image:
    """Nothing on the left, half of black on the right."""
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 128), (32, 0, 64, 64))
    return image


def noise() -> Image.Image:
    numbers = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    return Image.fromarray(numbers)


def moving() -> bytes:
    first, second = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    return encoded(first, "GIF", save_all=True, append_images=[second], duration=20, loop=0)


def wide() -> Image.Image:
    """Red in the middle, which is what stays, between blue ends."""
    image = Image.new("RGB", (300, 60), "blue")
    image.paste(RED, (110, 0, 190, 60))
    return image


TAKEN = {
    "png": lambda: encoded(Image.new("RGB", (64, 64), RED), "PNG"),
    "jpeg": lambda: encoded(Image.new("RGB", (64, 64), RED), "JPEG", quality=95),
    "webp": lambda: encoded(Image.new("RGB", (64, 64), RED), "WEBP", lossless=True),
    "bmp": lambda: encoded(Image.new("RGB", (64, 64), RED), "BMP"),
    "grey": lambda: encoded(Image.new("L", (64, 64), 120), "PNG"),
    "grey and alpha": lambda: encoded(Image.new("LA", (64, 64), (120, 255)), "PNG"),
    "sixteen bits": lambda: encoded(Image.new("I;16", (64, 64), 120 * 257), "PNG"),
    "one bit": lambda: encoded(HALVES.convert("1"), "PNG"),
    "palette": lambda: encoded(Image.new("RGB", (64, 64), RED).quantize(4), "PNG"),
    "see-through": lambda: encoded(see_through(), "PNG"),
    "moving": moving,
    "turned": lambda: turned(HALVES, 6),
    "turned and mirrored": lambda: turned(HALVES, 5),
    "one pixel": lambda: encoded(Image.new("RGB", (1, 1), RED), "PNG"),
    "wide": lambda: encoded(wide(), "PNG"),
    "twelve million": lambda: encoded(Image.new("RGB", (4000, 3000), RED), "JPEG"),
    "twelve million, turned": lambda: turned(HALVES.resize((4000, 3000)), 6),
}
REFUSED = {
    "text": (b"This is a shopping list: milk, bread, three lemons.\n" * 4, ("okunamadı", "could")),
    "empty": (b"", ("boş", "empty")),
    "cut head": (encoded(noise(), "PNG")[:20], ("okunamadı", "could")),
    "svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>',
        ("okunamadı", "could"),
    ),
    "fifty million": (
        encoded(Image.new("1", (10_000, 5_000)), "PNG"),
        ("10000 × 5000", "10000 × 5000"),
    ),
}


def expected(data: bytes) -> np.ndarray:
    """The picture as the module should get it: (3, SIZE, SIZE), brightness in 0 … 255."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode == "I;16":
        image = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(ground, image).convert("RGB")
    image = ImageOps.fit(image, (SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(image).transpose(2, 0, 1).astype(float)


def choose(page, name: str, data: bytes, how: str = "choose") -> str:
    """Bring a file in; gives the message that stands there afterwards."""
    before = page.evaluate(STATE)
    if how == "choose":
        file = {"name": name, "mimeType": "image/png", "buffer": data}
        page.locator(f"{FIGURE} input[type=file]").set_input_files(file)
    else:
        where = f"{FIGURE} .cbam-live-stage"
        page.evaluate(DROP, [where, name, "image/png", list(data)])
    return page.evaluate(DONE, before)


def test_pictures_of_every_kind_reach_the_module(page, own):
    opened(page, own)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for what, make in TAKEN.items():
        data = make()
        page.get_by_role("radio").first.check()
        page.evaluate(f"{LIVE}.settled()")
        assert choose(page, "mine.png", data) == "", what
        got = 255 * numbers(page).reshape(3, SIZE, SIZE)
        off = np.abs(got - expected(data))
        middle = slice(SIZE // 2 - 2, SIZE // 2 + 2)  # edges may be blurred by the browser
        off[:, middle], off[:, :, middle] = 0, 0
        assert off.max() <= 2, what
        assert page.get_by_role("radio", name="kendi resmin").is_checked()
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == []


@pytest.mark.parametrize("how", ["choose", "drop"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_picture_changes_nothing(page, own, language, how):
    """… and is told so in the reader's language; the next good picture is taken."""
    opened(page, own, language)
    for what, (data, said) in REFUSED.items():
        assert choose(page, "mine.png", encoded(noise(), "PNG")) == ""
        before = numbers(page)
        message = choose(page, f"{what}.png", data, how)
        assert said[LANGUAGES.index(language)] in message
        assert "million" in what or f"{what}.png" in message
        assert np.array_equal(numbers(page), before), what
        assert page.locator(f"{FIGURE} .cbam-live-stage").is_visible()
        assert choose(page, "next.png", TAKEN["png"](), how) == ""
        assert not np.array_equal(numbers(page), before)


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_cut_picture_is_refused_or_shows_what_there_is(page, own, share):
    """A browser may draw the upper part of a file that ends early."""
    opened(page, own)
    before, whole = numbers(page), encoded(noise(), "PNG")
    message = choose(page, "cut.png", whole[: int(share * len(whole))])
    if message:
        assert "cut.png" in message
        assert np.array_equal(numbers(page), before)
    else:
        upper = (slice(None), slice(0, int(share * SIZE) - 4), slice(2, -2))
        now = 255 * numbers(page).reshape(3, SIZE, SIZE)
        assert np.abs(now - expected(whole))[upper].mean() < 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_dropped_files_are_taken_and_other_things_refused(page, own, language):
    opened(page, own, language)
    before = numbers(page)
    assert choose(page, "", b"", "drop") != ""
    assert np.array_equal(numbers(page), before)
    assert choose(page, "mine.png", TAKEN["png"](), "drop") == ""
    off = np.abs(255 * numbers(page).reshape(3, -1).mean(axis=1) - RED)
    assert off.max() <= 2


def test_a_drawing_reaches_the_module(page, own):
    opened(page, own)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Çiz").click()
    sheet = page.get_by_role("img", name="Çizim kâğıdı")
    box = sheet.bounding_box()
    row = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 2, row)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, row, steps=4)
    page.mouse.up()
    page.evaluate(f"{LIVE}.settled()")
    seen = numbers(page).reshape(3, SIZE, SIZE)
    assert seen[:, SIZE // 2].max() < 0.1
    assert seen[:, : SIZE // 4].min() == 1
    page.get_by_role("button", name="Kâğıdı temizle").click()
    page.evaluate(f"{LIVE}.settled()")
    assert numbers(page).min() == 1
    sheet.focus()
    page.keyboard.press("ArrowDown")
    page.evaluate(f"{LIVE}.settled()")
    assert numbers(page).min() < 0.1
    assert asked == []


def test_a_camera_that_is_not_there_is_said(page, own):
    opened(page, own)
    before = numbers(page)
    page.get_by_role("button", name="Kamerayı aç").click()
    page.wait_for_function(f"document.querySelector('{FIGURE} [role=alert]').textContent")
    assert "Kamera açılamadı" in page.get_by_role("alert").inner_text()
    assert np.array_equal(numbers(page), before)
