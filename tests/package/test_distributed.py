"""Two processes under torchrun compute what one computes, and a fault among them is seen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_pictures
import torch
from tiny_run import HELD_OUT, TRAIN, model, recipe
from torch import nn

from cbam_teach.checkpoints import load_weights
from cbam_teach.distributed import Team, choose, join
from cbam_teach.imagenet import picture_folders
from cbam_teach.imagenet_recipe import read_recipe
from cbam_teach.loaders import in_order, seed_from, shuffled
from cbam_teach.trainer import Trainer
from cbam_teach.training import fit

HERE = Path(__file__).parent
LIMIT = 180  # seconds after which processes that wait for each other are ended
CPU = torch.device("cpu")


def torchrun(said: Path, *arguments: object) -> None:
    """Run a script in two processes, and end both when they take too long; ``said`` is the log."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["--standalone", "--local-addr", "127.0.0.1", *map(str, arguments)]
    path = os.pathsep.join([str(HERE), str(HERE.parent.parent), os.environ.get("PYTHONPATH", "")])
    here = {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    with said.open("w") as file:  # a pipe would stay open as long as any process lives
        running = subprocess.Popen(
            command, env={**os.environ, **here}, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            code = running.wait(LIMIT)
        except subprocess.TimeoutExpired:
            running.terminate()  # torchrun ends its processes before it ends itself
            code = running.wait(60)
    assert code == 0, said.read_text()


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="gloo over the interface lo")


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder with everything that two_processes.py leaves."""
    folder = tmp_path_factory.mktemp("two")
    pictures = tiny_pictures.make(folder / "pictures")
    torchrun(folder / "log.txt", HERE / "two_processes.py", folder, pictures)
    return folder


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The same run in this process alone: model, epochs."""
    net = model(norm=nn.GroupNorm)
    folder = tmp_path_factory.mktemp("one")
    return net, fit(net, TRAIN, HELD_OUT, recipe(), folder=folder, progress=False)


MEASURED = ("lr", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy")


def distance(folder: Path, one) -> tuple[float, float]:
    """The largest difference of a weight, and of a number in the history."""
    net, history = one
    other = model(seed=50, norm=nn.GroupNorm)
    load_weights(other, folder / "last.pt")
    pairs = zip(net.parameters(), other.parameters(), strict=True)
    weights = max((a - b).abs().max().item() for a, b in pairs)
    there = json.loads((folder / "history.json").read_text())["epochs"]
    assert len(there) == len(history)
    numbers = [
        abs(getattr(epoch, name) - entry[name])
        for epoch, entry in zip(history, there, strict=True)
        for name in MEASURED
    ]
    return weights, max(numbers)


@pytest.mark.parametrize("name", ["right", "again", "stopped"])
def test_two_processes_agree_with_one(two, one, name):
    """The model has group norm and no dropout. Batch norm in training takes its averages over
    one process's half of the batch, and dropout draws anew in each: with them two processes
    rightly compute something else than one."""
    weights, numbers = distance(two / name, one)
    assert weights < 2e-6
    assert numbers < 2e-6


@pytest.mark.parametrize("name", ["same_share", "no_average"])
def test_a_fault_is_seen(two, one, name):
    """Negative controls: both read the same share; gradients are not averaged."""
    weights, numbers = distance(two / name, one)
    assert weights > 1e-3
    assert numbers > 1e-3


def test_both_took_part(two):
    found = [json.loads((two / f"rank-{rank}.json").read_text()) for rank in (0, 1)]
    assert found == [[0, 2], [1, 2]]
    assert json.loads((two / "right" / "history.json").read_text())["processes"] == 2


@pytest.mark.parametrize("rank", [0, 1])
def test_every_process_refuses(two, rank):
    """One process that raised alone would leave the other waiting."""
    said = (two / f"odd_batch-{rank}.txt").read_text("utf-8")
    assert said.startswith("The batch must split evenly between 2 processes")
    assert "Given: 7. Allowed: 2, 4, 6, …" in said
    said = (two / f"own_folder-{rank}.txt").read_text("utf-8")
    assert said.startswith("All processes must see the same folder")


def test_the_command_for_imagenet_runs_in_two_processes(two):
    """With batch norm: what was measured is what process 0's weights and averages give."""
    folder = two / "imagenet"
    (epoch,) = json.loads((folder / "history.json").read_text())["epochs"]
    plan = read_recipe(str(two / "pictures" / "tiny.toml"))
    train_set, held_out = picture_folders(two / "pictures", plan.pictures, 0)
    net = plan.network.build(2, seed=5)
    load_weights(net, folder / "last.pt")
    alone = Team(0, 1, CPU)
    found = Trainer(net, plan.training, alone).evaluate(in_order(held_out, plan.training, alone))
    assert found == pytest.approx(
        (epoch["validation_loss"], epoch["validation_accuracy"]), rel=1e-5
    )
    assert len(train_set) == 10


@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_batch_holds_the_same_samples_however_many_share_it(size):
    numbers = torch.arange(43)

    def batches(rank, size, epoch=1, seed=0):
        loader = shuffled(numbers, recipe(seed=seed), Team(rank, size, CPU))
        loader.sampler.set_epoch(epoch)
        return [set(batch.tolist()) for batch in loader]

    whole = batches(0, 1)
    shares = [batches(rank, size) for rank in range(size)]
    assert [set.union(*parts) for parts in zip(*shares, strict=True)] == whole
    assert [len(batch) for batch in whole] == [8] * 5
    assert len(set.union(*whole)) == 40
    assert whole != batches(0, 1, epoch=2)
    assert whole != batches(0, 1, seed=1)
    assert batches(0, 1, epoch=0, seed=1) != whole, "a seed is not an epoch further on"


def test_a_seed_depends_on_every_number_and_on_how_many_there_are():
    numbers = [(5,), (5, 0), (5, 0, 0), (0, 5), (5, 1), (6,), (0,), (0, 0), ()]
    assert len({seed_from(*some) for some in numbers}) == len(numbers)
    assert seed_from(5, 0) == seed_from(5, 0)


@pytest.mark.parametrize("size", [1, 2, 3, 16])
def test_each_sample_is_evaluated_once(size):
    numbers = torch.arange(13)
    plan = recipe(batch_size=48)
    seen = [
        number
        for rank in range(size)
        for batch in in_order(numbers, plan, Team(rank, size, CPU))
        for number in batch.tolist()
    ]
    assert sorted(seen) == list(range(13))


def test_one_process_is_a_team_of_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with join("cpu") as team:
        assert team == Team(0, 1, CPU)
        assert team.total(torch.tensor(3.0)) == 3
        net = nn.Linear(2, 2)
        assert team.wrap(net) is net


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("device", "size", "given"),
    [
        ("cuda:1", 2, "'cuda:1'"),
        ("gpu", 1, "'gpu'"),
        (3.5, 1, "3.5"),
        ("cuda:5", 1, "cuda:5"),
        ("", 1, "''"),
        (False, 1, "False"),
    ],
)
def test_a_device_that_is_not_there_is_refused(monkeypatch, device, size, given):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ValueError, match=f"here {size}.*Given: {given}. Allowed: "):
        choose(device, size)


def test_each_process_has_its_own_device(monkeypatch):
    chosen = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert choose(None, 4) == torch.device("cuda", 3)
    assert choose("cuda", 1) == torch.device("cuda", 0)
    assert choose("cuda:2", 1) == torch.device("cuda", 2)
    assert choose("cpu", 4) == CPU
    assert chosen == [3, 0, 2]


def test_without_a_number_each_process_keeps_the_device_that_it_has_made_current(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", lambda index: None)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert choose(None, 4) == choose("cuda", 4) == torch.device("cuda", 2)
