"""The experiment behind the opening: its lessons, its runs, which seed it keeps, what it writes."""

import json
import sys
from pathlib import Path

import pytest
import torch

from cbam_teach.cued import cued_digits
from cbam_teach.opening import NETWORKS, OpeningNet
from cbam_teach.packed import kept, unpack

ROOT = Path(__file__).resolve().parents[2]
SHORT = {"count": 64, "epochs": 1, "warm_up": 0, "batch_size": 32}


@pytest.fixture
def experiment(monkeypatch):
    before = list(sys.path)
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    yield __import__("opening")
    for name in ("opening", "report", "attention"):
        sys.modules.pop(name, None)
    sys.path[:] = before


def test_lessons_are_new_in_every_epoch_unless_they_are_held_out(experiment):
    lessons = experiment.Lessons(4, first=7, split="train")
    same = experiment.Lessons(4, first=7, split="train", fixed=True)
    for epoch in (0, 3):
        for each, seed in ((lessons, 7 + epoch), (same, 7)):
            each.set_epoch(epoch)
            wanted = cued_digits(4, seed=seed, split="train")
            assert len(each) == 4
            for k in range(4):
                image, label = each[k]
                assert torch.equal(image, wanted.images[k])
                assert label == wanted.labels[k]


def test_a_seed_trains_the_same_again_and_a_finished_run_is_read_back(experiment, tmp_path):
    first, found, seconds = experiment.train("cbam", 1, tmp_path / "1", **SHORT)
    again, _, _ = experiment.train("cbam", 1, tmp_path / "2", **SHORT)
    still, told, _ = experiment.train("cbam", 1, tmp_path / "1", **SHORT)
    other, _, _ = experiment.train("cbam", 2, tmp_path / "1", **SHORT)
    assert torch.equal(kept(first), kept(again))
    assert torch.equal(kept(first), kept(still))
    assert not torch.equal(kept(first), kept(other))
    assert found == told
    assert seconds > 0


def test_reading_either_digit_is_counted_apart(experiment):
    net = OpeningNet("plain")
    with torch.no_grad():
        net.head[2].weight.zero_()
        net.head[2].bias.copy_(torch.arange(10.0) == 3)  # says 3 to everything
    found = experiment.examine("plain", kept(net), count=200)
    test = cued_digits(200, seed=0, split="test")
    asked, other = test.labels == 3, test.other_labels == 3
    assert found["test"] == pytest.approx(asked.double().mean().item())
    assert found["either"] == pytest.approx((asked | other).double().mean().item())


def test_the_seed_is_chosen_in_which_both_colours_move_the_mask(experiment):
    def tried(*rows):
        return [
            {"network": "cbam", "seed": seed, "mask_moves": {"orange": orange, "blue": blue}}
            for seed, orange, blue in rows
        ] + [{"network": "plain", "seed": 9}]

    assert experiment.chosen(tried((0, 0.5, 0.0), (1, 0.2, 0.1), (2, 0.0, 0.9))) == 1
    assert experiment.chosen(tried((2, 0.2, 0.1), (1, 0.1, 0.2))) == 2


def test_a_mask_that_sees_nothing_is_moved_by_nothing(experiment):
    net = OpeningNet("cbam")
    last = net.block1.attention.channel.mask.mlp[-1]
    torch.nn.init.zeros_(last.weight)
    assert experiment.mask_moves(kept(net), count=100) == {"orange": 0, "blue": 0}
    torch.nn.init.normal_(last.weight)
    assert min(experiment.mask_moves(kept(net), count=100).values()) > 0


def test_what_is_stored_says_how_it_was_made(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(experiment, "ROOT", tmp_path)
    monkeypatch.setattr(experiment, "WEIGHTS", tmp_path / "w.npz")
    monkeypatch.setattr(experiment, "RESULT", tmp_path / "r.json")
    networks = {(name, seed): kept(OpeningNet(name)) for name in NETWORKS for seed in (0, 1)}
    tried = [
        {"network": name, "seed": seed, "mask_moves": {"orange": 0.1 + seed, "blue": 0.2}}
        for name, seed in networks
    ]
    experiment.store(tried, networks, 90.0)
    packed = unpack((tmp_path / "w.npz").read_bytes())
    assert all(torch.equal(packed[name], networks[name, 1]) for name in NETWORKS)
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["command"] == "python experiments/opening.py"
    assert (told["seed"], told["minutes"], told["tried"]) == (1, 1.5, tried)
    for key in ("machine", "torch", "date", "pictures", "recipe", "device", "threads"):
        assert told[key] not in ("", None, [], {})
