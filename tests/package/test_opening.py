"""The opening's networks: built as told, stored whole, reading as their record says."""

from importlib.resources import files

import pytest
import torch

from cbam_teach import results, trace
from cbam_teach.cued import cued_digits
from cbam_teach.opening import NETWORKS, OpeningNet, load
from cbam_teach.opening.weights import read, stored
from cbam_teach.packed import kept, pack


def record_of(name: str) -> dict:
    record = results.load("opening")
    (found,) = [
        run for run in record["tried"] if (run["network"], run["seed"]) == (name, record["seed"])
    ]
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_both_read_pictures_and_only_one_weighs(name):
    net = OpeningNet(name).eval()
    with trace(net) as maps:
        assert net(torch.rand(2, 3, 40, 48)).shape == (2, 10)
    assert bool(maps) == (name == "cbam")
    if maps:
        assert maps["block1.attention.channel.mask"].shape == (2, 8, 1, 1)
        assert maps["block2.attention.spatial.mask"].shape == (2, 1, 10, 12)


def test_attention_stands_before_the_branch():
    net, x = OpeningNet("cbam").eval(), torch.rand(1, 8, 20, 20)
    block = net.block1
    with torch.no_grad():
        wanted = torch.relu(block.skip(x) + block.branch(block.attention(x)))
        torch.testing.assert_close(block(x), wanted)


@pytest.mark.usefixtures("as_released")
def test_what_is_no_network_is_refused():
    for make in (OpeningNet, load):
        with pytest.raises(ValueError, match=r"`name`.*Given: 'cbm'. Allowed: plain, cbam"):
            make("cbm")
        with pytest.raises(TypeError, match=r"`name`.*Given: 3"):
            make(3)


def test_the_file_is_small_and_is_packed_again_to_the_same_bytes():
    data = files("cbam_teach.opening").joinpath("weights.npz").read_bytes()
    assert len(data) <= 60_000
    assert list(stored()) == list(NETWORKS)
    assert pack(stored()) == data
    assert not any(load(name).training for name in NETWORKS)


def damaged() -> dict[str, bytes]:
    whole = {name: kept(OpeningNet(name)) for name in NETWORKS}
    data = pack(whole)
    return {
        "empty": b"",
        "text": b"weights",
        "cut": data[: len(data) // 2],
        "one alone": pack({"plain": whole["plain"]}),
        "too few": pack(whole | {"cbam": whole["cbam"][:-1]}),
        "not finite": pack(whole | {"plain": whole["plain"] / 0}),
        "swapped": pack({"plain": whole["cbam"], "cbam": whole["plain"]}),
    }


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("what", damaged())
def test_a_damaged_file_is_refused(what):
    with pytest.raises(
        ValueError, match=r"weights.npz must hold .* both networks.*Allowed: .*cbam"
    ):
        read(damaged()[what])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_record_belongs_to_the_weights(name):
    said, net = record_of(name), load(name)
    test = cued_digits(400, seed=0, split="test")
    with torch.no_grad():
        says = net(test.images).argmax(dim=1)
    asked, other = says == test.labels, says == test.other_labels
    assert abs(asked.float().mean().item() - said["test"]) < 0.1  # four errors of 400 pictures
    assert abs((asked | other).float().mean().item() - said["either"]) < 0.1
    assert said["parameters"] == sum(p.numel() for p in net.parameters()) <= 11_000


def test_one_follows_the_cue_and_the_other_tosses_a_coin():
    plain, attended = record_of("plain"), record_of("cbam")
    assert attended["test"] > 0.85
    assert 0.4 < plain["test"] < 0.6
    assert plain["either"] > 0.85


def test_the_record_says_what_was_tried_and_which_seed_was_chosen():
    record = results.load("opening")
    tried = record["tried"]
    assert {(run["network"], run["seed"]) for run in tried} == {
        (name, seed) for name in NETWORKS for seed in range(3)
    }
    moves = {run["seed"]: run["mask_moves"] for run in tried if run["network"] == "cbam"}
    assert record["seed"] == max(moves, key=lambda seed: min(moves[seed].values()))
    assert min(moves[record["seed"]].values()) > 0.05
