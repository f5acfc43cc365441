"""Stored runs are read whole, in order, and damage is named."""

import json
import zipfile
from importlib.resources import files

import pytest
from made_up_runs import record, store

from cbam_teach import results
from cbam_teach.language import set_language

pytestmark = pytest.mark.usefixtures("as_released")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RUNS", tmp_path)
    return tmp_path


def test_runs_come_by_cell_and_seed_whatever_their_files_are_called(folder):
    """As text, seed 10 stands before seed 2."""
    wanted = [("cued,cbam-before", 0), ("cued,plain", 2), ("cued,plain", 10), ("placed,plain", 1)]
    store(folder, *(record(cell, seed, 0.5) for cell, seed in reversed(wanted)))
    assert [(run["cell"], run["seed"]) for run in results.runs()] == wanted
    assert results.runs()[2] == record("cued,plain", 10, 0.5)


def test_a_stage_and_a_cell_can_be_asked_for(folder):
    """A name that begins another one does not bring the other's runs."""
    store(
        folder, record("cued,plain", 1000, 0.4, stage="screen"), record("cued,plain", 0, 0.5),
        record("cued,plain-unused", 0, 0.6), record("cued,plain,epochs=24", 0, 0.7),
    )  # fmt: skip
    assert [run["seed"] for run in results.runs("screen")] == [1000]
    assert len(results.runs("confirm")) == 3
    assert [run["test"] for run in results.runs("confirm", cell="cued,plain")] == [0.5]
    assert [run["seed"] for run in results.runs(cell="cued,plain")] == [0, 1000]
    assert results.runs(cell="cued,cbam-before") == []


def test_what_else_lies_in_the_folder_is_left_alone(folder):
    store(folder, record("cued,plain", 0, 0.5))
    (folder / ".cued,plain,seed=1.json.tmp").write_text("{", encoding="utf-8")
    assert len(results.runs()) == 1


DAMAGE = {
    "cut off": lambda made: json.dumps(made)[:90],
    "empty": lambda made: "",
    "a list": lambda made: "[1, 2]",
    "no seed": lambda made: json.dumps({key: made[key] for key in made if key != "seed"}),
    "no number": lambda made: json.dumps(made | {"lr": "0.01"}),
    "no stage": lambda made: json.dumps(made | {"stage": "test"}),
    "another's": lambda made: json.dumps(made | {"name": "cued,plain,seed=1"}),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_refused_by_name(folder, damage):
    made = record("cued,plain", 0, 0.5)
    store(folder, record("cued,plain", 2, 0.5))
    (folder / "cued,plain,seed=0.json").write_text(DAMAGE[damage](made), encoding="utf-8")
    with pytest.raises(ValueError, match=r"^cued,plain,seed=0\.json: .*Given: .*Allowed: "):
        results.runs()


def test_bytes_that_are_no_text_are_damage(folder):
    (folder / "cued,plain,seed=0.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ValueError, match=r"cued,plain,seed=0\.json: .*damaged"):
        results.runs()


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_runs_says_how_to_make_some(folder, monkeypatch, there):
    monkeypatch.setattr(results, "RUNS", folder if there else folder / "none")
    with pytest.raises(FileNotFoundError, match=r"one run.*Given: 0\. Allowed: make experiments"):
        results.runs()
    set_language("tr")
    with pytest.raises(FileNotFoundError, match="en az bir koşusu"):
        results.runs()


def test_an_unknown_stage_is_refused(folder):
    with pytest.raises(ValueError, match=r"`stage`.*Given: 'final'.*screen, confirm"):
        results.runs("final")


def test_runs_are_read_from_an_archive_too(tmp_path, monkeypatch):
    """What `importlib.resources` gives need not be a folder on a disk."""
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for seed in (1, 0):
            made = record("cued,plain", seed, 0.5)
            archive.writestr(f"runs/{made['name']}.json", json.dumps(made))
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        monkeypatch.setattr(results, "RUNS", zipfile.Path(archive, "runs/"))
        assert [run["seed"] for run in results.runs()] == [0, 1]


def test_the_packages_own_runs_are_whole():
    """Read one by one: each is damaged or it is not, however many there are today."""
    for item in sorted((files("cbam_teach.results") / "runs").iterdir(), key=lambda i: i.name):
        assert results.read(item)["name"] == item.name.removesuffix(".json")
