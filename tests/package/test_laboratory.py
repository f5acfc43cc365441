"""The laboratory's networks: built as told, stored whole, trained as their record says."""

import pytest
import torch

from cbam_teach import LADDER, results, trace
from cbam_teach.laboratory import LaboratoryNet, load
from cbam_teach.laboratory.album import digits, middle, pictures
from cbam_teach.laboratory.weights import stored
from cbam_teach.packed import give, kept, pack, tensors, unpack


@pytest.mark.parametrize("rung", [None, *LADDER])
def test_every_rung_reads_pictures_and_weighs_half_their_sides(rung):
    net = LaboratoryNet(rung).eval()
    with trace(net) as maps:
        assert net(torch.rand(2, 3, 40, 56)).shape == (2, 10)
    if rung is not None:
        assert maps["block.attention.channel.mask"].shape == (2, 16, 1, 1)
        assert maps["block.attention.spatial.mask"].shape == (2, 1, 20, 28)


def test_colours_count_by_their_mean_only():
    net, grey = LaboratoryNet("cbam").eval(), torch.rand(1, 1, 32, 32)
    tinted = grey + torch.tensor([0.25, -0.5, 0.25])[:, None, None]
    torch.testing.assert_close(net(tinted), net(grey.repeat(1, 3, 1, 1)))


@pytest.mark.usefixtures("as_released")
def test_what_is_no_rung_is_refused():
    for make in (LaboratoryNet, load):
        with pytest.raises(ValueError, match=r"`rung`.*Given: 'cbm'. Allowed: cbam, gated"):
            make("cbm")
    with pytest.raises(TypeError, match=r"`rung`.*Given: 3"):
        LaboratoryNet(3)


def test_the_stored_weights_are_those_of_the_ladder():
    assert list(stored()) == list(LADDER)
    for rung in LADDER:
        net = load(rung)
        assert not net.training
        assert all(v.isfinite().all() for v in net.state_dict().values())


def test_packing_gives_the_same_bytes_and_the_same_weights():
    weights = {rung: kept(LaboratoryNet(rung)) for rung in ("cbam", "pixel_routed")}
    data = pack(weights)
    assert data == pack(weights)
    again = unpack(data)
    assert list(again) == list(weights)
    assert all(torch.equal(again[rung], value) for rung, value in weights.items())


def test_a_network_gets_all_its_numbers_back():
    net, other = LaboratoryNet("coordinate"), LaboratoryNet("coordinate")
    net(torch.rand(4, 3, 16, 16))  # batch norm has statistics now
    give(other, kept(net))
    for (name, value), again in zip(tensors(net).items(), tensors(other).values(), strict=True):
        torch.testing.assert_close(again, value.half().float(), rtol=0, atol=0, msg=name)
    with pytest.raises(RuntimeError):
        give(LaboratoryNet("cbam"), kept(net))


def test_the_file_is_small_and_is_packed_again_to_the_same_bytes():
    from importlib.resources import files

    data = files("cbam_teach.laboratory").joinpath("weights.npz").read_bytes()
    assert len(data) <= 200_000
    assert pack(stored()) == data


def test_the_record_belongs_to_the_weights():
    """A rung from each end of the ladder reads the first test pictures as well as it says."""
    record = results.load("laboratory")
    assert [each["rung"] for each in record["figures"]] == list(LADDER)
    test = digits(200, seed=record["seed"], split="test")
    for place in (0, -1):
        said = record["figures"][place]
        net = load(said["rung"])
        with torch.no_grad():
            right = (net(test.images).argmax(dim=1) == test.labels).float().mean().item()
        assert abs(right - said["accuracy"]) < 0.12  # four standard errors of 200 pictures
        assert said["parameters"] == sum(p.numel() for p in net.parameters())


def test_the_album_is_nine_pictures_of_one_size_with_their_credits():
    album = pictures()
    assert len(album) == 9
    assert {tuple(picture.shape) for picture in album.values()} == {(3, 96, 96)}
    assert [name for name in album if "CC BY 2.0" in name and "Flickr" in name] == list(album)[6:8]


def test_the_middle_is_cut_from_the_longer_side():
    wide = torch.arange(100.0).expand(3, 96, 100)
    assert torch.equal(middle(wide)[0, 0], torch.arange(2.0, 98.0))
