"""The experiments on a Ray of this machine with two workers; what is said where Ray is missing."""

import builtins
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

TINY = Path(__file__).with_name("tiny_experiments.py")
PATIENCE = 280  # seconds, of a test for a machine that is busy
CHANCE = ("seconds", "date")
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray")


def test_without_ray_the_cure_is_named(experiments, monkeypatch):
    bring = builtins.__import__

    def without(name, *more):
        if name == "ray":
            raise ImportError(name)
        return bring(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SystemExit, match=r"needs Ray.*Cure: \.venv/bin/pip install.* ray"):
        experiments("on_ray").in_cluster(2)


@needs_ray
def test_two_workers_store_what_one_process_stores(experiments, tmp_path):
    """One cell that cannot be built; of another, a stored run against itself carried out here."""
    name = "placed,plain,epochs=2,pictures=64"
    environment = {**os.environ, "HOME": str(tmp_path), "RAY_ADDRESS": "local", "WRONG": "1"}
    command = [sys.executable, str(TINY), "--ray", "--jobs", "2", "--seeds", "1"]
    command += ["--cells", name, name.replace("plain", "nonsense")]
    command += ["--results", str(tmp_path / "r"), "--folders", str(tmp_path / "f")]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 1, done.stderr
    said = [line for line in done.stderr.splitlines() if "without a result" in line]
    assert len(said) == 1
    assert said[0].startswith("1 without a result (ValueError: build: `variant` must be")
    records = {each["name"]: each for each in experiments("store").read(tmp_path / "r")}
    assert len(records) == 4
    assert list((tmp_path / "f").iterdir()) == []  # what is stored needs its folder no more
    run, grid, stored = experiments("run"), experiments("grid"), records[f"{name},seed=1"]
    cell = grid.Cell("placed", "plain", epochs=2, pictures=64)
    here = run.work(grid.Run(cell, "confirm", 1), stored["lr"], tmp_path / "here")
    assert here.keys() == stored.keys()
    assert {k: v for k, v in here.items() if k not in CHANCE} == {
        k: v for k, v in stored.items() if k not in CHANCE
    }


@needs_ray
def test_a_cluster_that_is_not_there_is_named(experiments, monkeypatch):
    """Nothing of Ray is started: only its refusal is put into words."""
    import ray

    def init(**options):
        raise ConnectionError("no one answers")

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    spread = experiments("on_ray").in_cluster(2)
    with pytest.raises(SystemExit, match=r"No Ray cluster at 10\.0\.0\.1:6379: no one answers"):
        next(spread([]))


@needs_ray
def test_our_own_cluster_has_as_many_processors_as_jobs(experiments, monkeypatch):
    """Another one's number is its own; the sources travel, and what is not needed stays."""
    import ray

    asked = []
    monkeypatch.setattr(ray, "init", lambda **options: asked.append(options))
    on_ray = experiments("on_ray")
    for address in (None, "10.0.0.1:6379"):
        if address is None:
            monkeypatch.delenv("RAY_ADDRESS", raising=False)
        else:
            monkeypatch.setenv("RAY_ADDRESS", address)
        on_ray.connect(ray, 3)
    ours, theirs = asked
    assert (ours["address"], ours["num_cpus"]) == ("local", 3)
    assert theirs["address"] == "10.0.0.1:6379"
    assert "num_cpus" not in theirs
    for sources in (ours["runtime_env"], theirs["runtime_env"]):
        root = Path(sources["working_dir"])
        assert (root / "experiments" / "on_ray.py").is_file()
        assert not {"cbam_teach", "experiments", "benchmarks"} & set(sources["excludes"])
        assert sources["env_vars"]["OMP_NUM_THREADS"] == "1"
