"""The files of live figures: their weight, what they say of the machine, the policy, the disk."""

from __future__ import annotations

import re
import zipfile
from urllib.parse import urlsplit

import pytest
from browser import LANGUAGES, ROOT, pages, served
from living import POLICY, WATCH, compressed, models, payload, until

TRACES = re.compile(rb"/(?:work|root|home|tmp|usr|opt|mnt)/|[A-Z]:\\\\|site-packages|\.py\b")


@pytest.fixture(scope="module")
def payloads(built):
    found = {path.relative_to(built).as_posix(): path for path in built.glob("*/_live/*.js")}
    assert found
    return found


def test_a_payload_for_each_figure(payloads, live):
    wanted = {
        f"{language}/_live/{name.removesuffix('.html')}-{label}.js"
        for language in LANGUAGES
        for name, labels in live.items()
        for label in labels
    }
    assert set(payloads) == wanted


def test_models_are_small_and_the_same_in_both_languages(payloads):
    for name, path in payloads.items():
        graphs = models(path)
        assert len(graphs) == len(payload(path)["state"]["spec"]["variants"])
        for graph in graphs:
            assert 0 < len(graph) <= 100_000, name
        other = payloads[name.replace("tr/", "en/", 1)]
        assert graphs == models(other), name


def test_payloads_say_nothing_of_the_machine(payloads):
    for name, path in payloads.items():
        for data in (path.read_bytes(), *models(path)):
            assert TRACES.findall(data) == [], name


def test_a_planted_path_is_found():
    assert TRACES.search(b"\x0a\x10/home/me/cbam.py")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_live_figure_adds_little_to_its_page(built, live, language: str):
    """Before it comes near: its picture, its part of the page, and the script that waits for it."""
    host = compressed((built / language / "_static" / "host.js").read_bytes())
    for name, labels in live.items():
        text = (built / language / name).read_text("utf8")
        for label in labels:
            figure = re.search(rf'<figure [^>]*id="{label}">.*?</figure>', text, re.S)[0]
            (picture,) = re.findall(r'src="([^"]+\.png)"', figure)
            size = (built / language / picture).stat().st_size
            assert host + compressed(figure.encode()) + size <= 60_000, (name, label)


ENGINE = ("ort.wasm.min.js", "ort-wasm-simd-threaded.wasm", "live.js", "live.css")


@pytest.mark.parametrize("folder", ["tr/", "en/", ""])
def test_every_figure_comes_to_life_under_a_strict_policy(visitor, built, live, config, folder):
    """One engine a page computes for all its figures, and the picture makes room."""
    visitor.page.add_init_script(WATCH)
    base = urlsplit(config["html"]["baseurl"]).path.rstrip("/")
    with served(built, base, {"Content-Security-Policy": POLICY}) as address:
        for name in pages(built):
            before, _, file = name.rpartition("/")
            if before != folder.rstrip("/"):
                continue
            note = visitor.open(address, name, phone=False)
            for label in live.get(file, ()):
                seen = until(visitor.page, label)
                assert (seen["drawn"], seen["engine"], seen["picture"]) == (True, "ort", False)
                assert len(seen["alt"]) > 20, label
            asked = [url.rsplit("/", 1)[1] for url in note.requests]
            wanted = 1 if file in live else 0
            assert [asked.count(each) for each in ENGINE] == [wanted] * len(ENGINE), name
            assert note.outside(address) == []
            assert (note.failures, note.messages) == ([], []), name
            assert visitor.page.evaluate("broken") == [], name


def test_the_policy_forbids_eval(browser, built):
    with served(built, sent={"Content-Security-Policy": POLICY}) as address:
        page = browser.new_context().new_page()
        page.add_init_script(WATCH)
        page.goto(f"{address}/tr/index.html")
        plant = "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
        page.evaluate(plant)
        page.wait_for_function("broken.length === 1")
        page.context.close()


@pytest.fixture(scope="module")
def disk(built, tmp_path_factory):
    """The offline bundle, unpacked."""
    import sys

    sys.path.insert(0, str(ROOT / "book"))
    from builder import offline

    folder = tmp_path_factory.mktemp("disk")
    for name in ("one", "two"):
        offline.pack(built, folder / f"{name}.zip", "book")
    assert (folder / "one.zip").read_bytes() == (folder / "two.zip").read_bytes()
    with zipfile.ZipFile(folder / "one.zip") as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"book"}
        archive.extractall(folder)
    return folder / "book"


def test_the_bundle_holds_the_site(disk, built):
    left_out = set(built.rglob("*.wasm")) | set(built.rglob("*.mjs"))
    files = {path.relative_to(built) for path in built.rglob("*") if path.is_file()}
    there = {path.relative_to(disk) for path in disk.rglob("*") if path.is_file()}
    assert there == files - {path.relative_to(built) for path in left_out}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_disk_shows_what_the_site_does(visitor, disk, names, live, visits, language: str):
    """The same formulas and images, figures computing, and nothing asked for outside.

    A figure's files are the same in both editions but for their words: all figures are waited
    for in one edition, those of three pages in the other.
    """
    waited_for = list(live)[: None if language == "tr" else 3]
    home, page = disk.as_uri(), visitor.page
    page.goto(f"{home}/index.html?choose")
    page.locator(f"nav a[lang={language}]").click()
    page.wait_for_url(f"{home}/{language}/index.html")
    for name in names:
        note = visitor.open(home, f"{language}/{name}", phone=False)
        for label in live.get(name, ()) if name in waited_for else ():
            seen = until(page, label)
            assert (seen["drawn"], seen["engine"]) == (True, "ort")
        online = visits[f"{language}/{name}"]
        for what in ("math", "drawn", "images", "text", "icons"):
            assert note.seen[what] == online.seen[what], (name, what)
        assert note.outside(home) == []
        # The icon of the page before is given up where the next one comes sooner.
        failures = [url for url in note.failures if not url.endswith("/favicon.svg")]
        assert (failures, note.messages) == ([], []), name
