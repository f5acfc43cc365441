"""Stored runs of the experiments: what is read, what chooses a rate, and what repeating says."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture
def store(experiments):
    return experiments("store")


@pytest.fixture
def grid(experiments, monkeypatch):
    """A grid of one screened cell with five seeds, and one that follows it."""
    grid = experiments("grid")
    cells = [grid.Cell("cued", "plain"), grid.Cell("cued", "cbam-before", like="cued,plain")]
    monkeypatch.setattr(grid, "cells", lambda: cells)
    return grid


def screened(lr: float, *validation: float, cell: str = "cued,plain", seed: int = 1000) -> dict:
    name = f"{cell},lr={lr:g},seed={seed}"
    return {"name": name, "cell": cell, "stage": "screen", "lr": lr, "validation": [*validation]}


def confirmed(seed: int, test: float, cell: str = "cued,plain") -> dict:
    return {
        "name": f"{cell},seed={seed}",
        "cell": cell,
        "stage": "confirm",
        "lr": 0.01,
        "test": test,
    }


def test_the_best_last_validation_accuracy_chooses_the_rate(store, grid):
    records = [screened(0.005, 0.9, 0.5), screened(0.01, 0.2, 0.7), screened(0.02, 0.3, 0.6)]
    plain, follower = (grid.Run(cell, "confirm", 0) for cell in grid.cells())
    assert store.rate(plain, records) == store.rate(follower, records) == 0.01
    more = [*records, screened(0.01, 0.1, seed=1001), screened(0.02, 0.5, seed=1001)]
    assert store.rate(plain, more) == 0.02, "the mean over the seeds"
    others = [
        *records,
        screened(0.05, 1.0, cell="cued,se-before"),
        {**records[0], "stage": "confirm"},
    ]
    assert store.rate(plain, others) == 0.01
    assert store.rate(plain, [screened(0.02, 0.7), *records]) == 0.01, "of equals the smaller"
    assert store.rate(grid.Run(grid.cells()[0], "screen", 1000, 0.3), []) == 0.3


def test_a_cell_that_is_not_screened_is_refused(store, grid):
    run = grid.Run(grid.cells()[1], "confirm", 0)
    with pytest.raises(SystemExit, match=r"cbam-before,seed=0: cued,plain is not screened yet"):
        store.rate(run, [screened(0.01, 0.5, cell="cued,cbam-before")])


def test_a_record_is_read_as_it_was_written(store, tmp_path):
    here = tmp_path / "new" / "runs"
    records = [confirmed(1, 0.5), confirmed(0, 1 / 3), screened(0.02, 0.125)]
    for record in records:
        store.write(record, here)
    assert store.read(here) == sorted(records, key=lambda record: record["name"])
    assert store.read(tmp_path / "none") == []
    with pytest.raises(ValueError, match="JSON"):
        store.write(confirmed(2, float("nan")), here)
    assert len(list(here.iterdir())) == 3


DAMAGED = ["", '{"name": "cued,pl', "[1, 2]", "null", '{"cell": "cued"}', '{"name": "other"}']


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_named(store, tmp_path, text):
    store.write(confirmed(0, 0.5), tmp_path)
    file = store.path("cued,plain,seed=1", tmp_path)
    file.write_text(text)
    with pytest.raises(SystemExit) as caught:
        store.read(tmp_path)
    assert str(file) in str(caught.value)
    assert "Cure: remove it" in str(caught.value)


def test_a_folder_that_cannot_be_written_is_refused_before_anything_starts(store, tmp_path):
    store.check_room(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match=r"Nothing was started: .*file.* cannot be written"):
        store.check_room(tmp_path / "file")
    with pytest.raises(SystemExit, match=r"Nothing was started: .*more cannot be written"):
        store.check_room(tmp_path / "file" / "more")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's full device")
def test_a_full_disk_is_refused_before_anything_starts(store, tmp_path, monkeypatch):
    full = Path("/dev/full")
    monkeypatch.setattr(store.tempfile, "TemporaryFile", lambda dir: full.open("wb"))
    with pytest.raises(SystemExit, match=r"No space left on device.*Cure: make room"):
        store.check_room(tmp_path)


def spread_of(found: dict):
    """What carries out runs, here with accuracies or exceptions known beforehand, by name."""

    def spread(tasks):
        for run, lr, folders in tasks:
            assert lr == 0.01
            assert folders.is_dir()
            value = found.get(run.name, 0.52)
            yield run, value if isinstance(value, Exception) else {"test": value}

    return spread


@pytest.fixture
def stored(store, grid, tmp_path):
    """Five seeds of each cell: 0.50, 0.51, … and 0.90, 0.90, …; the folder they are in."""
    for seed in range(5):
        store.write(confirmed(seed, 0.5 + seed / 100), tmp_path)
        store.write(confirmed(seed, 0.9, "cued,cbam-before"), tmp_path)
    store.write(screened(0.01, 0.5), tmp_path)
    return tmp_path


ENDS = [(0.4715, "OUTSIDE"), (0.4725, "inside"), (0.5675, "inside"), (0.5685, "OUTSIDE")]


@pytest.mark.parametrize(("found", "said"), ENDS)
def test_repeating_compares_with_the_prediction_interval(store, stored, capsys, found, said):
    """0.50 to 0.54: mean 0.52, s = √0.00025, t(4) = 2.7764, so ± 2.7764 · s · √1.2 = 0.0481."""
    high = {f"cued,cbam-before,seed={seed}": 0.9 for seed in range(5)}
    low = {f"cued,plain,seed={seed}": found for seed in range(5)}
    code = store.repeat(10, 0, stored, spread_of(low | high))
    lines = capsys.readouterr().out.splitlines()
    assert code == (said == "OUTSIDE")
    assert len(lines) == len(set(lines)) == 10
    for line in lines:
        if line.startswith("cued,plain"):
            assert line.endswith(f"; 5 seeds 0.5200 (0.4719 to 0.5681): {said}")
        else:
            assert line.endswith(
                ": 0.9000, stored 0.9000; 5 seeds 0.9000 (0.9000 to 0.9000): inside"
            )


def test_every_stored_run_that_comes_out_the_same_is_inside(store, stored):
    """Its own seed is one of the interval's: otherwise the farthest one could be outside."""
    same = {record["name"]: record["test"] for record in store.read(stored) if "test" in record}
    assert store.repeat(10, 1, stored, spread_of(same)) == 0
    store.write(confirmed(0, 0.2), stored)
    assert store.repeat(10, 1, stored, spread_of(same | {"cued,plain,seed=0": 0.2})) == 0


def test_a_repetition_that_fails_counts(store, stored, capsys):
    names = [f"{cell.name},seed={seed}" for cell in store.grid.cells() for seed in range(5)]
    code = store.repeat(1, 3, stored, spread_of(dict.fromkeys(names, ValueError("broken"))))
    assert code == 1
    assert capsys.readouterr().out.endswith("FAILED, ValueError: broken\n")


def test_the_draw_has_a_seed_and_no_run_twice(store, stored):
    def drawn(seed) -> list[str]:
        seen = SimpleNamespace(names=[])

        def spread(tasks):
            seen.names = [run.name for run, *_ in tasks]
            yield from ()

        store.repeat(4, seed, stored, spread)
        return seen.names

    assert drawn(1) == drawn(1) != drawn(2)
    assert len(set(drawn(1))) == 4
    with pytest.raises(SystemExit, match="--again 11: only 10 runs of the grid are stored"):
        store.repeat(11, 1, stored, spread_of({}))


def test_what_is_stored_belongs_to_the_grid(experiments):
    """The shipped results: each of a run of the full grid, and readable."""
    store, grid = experiments("store"), experiments("grid")
    known = {run.name for run in [*grid.screen(True), *grid.confirm(True)]}
    for record in store.read():
        assert record["name"] in known
        assert json.dumps(record)
