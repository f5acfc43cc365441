"""LiveFigure as a widget: its traits, its answers to the front end, its refusals."""

import base64
import io
import itertools
import struct

import ipywidgets
import pytest
import torch
from PIL import Image
from torch import nn

from cbam_teach import CBAM, LADDER, ChannelAttention, SpatialAttention, trace
from cbam_teach.language import set_language
from cbam_teach.live import Choice, Drag, Flag, LiveFigure, Range, View
from cbam_teach.live.views import numbers

IMAGE = torch.linspace(0, 1, 3 * 6 * 11).reshape(3, 6, 11)


class Scene(nn.Module):
    """A window of ones at (row, column), twice as bright if asked."""

    def forward(self, image, row, column, double):
        rows = torch.arange(image.shape[2]).view(1, 1, -1, 1)
        columns = torch.arange(image.shape[3]).view(1, 1, 1, -1)
        near = ((rows - row).abs() < 2) & ((columns - column).abs() < 2)
        return {"seen": image * near * (1 + double), "near": near.float()}


@pytest.fixture
def light(monkeypatch, as_released):
    """No graph is written: these tests do not look at it."""
    monkeypatch.setattr("cbam_teach.live.figure.can_export", lambda: False)


def make(**more) -> LiveFigure:
    torch.manual_seed(1)
    given = {"controls": ("temperature", "gate"), "views": ("spatial.mask",)} | more
    return LiveFigure(CBAM(3), IMAGE, **given)


def scene(**more) -> LiveFigure:
    controls = {
        "row": Range(0, 5, start=2),
        "column": Range(0, 10, start=3),
        "double": Flag(),
        "place": Drag("column", "row"),
    }
    return LiveFigure(Scene(), IMAGE, controls=controls, views=["image", "seen", "near"], **more)


def test_a_setting_changes_what_is_computed_and_none_gives_it_back(light):
    figure = make()
    cool = CBAM(
        3, channel=ChannelAttention(3, temperature=0.25), spatial=SpatialAttention(temperature=0.25)
    )
    cool.load_state_dict(figure.modules[""].state_dict())
    start = figure.compute()["spatial.mask"]
    figure.temperature = 0.25
    with trace(cool) as maps:
        cool((IMAGE * 255).round()[None] / 255)
    torch.testing.assert_close(
        figure.compute()["spatial.mask"], maps["spatial.mask"], atol=1e-6, rtol=0
    )
    assert (maps["spatial.mask"] - start).abs().max() > 1e-3
    figure.temperature = None
    assert torch.equal(figure.compute()["spatial.mask"], start)


def test_an_edit_of_the_module_is_seen(light):
    figure = make()
    before = figure.compute()["spatial.mask"]
    with torch.no_grad():
        figure.modules[""].spatial.mask.conv.weight.neg_()
    after = figure.compute()["spatial.mask"]
    torch.testing.assert_close(before + after, torch.ones_like(after))


def test_every_control_links_observes_and_composes(light):
    figure, slider = make(), ipywidgets.FloatSlider(min=0.1, max=10, value=2)
    seen: list[float] = []
    figure.observe(lambda change: seen.append(change["new"]), "temperature")
    ipywidgets.link((slider, "value"), (figure, "temperature"))
    slider.value = 3.5
    assert figure.temperature == 3.5
    figure.temperature = 0.5
    assert slider.value == 0.5
    assert seen == [2.0, 3.5, 0.5]
    box = ipywidgets.VBox([slider, figure])
    assert box.children[1] is figure
    assert ipywidgets.jslink((slider, "value"), (figure, "temperature")).target[1] == "temperature"


def test_a_number_out_of_range_is_refused_and_the_last_good_one_kept(light):
    figure = make()
    figure.temperature = 4.0
    with pytest.raises(ValueError, match=r"Given: 30\.0. Allowed: 0\.1 ≤ temperature ≤ 10"):
        figure.temperature = 30.0
    assert figure.temperature == 4.0


def test_the_kernel_answers_the_front_end(light, monkeypatch):
    figure, sent = scene(), []
    monkeypatch.setattr(
        figure, "send", lambda content, buffers=None: sent.append((content, buffers))
    )
    figure.answer(figure, {"kind": "hello"}, [])
    settings = {"row": 1.0, "column": 4.0, "double": 1.0}
    ask = {"kind": "run", "id": 7, "variant": 0, "settings": settings, "picture": 0}
    figure.answer(figure, ask, [])
    (here, _), (ran, buffers) = sent
    assert here == {"kind": "here"}
    assert (ran["kind"], ran["id"], ran["variant"]) == ("ran", 7, 0)
    found = torch.frombuffer(bytearray(buffers[1]), dtype=torch.float32).reshape(6, 11)
    assert found.sum() == 3 * 3
    assert found[0:3, 3:6].sum() == 9
    seen = torch.frombuffer(bytearray(buffers[0]), dtype=torch.float32).reshape(3, 6, 11)
    torch.testing.assert_close(seen, 2 * (IMAGE * 255).round() / 255 * found)


def test_the_readers_own_picture_is_computed_on(light, monkeypatch):
    figure, sent = scene(own=True), []
    monkeypatch.setattr(
        figure, "send", lambda content, buffers=None: sent.append((content, buffers))
    )
    own = torch.rand(3, 6, 11)
    settings = {"row": 2.0, "column": 2.0, "double": 0.0}
    ask = {"kind": "run", "id": 1, "variant": 0, "settings": settings, "picture": -1}
    figure.answer(figure, ask, [memoryview(own.numpy().tobytes())])
    seen = torch.frombuffer(bytearray(sent[0][1][0]), dtype=torch.float32).reshape(3, 6, 11)
    assert torch.equal(seen[:, 1:4, 1:4], own[:, 1:4, 1:4])
    assert not seen[:, 5].any()


def test_what_goes_wrong_in_the_kernel_is_said_to_the_front_end(light, monkeypatch):
    figure, sent = make(), []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append(content))
    figure.answer(figure, {"kind": "run", "id": 3, "variant": 9, "settings": {}, "picture": 0}, [])
    assert sent[0]["kind"] == "failed"
    assert sent[0]["id"] == 3
    assert sent[0]["message"].startswith("IndexError")


def test_the_bundle_holds_the_picture_and_no_address(light):
    figure = make()
    data, _ = figure._repr_mimebundle_()
    assert data["text/plain"] == "LiveFigure(CBAM; temperature, gate)"
    png = base64.b64decode(data["image/png"])
    width, height = struct.unpack(">II", png[16:24])
    assert width > height > 100
    assert set(data) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    stand_in = Image.open(io.BytesIO(base64.b64decode(figure.still.split(",")[1])))
    assert stand_in.format == "WEBP"
    assert max(stand_in.size) <= 560
    assert stand_in.width / stand_in.height == pytest.approx(width / height, rel=0.01)
    figure.temperature = 0.1
    assert figure._repr_mimebundle_()[0]["image/png"] != data["image/png"]


def test_model_ids_follow_the_order_of_making(light, monkeypatch):
    found = []
    for _ in range(2):
        monkeypatch.setattr("cbam_teach.live.figure._numbers", itertools.count(10_000))
        figures = [make(), make()]
        found.append([part.model_id for f in figures for part in (f, f.layout)])
        for figure in figures:
            figure.layout.close()
            figure.close()
    assert found[0] == found[1]
    assert len(set(found[0])) == 4


def test_brightness_is_kept_in_eight_bits(light):
    figure = make()
    assert figure.spec["image"] == {"shape": [1, 3, 6, 11], "type": "uint8", "names": [""]}
    assert figure.pictures[:3] == bytes((IMAGE[:, 0, 0] * 255).round().byte().tolist())
    features = LiveFigure(SpatialAttention(), torch.randn(5, 4, 7), views=["mask"])
    assert features.spec["image"]["type"] == "float32"
    assert len(features.pictures) == 4 * 5 * 4 * 7


@pytest.mark.parametrize("language", ["tr", "en"])
def test_the_figure_speaks_the_readers_language(light, language):
    set_language(language)
    spec = make(views=("spatial.mask", View("histogram", "spatial.mask"))).spec
    assert spec["language"] == language
    assert spec["controls"][0]["label"] == {"tr": "sıcaklık T", "en": "temperature T"}[language]
    assert spec["views"][0]["label"] == {"tr": "uzamsal maske", "en": "spatial mask"}[language]
    assert all(text for text in spec["words"].values())


def test_variants_have_their_own_starts_and_controls(light):
    steps = {name: LADDER[name](3) for name in ("cbam", "mixed", "dynamic")}
    figure = LiveFigure(
        steps, IMAGE, controls=("mix", "router"), views=["spatial.mask", "router"], compare=True
    )
    cbam, mixed, dynamic = figure.spec["variants"]
    assert cbam["controls"] == []
    assert mixed["controls"] == ["mix"]
    assert mixed["starts"]["mix"] == pytest.approx(0.1)
    assert [output["name"] for output in dynamic["outputs"]] == ["spatial.mask", "router"]
    assert [output["shares"] for output in dynamic["outputs"]] == [False, True]
    assert len(cbam["outputs"]) == 1
    assert figure.settings(2)["router.1"] == pytest.approx(1 / 3)


def test_numbers_of_a_mask_and_of_shares():
    mask = torch.tensor([[0.0, 0.5], [1.0, 0.999]]).view(1, 1, 2, 2)
    found = numbers(mask, shares=False)
    assert found["saturated"] == 0.75
    assert found["mean"] == pytest.approx(2.499 / 4)
    assert found["entropy"] == pytest.approx((0.693147 + 0.0079072) / 4, abs=1e-5)
    shares = torch.tensor([[0.5, 1.0], [0.5, 0.0]]).view(1, 2, 1, 2)
    assert numbers(shares, shares=True)["entropy"] == pytest.approx(0.693147 / 2, abs=1e-5)


REFUSED = [
    (lambda: make(controls=("temprature",)), "temprature"),
    (lambda: make(controls="temperature"), "sequence of names"),
    (lambda: make(controls={"temperature": 3}), "must be given a control"),
    (lambda: make(views=("nothing",)), "nothing"),
    (lambda: make(views="output"), "sequence of views"),
    (lambda: make(views=[View("overlay", "channel.mask"), View("overlay", "output")]), "overlay"),
    (lambda: make(own=1), "own"),
    (lambda: LiveFigure(3, IMAGE), "LiveFigure"),
    (lambda: LiveFigure(CBAM(3), 3), "floating-point tensor"),
    (lambda: LiveFigure(CBAM(3), IMAGE.byte()), "floating-point tensor"),
    (lambda: LiveFigure(CBAM(3), IMAGE / 0), "finite"),
    (lambda: LiveFigure(CBAM(3), {"a": IMAGE, "b": IMAGE[:, :4]}), "same size"),
    (lambda: LiveFigure(Scene(), IMAGE, controls={"row": Range(0, 5)}), "column"),
    (lambda: LiveFigure(Scene(), IMAGE, controls=("row",)), "must be given a range"),
    (lambda: Range(1, 1), "most"),
    (lambda: Range(0, 1, log=True), "least"),
    (lambda: Choice(("one",)), "options"),
    (lambda: View("map", "mask"), "kind"),
    (lambda: View("heatmap", "mask", scale=(1, 0)), "scale"),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_is_not_allowed_is_said(light, case):
    build, word = REFUSED[case]
    with pytest.raises((TypeError, ValueError), match=word) as caught:
        build()
    assert "Given:" in str(caught.value)
    assert "Allowed:" in str(caught.value)
