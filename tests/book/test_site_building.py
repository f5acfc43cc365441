"""A failed build leaves the last good site untouched, and says what failed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile

import editions
import pytest
import yaml
from builder import engine, notebooks, site
from builder.book import checked_book, wanted
from builder.house import Refused

from .conftest import ROOT, TITLE, code, pair

TEXT = TITLE + code("print(1)") + pair("(a-one)=\n## Bir", "(a-one)=\n## One")


class Theme:
    """Stands in for book/theme/finish.py and notes what it is given."""

    def __init__(self, fails: bool = False):
        self.fails, self.finished = fails, []

    def finish(self, html, language, config):
        self.finished.append((html.name, language, config["editions"][language]["title"]))

    def chooser(self, folder, config):
        if self.fails:
            raise RuntimeError("planted")
        (folder / "index.html").write_text("new")


@pytest.fixture
def house(build_house):
    house = build_house(**{"01_a": TEXT})
    for path, notebook in wanted(checked_book(house), house).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebooks.as_text(notebook), "utf-8")
    last = house.build / "site"
    last.mkdir(parents=True)
    (last / "index.html").write_text("last good site")
    return house


def shop(house) -> str:
    return (house.build / "site" / "index.html").read_text()


def jupyter_book(monkeypatch, script: str) -> None:
    """Replace Jupyter Book by a script that gets the folder of the html in argv."""

    def start(house, language, folder):
        html = house.build / "cache" / language / "_build" / "html"
        html.mkdir(parents=True, exist_ok=True)
        log = (house.build / "cache" / f"{language}.log").open("w")
        with log:
            command = [sys.executable, "-c", script, str(html)]
            return subprocess.Popen(command, stdout=log, stderr=log)

    monkeypatch.setattr(site, "_start", start)


def test_a_refused_build(house, monkeypatch, capsys):
    jupyter_book(monkeypatch, "print('01_a.md:7: WARNING: planted'); raise SystemExit(1)")
    monkeypatch.setattr(site, "_theme", lambda house: Theme())
    assert editions.run_book(house) == 1
    message = capsys.readouterr().err
    assert "01_a.md:7: WARNING: planted" in message
    assert "tr edition" in message
    assert "en edition" in message
    assert "the last good one is untouched" in message
    assert shop(house) == "last good site"


def test_a_failure_while_finishing(house, monkeypatch):
    jupyter_book(monkeypatch, "")
    monkeypatch.setattr(site, "_theme", lambda house: Theme(fails=True))
    with pytest.raises(RuntimeError, match="planted"):
        editions.run_book(house)
    assert shop(house) == "last good site"


def test_a_good_build_takes_its_place(house, monkeypatch, capsys):
    jupyter_book(monkeypatch, "import sys; open(sys.argv[1] + '/page.html', 'w').write('page')")
    theme = Theme()
    monkeypatch.setattr(site, "_theme", lambda house: theme)
    assert editions.run_book(house) == 0
    assert shop(house) == "new"
    assert (house.build / "site" / "tr" / "page.html").read_text() == "page"
    titles = [house.config["editions"][language]["title"] for language in ("tr", "en")]
    assert theme.finished == [("tr", "tr", titles[0]), ("en", "en", titles[1])]
    assert sorted(path.name for path in house.build.iterdir()) == ["cache", "site", "src"]
    assert "index.html" in capsys.readouterr().out


def test_one_file_for_a_disk(house, monkeypatch, capsys):
    jupyter_book(monkeypatch, "")
    monkeypatch.setattr(site, "_theme", lambda house: Theme())
    assert editions.main(["offline", "--root", str(house.root)]) == 0
    assert "offline.zip" in capsys.readouterr().out
    with zipfile.ZipFile(house.build / "offline.zip") as archive:
        assert archive.namelist() == ["cbam-teach-0.1.0/index.html"]
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_no_file_for_a_disk_without_a_site(house, monkeypatch):
    jupyter_book(monkeypatch, "raise SystemExit(1)")
    assert editions.main(["offline", "--root", str(house.root)]) == 1
    assert not (house.build / "offline.zip").exists()


def test_a_missing_engine_is_named(house):
    live = ROOT / "cbam_teach" / "live"
    shutil.copytree(live, house.root / "cbam_teach" / "live")
    folder = house.build / "site"
    with pytest.raises(Refused, match=r"node_modules/onnxruntime-web/.*: the engine"):
        engine.write(folder, house)


def test_a_part_is_called_in_the_editions_language(house):
    toc = yaml.safe_load((house.root / "_toc.yml").read_text("utf-8"))
    parts = [{"caption": {"tr": "Kısım I", "en": "Part I"}, "chapters": []}]
    text = yaml.safe_dump({"format": toc["format"], "root": toc["root"], "parts": parts})
    (house.root / "_toc.yml").write_text(text, "utf-8")
    for language, caption in parts[0]["caption"].items():
        assert site.edition_toc(house, language)["parts"][0]["caption"] == caption


def test_what_an_edition_is_given(house):
    chapters = checked_book(house)
    for language in ("tr", "en"):
        folder = site.write_sources(chapters, house, language)
        config = yaml.safe_load((folder / "_config.yml").read_text("utf-8"))
        assert config["sphinx"]["config"]["language"] == language
        assert config["repository"]["path_to_book"] == f"book/{language}"
        assert config["title"] == house.config["editions"][language]["title"]
        assert sorted(path.name for path in folder.iterdir()) == [
            "01_a.ipynb",
            "_config.yml",
            "_toc.yml",
        ]


def test_unchanged_sources_keep_their_time_stamps(house):
    chapters = checked_book(house)
    folder = site.write_sources(chapters, house, "tr")
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "stale.ipynb").write_text("{}")
    site.write_sources(chapters, house, "tr")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == stamps
