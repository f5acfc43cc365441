"""`make experiments` in one process: what it carries out, and what a run writes down."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TINY = Path(__file__).with_name("tiny_experiments.py")
PATIENCE = 200  # seconds, of a test for a machine that is busy
SAID = {
    "name", "cell", "stage", "task", "variant", "asks", "seed", "lr", "epochs", "pictures",
    "padding", "optimizer", "weight_decay", "penalty", "parameters", "train", "validation",
    "seconds", "command", "code", "machine", "device", "threads", "python", "torch", "date",
}  # fmt: skip
CHANCE = {"seconds", "date"}  # of a record, what another execution may change


@pytest.fixture
def run(experiments, monkeypatch):
    """The command's module, with the tiny grid."""
    run, grid = experiments("run"), experiments("grid")
    small = {"epochs": 2, "pictures": 64, "seeds": (0, 1)}
    plain = grid.Cell("placed", "plain", **small)
    cells = [plain, grid.Cell("placed", "plain", like=plain.name, **small | {"epochs": 3})]
    monkeypatch.setattr(grid, "cells", lambda: cells)
    return run


def options(run, folder: Path, *words: str):
    return run.parse(["--results", str(folder), "--folders", str(folder / "f"), *words])


def one_by_one(run, trouble=None):
    """What carries out tasks, here at once and without training; some end in an exception."""

    def spread(tasks):
        for chosen, lr, _ in tasks:
            record = {"name": chosen.name, "cell": chosen.cell.name, "stage": chosen.stage}
            record |= {"lr": lr, "validation": [lr], "seconds": 1.0}
            yield chosen, (trouble or {}).get(chosen.name, record)

    return spread


def names(folder: Path) -> list[str]:
    return sorted(path.name.removesuffix(".json") for path in folder.glob("*.json"))


FIRST, SECOND = "placed,plain,epochs=2,pictures=64", "placed,plain,epochs=3,pictures=64"
SCREEN = [f"{FIRST},lr={lr:g},seed=1000" for lr in (0.005, 0.01, 0.02)]
CONFIRM = [f"{cell},seed={seed}" for cell in (FIRST, SECOND) for seed in (0, 1)]


def test_each_run_is_stored_before_the_next_one_ends(run, tmp_path):
    seen = []

    def spread(tasks):
        for chosen, outcome in one_by_one(run)(tasks):
            seen.append(len(names(tmp_path)))
            yield chosen, outcome

    assert run.run_stages(options(run, tmp_path), spread) == 0
    assert seen == list(range(7))
    assert names(tmp_path) == sorted(SCREEN + CONFIRM)
    rates = {name: json.loads((tmp_path / f"{name}.json").read_text())["lr"] for name in CONFIRM}
    assert set(rates.values()) == {0.02}, "the best of the screened ones, for both cells"


def test_progress_counts_and_estimates(run, tmp_path, capsys, monkeypatch):
    times = iter([0.0, 600.0, 1200.0, 1800.0] + [1800.0 + 60 * k for k in range(5)])
    monkeypatch.setattr(run.time, "monotonic", lambda: next(times))
    run.run_stages(options(run, tmp_path), one_by_one(run))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "screen: 0 of 3 runs are there"
    assert lines[1] == f"[1/3] {SCREEN[0]}: 0.005, 1 s; left: about 20 min"
    left = [line.rpartition("about ")[2].removesuffix(" min") for line in lines]
    assert left[1:4] == ["20", "10", "0"]
    # Epochs 2, 3, 2, 3: after a minute 2 of 10 are over, after two minutes 5 of 10.
    assert left[5:] == ["4", "2", "1", "0"]
    run.run_stages(options(run, tmp_path), one_by_one(run))
    assert capsys.readouterr().out == (
        "screen: 3 of 3 runs are there\nconfirm: 4 of 4 runs are there\n"
    )


def test_a_rate_that_diverges_is_out_and_told(run, tmp_path, capsys):
    trouble = {SCREEN[2]: FloatingPointError("not finite")}
    assert run.run_stages(options(run, tmp_path), one_by_one(run, trouble)) == 1
    assert names(tmp_path) == sorted([*SCREEN[:2], *CONFIRM])
    assert json.loads((tmp_path / f"{CONFIRM[0]}.json").read_text())["lr"] == 0.01
    assert f"1 without a result (FloatingPointError: not finite):\n  {SCREEN[2]}\n" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize("which", [SCREEN[:1], SCREEN])
def test_nothing_is_reported_with_a_rate_that_bad_luck_chose(run, tmp_path, capsys, which):
    kind = OSError if len(which) == 1 else FloatingPointError
    trouble = dict.fromkeys(which, kind("no"))
    assert run.run_stages(options(run, tmp_path), one_by_one(run, trouble)) == 1
    assert names(tmp_path) == sorted(set(SCREEN) - set(which))
    said = capsys.readouterr()
    assert "4 of them wait for screening runs that failed" in said.out
    assert f"{len(which)} without a result ({kind.__name__}: no):" in said.err


def test_a_lost_worker_ends_the_command_after_its_stage(run, tmp_path, capsys):
    trouble = dict.fromkeys(SCREEN[1:], run.Lost())
    assert run.run_stages(options(run, tmp_path), one_by_one(run, trouble)) == 1
    said = capsys.readouterr()
    assert "confirm" not in said.out
    assert "2 without a result (Lost: a worker was killed" in said.err


def test_cells_and_seeds_can_be_chosen(run, tmp_path, capsys):
    words = ["--cells", SECOND, "--seeds", "1"]
    assert run.run_stages(options(run, tmp_path, *words), one_by_one(run)) == 0
    assert names(tmp_path) == sorted([*SCREEN, CONFIRM[3]]), "and what chooses its rate"
    run.run_stages(options(run, tmp_path / "none", "--list"), None)
    shown = capsys.readouterr().out.splitlines()[-9:]
    assert sorted(line.strip() for line in shown if line[0] == " ") == sorted(SCREEN + CONFIRM)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("words", [["--cells", "cued"], ["--jobs", "0"], ["--again", "-1"]])
def test_what_is_refused_on_the_command_line(run, tmp_path, capsys, words):
    with pytest.raises(SystemExit) as caught:
        options(run, tmp_path, *words)
    assert caught.value.code == 2
    assert words[0] in capsys.readouterr().err


@pytest.fixture
def carried_out(experiments, run, tmp_path, monkeypatch):
    """Carries out a real run of moments, and returns its record."""
    one_run = experiments("one_run")
    monkeypatch.setattr(one_run, "VALIDATION", 20)
    monkeypatch.setattr(one_run, "TEST", 40)
    monkeypatch.setattr(experiments("examine"), "LOOKED", 20)

    def carry_out(stage: str, variant: str = "plain", *, task="placed", folder="a", **more):
        cell = run.grid.Cell(task, variant, epochs=2, pictures=16, **more)
        return run.work(run.grid.Run(cell, stage, 0), 0.01, tmp_path / folder)

    return carry_out


def test_only_a_confirming_run_sees_the_test_split(carried_out, monkeypatch):
    from cbam_teach import probes

    made, make = [], probes.make

    def watched(*words, split, **more):
        made.append(split)
        return make(*words, split=split, **more)

    monkeypatch.setattr(probes, "make", watched)
    record = carried_out("screen")
    assert made == ["train", "validation"]
    assert record.keys() == SAID
    record = carried_out("confirm", folder="b")
    assert made[2:] == ["train", "validation", "test"]
    assert record.keys() == SAID | {"test", "scalars", "either"}


def test_the_same_run_gives_the_same_numbers(carried_out):
    """The second one is another execution; the first one's folder is not used."""
    one, two = (
        carried_out("confirm", "sample_router-before", task="cluttered", folder=folder,
                    penalty="entropy")
        for folder in "ab"
    )  # fmt: skip
    assert one.keys() == SAID | {"test", "interventions", "masks", "readable", "scalars"}
    assert {k: v for k, v in one.items() if k not in CHANCE} == {
        k: v for k, v in two.items() if k not in CHANCE
    }
    assert one["command"] == (
        'make experiments ARGS="--cells cluttered,sample_router-before,epochs=2,pictures=16,entropy'
        ' --seeds 0"'
    )
    assert len(one["train"]) == len(one["validation"]) == 2
    assert json.loads(json.dumps(one, allow_nan=False)) == one


def test_a_penalty_is_part_of_the_run(carried_out):
    without = carried_out("screen", "spatial-inside", task="cluttered", folder="a")
    taught = carried_out("screen", "spatial-inside", task="cluttered", folder="b", penalty="mask")
    assert without["parameters"] == taught["parameters"]
    assert taught["cell"].endswith(",mask")


def test_a_kill_loses_nothing_and_changes_nothing(run, tmp_path):
    """The real command, killed after three results; started again it ends as one never stopped."""
    results, folders = tmp_path / "results", tmp_path / "folders"
    command = [sys.executable, str(TINY), "--jobs", "2", "--results", str(results)]
    command += ["--folders", str(folders)]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE
    while len(names(results)) < 3 and first.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    kept = {path: path.stat().st_mtime_ns for path in results.glob("*.json")}
    assert 3 <= len(kept) < 7
    second = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert second.returncode == 0, second.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert f"[{7 - len(kept)}/{7 - len(kept)}]" in second.stdout or len(kept) < 3

    def straight(tasks):
        for task in tasks:
            yield task[0], run.work(*task)

    never = options(run, tmp_path / "never")
    assert run.run_stages(never, straight) == 0
    tables = [
        [{k: v for k, v in record.items() if k not in CHANCE} for record in run.store.read(folder)]
        for folder in (results, tmp_path / "never")
    ]
    assert len(tables[0]) == 7
    assert tables[0] == tables[1]
