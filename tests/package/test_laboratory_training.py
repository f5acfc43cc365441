"""The experiment behind the laboratory: its lessons, its runs, and what it measures."""

import json
import sys
from pathlib import Path

import pytest
import torch

from cbam_teach import LADDER
from cbam_teach.laboratory import LaboratoryNet
from cbam_teach.laboratory.album import digits
from cbam_teach.packed import kept, unpack

ROOT = Path(__file__).resolve().parents[2]
SHORT = {"count": 64, "epochs": 1, "warm_up": 0}


@pytest.fixture
def experiment(monkeypatch):
    before = list(sys.path)
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    yield __import__("laboratory")
    for name in ("laboratory", "report", "attention"):
        sys.modules.pop(name, None)
    sys.path[:] = before


def test_lessons_are_new_in_every_epoch_and_grow_harder(experiment):
    lessons = experiment.Lessons(4, easier=2, first=7)
    for epoch, clutter in ((0, 0), (1, 0), (2, 1), (5, 2), (20, 4)):
        lessons.set_epoch(epoch)
        wanted = digits(4, seed=7 + epoch, split="train", clutter=clutter)
        assert len(lessons) == 4
        for k in range(4):
            image, label = lessons[k]
            assert torch.equal(image, wanted.images[k])
            assert label == wanted.labels[k]
    hard = experiment.Lessons(4, easier=0, first=0)
    assert torch.equal(hard[3][0], digits(4, seed=0, split="train").images[3])


def test_a_rung_begins_with_the_plain_networks_ends_and_trains_the_same_again(experiment, tmp_path):
    plain, _ = experiment.train(None, tmp_path, **SHORT)
    before = kept(plain)
    first, _ = experiment.train("cbam", tmp_path / "1", plain, **SHORT)
    again, _ = experiment.train("cbam", tmp_path / "2", plain, **SHORT)
    still, seconds = experiment.train("cbam", tmp_path / "1", plain, **SHORT)  # read back
    assert torch.equal(kept(first), kept(again))
    assert torch.equal(kept(first), kept(still))
    assert seconds > 0
    assert torch.equal(kept(plain), before)
    barely, _ = experiment.train("cbam", tmp_path / "3", plain, **SHORT, lr=1e-12)
    for part in ("stem", "head"):
        begun = dict(getattr(barely, part).named_parameters())
        for name, value in getattr(plain, part).named_parameters():
            torch.testing.assert_close(begun[name], value, atol=1e-6, rtol=0)


def test_a_mask_of_a_half_lies_on_the_digit_as_much_as_elsewhere(experiment):
    net = LaboratoryNet("cbam")
    torch.nn.init.zeros_(net.block.attention.spatial.mask.conv.weight)
    found = experiment.examine("cbam", kept(net), count=100)
    assert found["mask_on_digit"] == found["mask_elsewhere"] == 0.5
    assert found["mass_on_digit"] == found["area_of_digit"]
    assert found["mix"] is None
    area = digits(100, seed=experiment.SEED, split="test").masks.float().mean().item()
    assert found["area_of_digit"] == pytest.approx(area, abs=1e-4)
    assert experiment.examine("mixed", kept(LaboratoryNet("mixed")), count=100)["mix"] == 0.1
    assert set(experiment.examine(None, kept(LaboratoryNet(None)), count=100)) == {"accuracy"}


def test_what_is_stored_says_how_it_was_made(experiment, tmp_path, monkeypatch):
    monkeypatch.setattr(experiment, "ROOT", tmp_path)
    monkeypatch.setattr(experiment, "WEIGHTS", tmp_path / "w.npz")
    monkeypatch.setattr(experiment, "RESULT", tmp_path / "r.json")
    networks = {rung: kept(LaboratoryNet(rung)) for rung in LADDER}
    experiment.store([{"rung": "cbam"}], networks, 90.0, {"accuracy": 0.5})
    assert list(unpack((tmp_path / "w.npz").read_bytes())) == list(LADDER)
    told = json.loads((tmp_path / "r.json").read_text())
    assert told["command"] == "python experiments/laboratory.py"
    assert told["plain"] == {"epochs": 24, "lr": 0.1, "accuracy": 0.5}
    assert told["minutes"] == 1.5
    for key in ("seed", "machine", "torch", "date", "pictures", "recipe", "rung", "figures"):
        assert told[key] not in ("", None, [], {})
