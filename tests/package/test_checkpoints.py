"""Checkpoints: whole after a kill at any moment, and refused where they are damaged or foreign."""

import json
import os

import foreign
import pytest
import torch
from tiny_run import Stop, Stopping, model, recipe, samples
from torch import nn

from cbam_teach import CBAM, ResidualBlock, SpatialAttention, Temperature, insert_attention
from cbam_teach.checkpoints import describe, load_weights, read, replace, write, write_text
from cbam_teach.training import fit


def test_a_text_file_is_replaced_whole(tmp_path):
    path = tmp_path / "history.json"
    write_text(path, "ö\n")
    write_text(path, "ü\n")
    assert path.read_text("utf-8") == "ü\n"
    assert os.listdir(tmp_path) == ["history.json"]


@pytest.mark.parametrize("broken", ["write", "fsync", "replace"])
def test_a_failure_at_any_moment_leaves_the_old_file(tmp_path, monkeypatch, broken):
    path = tmp_path / "last.pt"
    write_text(path, "old")

    def fail(*arguments):
        raise OSError("no space left")

    def half(file):
        file.write(b"ne")
        return fail() if broken == "write" else file.write(b"w")

    if broken != "write":
        monkeypatch.setattr(os, broken, fail)
    with pytest.raises(OSError, match="no space"):
        replace(path, half)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["last.pt"]


def test_the_bytes_reach_the_disk_before_the_name(tmp_path, monkeypatch):
    done = []
    for name in ("fsync", "replace"):
        plain = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, n=name, f=plain: (done.append(n), f(*a)))
    write_text(tmp_path / "a", "text")
    assert done[:2] == ["fsync", "replace"]


def saved(tmp_path):
    net = model()
    path = tmp_path / "last.pt"
    write(path, describe(net), {"model": net.state_dict(), "history": [{"lr": 0.1}], "n": (1, 2)})
    return net, path


def test_what_is_written_is_read(tmp_path):
    net, path = saved(tmp_path)
    state = read(path, describe(net))
    assert state["history"] == [{"lr": 0.1}]
    assert state["n"] == (1, 2)
    assert all(torch.equal(value, state["model"][key]) for key, value in net.state_dict().items())


def test_weights_go_from_a_file_to_a_model(tmp_path):
    net, path = saved(tmp_path)
    other = model(seed=8)
    x = torch.randn(2, 3, 5, 7)
    assert not torch.equal(net.eval()(x), other.eval()(x))
    load_weights(other, path)
    assert torch.equal(net(x), other.eval()(x))
    with pytest.raises(FileNotFoundError, match=r"a file that exists. Given: .*none\.pt"):
        load_weights(other, tmp_path / "none.pt")


@pytest.mark.parametrize("where", [0.0, 0.1, 0.35, 0.5, 0.8, 0.999])
def test_one_changed_bit_is_found_or_harmless(tmp_path, where):
    """torch.load compares no checksums: it would hand over a weight with a changed bit."""
    net, path = saved(tmp_path)
    whole = path.read_bytes()
    first = int(where * len(whole))
    for place in range(first, min(first + 24, len(whole))):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        try:
            state = read(path, describe(net))
        except ValueError:
            continue
        assert state["history"] == [{"lr": 0.1}]
        weights = net.state_dict().items()
        assert all(torch.equal(value, state["model"][key]) for key, value in weights)


def test_a_changed_weight_is_found(tmp_path):
    net, path = saved(tmp_path)
    whole, needle = path.read_bytes(), net[0].weight.detach().numpy().tobytes()[:32]
    place = whole.index(needle)
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    torch.load(path, weights_only=True)  # finds nothing
    with pytest.raises(ValueError, match=r"damaged.*last\.pt. Given: format 1. Allowed: SHA-256"):
        read(path, describe(net))


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_a_torn_file_is_refused_and_left_alone(tmp_path, share):
    net, path = saved(tmp_path)
    torn = path.read_bytes()[: int(share * path.stat().st_size)]
    path.write_bytes(torn)
    with pytest.raises(ValueError, match=r"was left as it is and must be moved away to start anew"):
        fit(net, samples(40), samples(4), recipe(), folder=tmp_path)
    assert path.read_bytes() == torn
    assert os.listdir(tmp_path) == ["last.pt"]


@pytest.mark.parametrize("content", [[1, 2], {"model": {}}, {"format": 0, "digest": ""}])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "last.pt")
    with pytest.raises(ValueError, match="damaged or of another format"):
        read(tmp_path / "last.pt", [])


class Counting(nn.Module):
    """Somebody else's module, which counts its calls in a number and in a buffer."""

    def __init__(self, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3, stride, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.calls = 0
        self.register_buffer("seen", torch.tensor(0), persistent=False)

    def forward(self, x):
        self.calls += 1
        self.seen += len(x)
        return self.pool(self.conv(x)).flatten(1)


DIFFERENT = [
    # the same names and shapes of weights throughout, but for the first
    (nn.Linear(3, 4), nn.Linear(3, 5)),
    (nn.Conv2d(2, 2, 3, stride=1), nn.Conv2d(2, 2, 3, stride=2)),
    (ResidualBlock(4, 4, placement="inside"), ResidualBlock(4, 4, placement="beside")),
    (SpatialAttention(gate="sigmoid"), SpatialAttention(gate="hardsigmoid")),
    (SpatialAttention(temperature=1.0), SpatialAttention(temperature=2.0)),
    (CBAM(8, mix=0.5), CBAM(8, mix=0.25)),
    (nn.Sequential(nn.Dropout(0.1)), nn.Sequential(nn.Dropout(0.2))),
    (Counting(stride=1), Counting(stride=2)),
    (Temperature(2.0), nn.Sequential(Temperature(2.0))),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_model_built_otherwise_is_refused(tmp_path, one, other):
    path = tmp_path / "best.pt"
    write(path, describe(one), {"model": one.state_dict()})
    with pytest.raises(ValueError, match=r"built the same way: .*best\.pt. Given: .+ Allowed: .+"):
        load_weights(other, path)
    load_weights(one, path)


def test_training_does_not_change_the_description():
    net = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), Temperature(2.0))
    before = describe(net)
    with torch.no_grad():
        for tensor in [*net.parameters(), *net.buffers()]:
            tensor.add_(1)
    net[1].eval()
    assert describe(net) == before


@pytest.mark.parametrize(
    "make", [Counting, lambda: insert_attention(foreign.Net(), CBAM)], ids=["counts", "inserted"]
)
def test_what_counts_while_it_runs_can_go_on_and_be_loaded(tmp_path, make):
    """The norm's count of batches is stored by another name than its buffer has."""
    plan = recipe(epochs=2, warm_up=0)
    with pytest.raises(Stop):
        fit(make(), Stopping(*samples(16).tensors), samples(4), plan, folder=tmp_path)
    net = make()
    net(torch.randn(2, 3, 5, 7))
    assert len(fit(net, samples(16), samples(4), plan, folder=tmp_path)) == 2
    load_weights(net, tmp_path / "last.pt")


def test_the_history_is_whole_json(tmp_path):
    net = model()
    history = fit(net, samples(40), samples(9), recipe(epochs=2), folder=tmp_path, progress=False)
    table = json.loads((tmp_path / "history.json").read_text("utf-8"))
    assert [entry["validation_loss"] for entry in table["epochs"]] == [
        epoch.validation_loss for epoch in history
    ]
    assert table["recipe"]["batch_size"] == 8
    assert table["samples"] == [40, 9]
    assert (table["device"], table["processes"]) == ("cpu", 1)
    assert table["versions"]["torch"] == torch.__version__
