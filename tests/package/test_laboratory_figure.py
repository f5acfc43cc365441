"""The laboratory as a figure: what can be set, what is shown, what is refused."""

import pytest
import torch

from cbam_teach import LADDER
from cbam_teach.laboratory import laboratory, load, look
from cbam_teach.laboratory.bench import Bench
from cbam_teach.language import speaking

pytest.importorskip("anywidget")


@pytest.fixture(autouse=True)
def unwritten(monkeypatch):
    """Leave the graphs out, which take seconds each."""
    monkeypatch.setattr("cbam_teach.live.figure.can_export", lambda: False)


@pytest.fixture(scope="module")
def shown():
    """Make the figure once for all who only look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cbam_teach.live.figure.can_export", lambda: False)
        return laboratory()


def test_it_opens_at_the_first_rung_as_it_was_learned(shown):
    assert (shown.variant, shown.against, shown.picture) == (0, -1, 0)
    assert list(shown.modules) == list(LADDER)
    image = shown.album.images[:1]
    found = shown.compute()
    with torch.no_grad():
        torch.testing.assert_close(found["answer"], load("cbam")(image).softmax(dim=1))


@pytest.mark.parametrize("rung", LADDER)
def test_untouched_controls_leave_every_rung_as_it_is(shown, rung):
    image = shown.album.images[7:8]
    with torch.no_grad():
        wanted = Bench(load(rung))(image)
    found = shown.compute(list(LADDER).index(rung), image)
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value)


def test_a_rung_shows_and_sets_what_it_has(shown):
    plain, pixel = (shown.programs[rung] for rung in ("cbam", "pixel_routed"))
    assert not {"mix", "router.by_hand"} & set(plain.controls)
    assert {"mix", "router.by_hand", "router.3"} <= set(pixel.controls)
    outputs = {
        each["name"]: [o["name"] for o in each["outputs"]] for each in shown.spec["variants"]
    }
    assert "shares" not in outputs["mixed"]
    assert "shares" in outputs["dynamic"]
    assert [rung for rung, names in outputs.items() if "places" in names] == ["pixel_routed"]
    assert [rung for rung, names in outputs.items() if "fusion" in names] == list(LADDER)[2:]


def test_settings_are_taken_by_both_spellings():
    given = {"spatial.temperature": 0.1, "router.by_hand": True}
    shown = laboratory(
        "dynamic", against="cbam", picture=6, channel_gate="sigmoid", mix=0.5, router_1=0, **given
    )
    assert (shown.variant, shown.against, shown.picture) == (5, 0, 6)
    found = shown.settings()
    assert found["spatial.temperature"] == 0.1
    assert found["channel.gate"] == 0
    assert found["mix"] == 0.5
    assert (found["router.by_hand"], found["router.1"]) == (1, 0)


def test_a_look_is_what_the_figure_computes():
    given = {"picture": 6, "spatial_temperature": 0.3, "fusion_by_hand": True, "fusion_max": 0}
    wanted, found = laboratory("dynamic", **given).compute(), look("dynamic", **given)
    assert list(found) == [
        "spatial.mask",
        "relief",
        "channel.mask",
        "fusion",
        "answer",
        "shares",
    ]
    for name, value in found.items():
        assert torch.equal(value, wanted[name])
    assert torch.equal(found["relief"], found["spatial.mask"])


def test_shares_by_hand_are_those_of_every_pixel():
    found = look("pixel_routed", router_by_hand=True, router_1=1, router_2=0, router_3=0)
    torch.testing.assert_close(found["shares"], torch.tensor([[1.0, 0, 0]]), atol=1e-5, rtol=0)
    assert found["places"].shape == (1, 3, 48, 48)
    assert (found["places"][:, 0] > 0.99).all()


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"rung": "cbm"}, ValueError, "`rung`.*Given: 'cbm'. Allowed: cbam"),
        ({"against": "cbm"}, ValueError, "`against`.*Given: 'cbm'. Allowed: cbam"),
        ({"picture": 9}, ValueError, "`picture`.*Given: 9. Allowed: .*8"),
        ({"picture": -1}, ValueError, "`picture`.*Given: -1"),
        ({"mix": 0.5}, ValueError, "'cbam' has. Given: 'mix'. Allowed: spatial_temperature"),
        ({"spatial_gate": "relu"}, ValueError, "Given: 'relu'. Allowed: sigmoid, hardsigmoid"),
        ({"spatial_gate": 1}, TypeError, "Given: 1. Allowed: sigmoid, hardsigmoid"),
        ({"fusion_by_hand": 2}, TypeError, "Given: 2. Allowed: True, False"),
        ({"spatial_temperature": "hot"}, TypeError, "Given: 'hot'"),
        ({"spatial_temperature": 11}, ValueError, "Given: 11"),
    ],
)
def test_what_is_not_there_is_refused(given, kind, said):
    with pytest.raises(kind, match=said):
        laboratory(**given)
    if "against" not in given:
        with pytest.raises(kind, match=said):
            look(**given)


def test_every_name_in_the_figure_is_in_the_readers_language():
    with speaking("tr"):
        turkish = laboratory().spec
    labels = [each["label"] for each in turkish["views"]]
    assert {"uzamsal maske", "kanal maskesi", "ağın yanıtı (olasılık)"} <= set(labels)
    assert turkish["title"].startswith("Maske laboratuvarı")
    assert any("tapınak" in name for name in turkish["image"]["names"])
