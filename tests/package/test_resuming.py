"""A run that was stopped at any moment ends with the very weights of one that was not."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_run import HELD_OUT, TRAIN, Stop, model, recipe, run, same
from torch.utils.data import TensorDataset

from cbam_teach import training
from cbam_teach.trainer import Trainer
from cbam_teach.training import fit


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run that was never stopped, by its ``amp``: model, epochs, entries of its history.json."""

    def trained(amp):
        folder = tmp_path_factory.mktemp("finished")
        return *run(folder, amp=amp), table(folder)

    return {amp: trained(amp) for amp in (None, "bfloat16")}


def table(folder: Path) -> dict:
    """What history.json holds, without the times."""
    found = json.loads((folder / "history.json").read_text("utf-8"))
    for epoch in found["epochs"]:
        del epoch["seconds"]
    return found


class Interrupted(TensorDataset):
    """Samples of which one can no longer be read."""

    reads = 0

    def __getitem__(self, index):
        self.reads -= 1
        if self.reads == 0:
            raise Stop
        return super().__getitem__(index)


@pytest.mark.parametrize(
    ("reads", "amp"),  # within the first, the second, the last epoch
    [(20, None), (41, "bfloat16"), (130, None)],
)
def test_a_stopped_run_ends_like_one_never_stopped(tmp_path, reads, amp, finished):
    whole, wanted, written = finished[amp]
    broken = Interrupted(*TRAIN.tensors)
    broken.reads = reads
    with pytest.raises(Stop):
        fit(model(), broken, HELD_OUT, recipe(amp=amp), folder=tmp_path, progress=False)
    torch.rand(9), np.random.rand(9), random.random()  # noqa: NPY002 (whatever happens meanwhile)
    afresh = model() if reads < 40 else model(seed=99)  # a checkpoint brings its own weights
    resumed, found = run(tmp_path, afresh, amp=amp)
    assert found == wanted
    assert same(resumed, whole)
    assert table(tmp_path) == written


@pytest.mark.parametrize("left_out", ["optimizer", "history"])
def test_the_comparison_sees_what_was_not_resumed(tmp_path, monkeypatch, left_out, finished):
    """Negative control: without momentum, or in a wrong epoch, the end is another one."""
    whole, wanted, _ = finished[None]
    broken = Interrupted(*TRAIN.tensors)
    broken.reads = 90
    with pytest.raises(Stop):
        fit(model(), broken, HELD_OUT, recipe(), folder=tmp_path, progress=False)
    if left_out == "optimizer":
        monkeypatch.setattr(
            Trainer, "load", lambda s, state: s.model.load_state_dict(state["model"])
        )
    else:
        plain = training.resume
        monkeypatch.setattr(training, "resume", lambda *both: plain(*both)[:1])
    resumed, found = run(tmp_path)
    assert not same(resumed, whole)
    assert found[2:] != wanted[2:]


KILLED = """
import os, signal, sys
from tiny_run import model, recipe, samples
from cbam_teach.training import fit

plain, left = os.replace, int(sys.argv[2])
def replace(*names):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    plain(*names)
os.replace = replace
fit(model(), samples(43), samples(13, seed=4), recipe(), folder=sys.argv[1], progress=False)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")
def test_a_killed_process_leaves_a_run_that_goes_on(tmp_path, finished):
    """SIGKILL between the writing of a file and its renaming."""
    here = str(Path(__file__).parent)
    path = os.pathsep.join([here, str(Path(here).parent.parent), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), "6"],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        timeout=120,
    )
    assert killed.returncode == -9
    left = set(os.listdir(tmp_path))
    assert {"last.pt", "best.pt", "history.json"} < left
    assert any(name.endswith(".part") for name in left)
    whole, wanted, _ = finished[None]
    resumed, found = run(tmp_path)
    assert found == wanted
    assert same(resumed, whole)
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


@pytest.mark.parametrize("moment", [1, 2, 3, 4, 6])
def test_a_kill_at_any_file_does_no_harm(tmp_path, monkeypatch, moment, finished):
    """The folder is what a kill would leave: nothing tidies up after it."""
    whole, wanted, _ = finished[None]
    plain, left = os.replace, moment

    def replace(*names):
        nonlocal left
        left -= 1
        if not left:
            raise Stop
        plain(*names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        with pytest.raises(Stop):
            run(tmp_path)
    resumed, found = run(tmp_path)
    assert found == wanted
    assert same(resumed, whole)


def test_a_finished_run_is_handed_back(tmp_path, finished, monkeypatch):
    _, history = run(tmp_path)
    monkeypatch.setattr("cbam_teach.trainer.Trainer.train", None)  # nothing is trained
    net, again = run(tmp_path, model(seed=5))
    assert again == history
    assert same(net, finished[None][0])
    assert not net.training


def test_data_sets_are_told_the_epoch_also_when_resumed(tmp_path):
    class Told(TensorDataset):
        def __init__(self, *tensors):
            super().__init__(*tensors)
            self.told = []

        def set_epoch(self, epoch):
            if epoch == 2 and len(self.told) == 2:
                raise Stop
            self.told.append(epoch)

    first, second = Told(*TRAIN.tensors), Told(*TRAIN.tensors)
    with pytest.raises(Stop):
        fit(model(), first, HELD_OUT, recipe(), folder=tmp_path)
    fit(model(), second, HELD_OUT, recipe(), folder=tmp_path)
    assert (first.told, second.told) == ([0, 1], [2, 3])
