"""LiveFigure at the edges: names, types, sizes and edits that a reader's own module may bring."""

import logging

import pytest
import torch
from live_parity import random_settings, worst
from torch import nn

from cbam_teach import CBAM, LADDER, SpatialAttention
from cbam_teach.language import set_language
from cbam_teach.live import Choice, Drag, Flag, LiveFigure, Range, View
from cbam_teach.live.export import quietly

IMAGE = torch.linspace(0, 1, 3 * 6 * 11).reshape(3, 6, 11)


@pytest.fixture
def light(monkeypatch, as_released):
    """No graph is written: these tests do not look at it."""
    monkeypatch.setattr("cbam_teach.live.figure.can_export", lambda: False)


class Returns(nn.Module):
    """Return what a function makes of the picture."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def forward(self, image):
        return self.make(image)


def scaled(name: str) -> nn.Module:
    """A module whose forward takes one scalar of that name."""
    spaces: dict = {}
    exec(f"def forward(self, image, {name}):\n    return {{'seen': image * {name}}}", spaces)
    return type("Scaled", (nn.Module,), {"forward": spaces["forward"]})()


NAMES = ["a", "album", "alt", "comm", "controls", "id", "keys", "layout", "models", "modules",
         "own", "programs", "shown", "spec", "tooltip", "traits_of", "variant", "_a"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_control_may_have_any_name(light, name):
    figure = LiveFigure(
        scaled(name), IMAGE, controls={name: Range(0, 1, start=0.5)}, views=["seen"]
    )
    trait = figure.traits_of[name]
    assert (trait == name) == (name == "a")
    setattr(figure, trait, 0.25)
    torch.testing.assert_close(figure.compute()["seen"], 0.25 * figure.album.images)
    assert figure.spec["controls"][0]["trait"] == trait
    assert not trait.startswith("_")


def test_two_controls_never_share_an_attribute(light):
    figure = LiveFigure(
        {"a": scaled("spatial_temperature"), "b": CBAM(3)}, IMAGE,
        controls={"spatial_temperature": Range(0, 1), "spatial.temperature": Range(0.1, 10)},
        views=["seen", "spatial.mask"],
    )  # fmt: skip
    assert len(set(figure.traits_of.values())) == 2


def test_a_figure_without_controls_takes_what_the_front_end_sets(light):
    figure = LiveFigure(CBAM(3), {"a": IMAGE, "b": 1 - IMAGE}, views=["spatial.mask"])
    first = figure.compute()["spatial.mask"]
    figure.set_state({"picture": 1})
    assert not torch.equal(figure.compute()["spatial.mask"], first)
    figure.close()


@pytest.mark.parametrize(
    ("trait", "value"),
    [("variant", 1), ("variant", -1), ("against", 1), ("picture", 1), ("picture", -2)],
)
def test_a_place_that_is_not_there_is_refused(light, trait, value):
    figure = LiveFigure(CBAM(3), IMAGE, views=["spatial.mask"])
    before = getattr(figure, trait)
    with pytest.raises(ValueError, match=rf"'{trait}'.*Given: {value}\. Allowed: "):
        setattr(figure, trait, value)
    assert getattr(figure, trait) == before


def test_a_picture_that_was_brought_is_computed_on(light, monkeypatch):
    figure, own = LiveFigure(CBAM(3), IMAGE, views=["spatial.mask"], own=True), torch.rand(3, 6, 11)
    sent: list = []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append(buffers))
    ask = {"kind": "run", "id": 1, "variant": 0, "settings": {}, "picture": -1}
    figure.answer(figure, ask, [memoryview(own.numpy().tobytes())])
    figure.picture = -1
    found = figure.compute()["spatial.mask"]
    assert found.numpy().tobytes() == sent[0][0]
    assert torch.equal(found, figure.compute(image=own[None])["spatial.mask"])


def test_what_nobody_touched_follows_the_module(light, monkeypatch):
    """A temperature that is learned on between two passes counts; one that is set stays."""
    module = SpatialAttention(temperature=2.0, learnable_temperature=True)
    figure = LiveFigure(module, IMAGE, controls=("temperature",), views=["mask"])
    sent: list = []
    monkeypatch.setattr(figure, "send", lambda content, buffers=None: sent.append(buffers))
    with torch.no_grad():
        for parameter in module.gate.temperature.parameters():
            parameter.mul_(3)
    module.eval()
    expected = module(figure.album.images)
    assert torch.equal(figure.compute()["mask"], expected)
    ask = {"kind": "run", "id": 1, "variant": 0, "picture": 0}
    figure.answer(figure, ask | {"settings": figure.spec["variants"][0]["starts"]}, [])
    assert sent[0][0] == expected.detach().numpy().tobytes()
    figure.temperature = 0.3
    figure.answer(figure, ask | {"settings": {"temperature": 0.3}}, [])
    assert sent[1][0] == figure.compute()["mask"].numpy().tobytes() != sent[0][0]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_a_module_of_any_precision(as_released, dtype):
    module = LADDER["dynamic"](3).to(dtype)
    figure = LiveFigure(
        module, IMAGE, controls=("temperature", "fusion", "router"), views=["spatial.mask"]
    )
    settings = random_settings(figure, 0, 1) | {"fusion.by_hand": 1.0, "router.by_hand": 1.0}
    assert worst(figure, 0, settings) < 30 * torch.finfo(dtype).eps + 1e-5
    assert next(module.parameters()).dtype == dtype


def test_outputs_of_any_type_reach_the_page_as_numbers(as_released):
    views = [View("heatmap", "place"), View("heatmap", "high")]
    module = Returns(lambda x: {"place": x.argmax(1, keepdim=True), "high": x > 0.5})
    figure = LiveFigure(module, IMAGE, views=views)
    assert worst(figure, 0, {}) == 0
    assert {value.dtype for value in figure.compute().values()} == {torch.float32}


@pytest.mark.parametrize(
    ("size", "kinds"),
    [
        ((3, 1, 1), ("picture", "heatmap", "overlay", "histogram", "numbers", "values")),
        ((3, 6, 11), ("difference",)),
        ((5, 4, 7), ("overlay", "histogram")),
    ],
)
def test_every_figure_has_a_static_picture(light, size, kinds):
    of = {"picture": "image"}
    views = [View(kind, of.get(kind, "spatial.mask")) for kind in kinds]
    figure = LiveFigure(CBAM(size[0]), torch.randn(size).abs().clamp(0, 1), views=views)
    assert figure.draw().startswith(b"\x89PNG")


def test_a_mask_that_is_not_a_number_has_a_static_picture(light):
    views = [View("histogram", "output"), View("overlay", "output"), View("numbers", "output")]
    figure = LiveFigure(Returns(lambda x: x[:, :1] / 0 * 0), IMAGE, views=views)
    assert figure.draw().startswith(b"\x89PNG")


def test_variants_share_a_slider_that_reaches_every_start(light):
    modules = {"a": SpatialAttention(temperature=2.0), "b": SpatialAttention(temperature=40.0)}
    figure = LiveFigure(modules, IMAGE, controls=("temperature",), views=["mask"])
    assert figure.spec["controls"][0]["most"] == 40
    figure.temperature = 40.0


def test_an_output_is_drawn_as_it_fits_in_every_variant(light):
    modules = {step: LADDER[step](3) for step in ("dynamic", "pixel_routed")}
    figure = LiveFigure(modules, IMAGE, views=["router"])
    assert figure.spec["views"][0]["kind"] == "heatmap"
    assert figure.shown.shares == {"router"}
    with pytest.raises(ValueError, match=r"'bars'.*Given: \(1, 3, 6, 11\)"):
        LiveFigure(modules, IMAGE, views=[View("bars", "router")])


@pytest.mark.parametrize(("step", "digits"), [(0.25, 2), (0.1, 1), (1, 0), (5, 0), (0.47, 2)])
def test_a_slider_shows_every_digit_of_its_step(step, digits):
    assert Range(0, 47, step=step).describe()["digits"] == digits


def test_a_scalar_without_a_start_begins_inside_its_range(light):
    figure = LiveFigure(scaled("a"), IMAGE, controls={"a": Range(1, 5)}, views=["seen"])
    assert figure.settings() == {"a": 1.0}


def test_numbers_of_the_static_picture_are_written_in_the_language(light, shown):
    from cbam_teach.live.still import compose

    set_language("tr")
    mask = torch.full((1, 1, 2, 3), 0.25)
    figure = compose([(View("numbers", "m"), True)], {"m": mask}, IMAGE[None], set())
    assert "0,250" in figure.axes[0].texts[0].get_text()
    shown.append(figure)


def test_the_exporters_remarks_are_kept_from_the_reader(caplog):
    with quietly():
        for name in ("torch.onnx._internal", "onnxscript.optimizer", "onnx_ir.passes.common"):
            logging.getLogger(name).warning("a remark")
    assert caplog.records == []
    assert all(logging.getLogger(n).level == 0 for n in ("torch.onnx", "onnxscript", "onnx_ir"))


REFUSED = [
    (lambda: LiveFigure(Returns(lambda x: (x, x)), IMAGE), "must return a tensor"),
    (lambda: LiveFigure(CBAM(3), IMAGE - 1, own=True, views=["output"]), "own=True"),
    (lambda: LiveFigure(CBAM(3), IMAGE, call=3), "'call'"),
    (lambda: LiveFigure(CBAM(3), IMAGE, title=3), "'title'"),
    (lambda: LiveFigure(CBAM(3), IMAGE, controls={"gate": Flag()}), "'gate'"),
    (lambda: LiveFigure(CBAM(3), IMAGE, controls={"temperature": Choice(("a", "b"))}), "temp"),
    (lambda: LiveFigure(CBAM(3), IMAGE, controls=("gate", "spatial.gate")), "by one control"),
    (lambda: LiveFigure(CBAM(3), IMAGE, views=[View("bars", "channel.mask", names=("a",))]), "nam"),
    (lambda: View("bars", "mask", names="abc"), "names"),
    (lambda: LiveFigure(scaled("a"), IMAGE, controls={"a": Range(0, 1), "d": Drag("a", "b")},
                        views=["image", "seen"]), "two sliders"),
    (lambda: LiveFigure(scaled("a"), IMAGE, controls={"a": Range(0, 1), "d": Drag("a", "a")},
                        views=["seen"]), "can stand on"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_what_would_be_passed_over_is_refused(light, case):
    build, word = REFUSED[case]
    with pytest.raises((TypeError, ValueError), match=word) as caught:
        build()
    assert "Given:" in str(caught.value)
    assert "Allowed:" in str(caught.value)


@pytest.mark.parametrize("word", ["gat", "channel.router"])
def test_the_names_that_an_error_offers_can_be_asked_for(light, word):
    with pytest.raises(ValueError, match="must be a setting") as caught:
        LiveFigure(LADDER["dynamic"](3), IMAGE, controls=(word,))
    for name in str(caught.value).split("Allowed: ")[1].split(", "):
        assert LiveFigure(LADDER["dynamic"](3), IMAGE, controls=(name,)).controls


def test_half_a_place_of_a_choice_is_refused(light):
    figure = LiveFigure(CBAM(3), IMAGE, controls=("gate",))
    with pytest.raises(ValueError, match=r"Given: 0\.5\. Allowed: 0, 1"):
        figure.gate = 0.5
