"""The scenes of the small experiments: their formulas in float64, their graphs beside PyTorch."""

import pytest
import torch
import torch.nn.functional as F
from live_parity import TOLERANCE, random_settings, worst

from cbam_teach import SpatialAttention
from cbam_teach.live import LiveFigure, Range, View
from cbam_teach.live.experiments_branches import LIGHT, OBJECT, Folded, Moved, Sized
from cbam_teach.live.experiments_mask import Blended, Fused, Windowed, spot, spotted

SIZES = [(15, 22), (31, 18)]
double = torch.float64


def scalar(*numbers: float) -> list[torch.Tensor]:
    return [torch.tensor(number, dtype=double) for number in numbers]


def pooled(x: torch.Tensor) -> torch.Tensor:
    return torch.stack([x[0].mean(0), x[0].max(0).values])[None]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("row", "column"), [(7, 9), (0, 0), (14, 17), (3.4, 11.6)])
def test_the_window_holds_what_the_mask_sees_there(size, row, column):
    scene, x = Windowed().double(), torch.rand(1, 3, *size, dtype=double)
    found = scene(x, *scalar(row, column))
    h, w = round(row), round(column)
    around = F.pad(pooled(x), (3, 3, 3, 3))[:, :, h : h + 7, w : w + 7]
    kernel = torch.stack([spot(7, 3, 12.0), spot(7, 3, 6.0)])[None].double()
    z = (around * kernel).sum()
    torch.testing.assert_close(found["window"], around)
    torch.testing.assert_close(found["products"], around * kernel)
    torch.testing.assert_close(found["result"].flatten(), torch.stack([z, torch.sigmoid(z)]))
    mask = spotted().double()(x)
    torch.testing.assert_close(mask[0, 0, h, w], torch.sigmoid(z))
    other = (found["marked"] != mask)[0, 0].nonzero()
    assert ((other - torch.tensor([h, w])).abs().amax(1) == 4).all()
    assert set(found["marked"][found["marked"] != mask].tolist()) == {0.0, 1.0}


def test_the_kernel_by_hand_answers_to_the_middle_only():
    kernel = spot(7, 3, 12.0)
    assert kernel.sum().abs() < 1e-5
    assert kernel[2:5, 2:5].sum() == pytest.approx(12)
    assert isinstance(spotted(), SpatialAttention)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("numbers", [(2, 2, 0, 0), (-2, -2, 1, 1), (1.5, -3, 0.3, -2)])
def test_the_softmax_takes_a_mean_where_the_sum_adds(size, numbers):
    x = torch.rand(1, 2, *size, dtype=double)
    a, m, p, q = scalar(*numbers)
    found = Fused()(x, a, m, p, q)
    w = p.exp() / (p.exp() + q.exp())
    z = torch.stack([a + m, w * a + (1 - w) * m])
    torch.testing.assert_close(found["fusion"].flatten(), torch.stack([w, 1 - w]))
    torch.testing.assert_close(found["logits"].flatten(), z)
    torch.testing.assert_close(found["weights"].flatten(), 1 / (1 + (-z).exp()))
    torch.testing.assert_close(found["by_sum"], x / (1 + (-z[0]).exp()))
    torch.testing.assert_close(found["by_softmax"], x / (1 + (-z[1]).exp()))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("mix", "lam"), [(0, 0), (0.3, 0.8), (1, 1)])
def test_both_formulas_of_the_notes(size, mix, lam):
    x = torch.rand(1, 3, *size, dtype=double)
    found = Blended().double()(x, *scalar(mix, lam))
    y = found["attended"]
    middle = tuple((side - 1) // 2 for side in size)
    torch.testing.assert_close(y[..., *middle], x[..., *middle])
    assert (y[..., 0, 0] == 0).all()
    torch.testing.assert_close(found["mixed"], x + mix * (y - x))
    u = (1 - lam) * x + lam * y
    around = F.pad(u, (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1).sum((4, 5))
    torch.testing.assert_close(found["blended"], u)
    torch.testing.assert_close(found["before"], (x + (9 * u - around) / 8).clamp(min=0))
    if mix == 1:
        assert found["left"].flatten().tolist() == pytest.approx([0, 1])
    if mix == 0:
        assert found["left"].flatten()[0].item() == pytest.approx(1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("side", "light"), [(6, 1.0), (9, 0.4), (14.5, 0.7)])
def test_the_shares_follow_the_light_alone(size, side, light):
    scene, dark = Sized().double(), torch.zeros(1, 1, *size, dtype=double)
    seen: list[torch.Tensor] = []
    scene.mask.router.register_forward_hook(lambda module, given, out: seen.append(out))
    found = scene(dark, *scalar(side, light))
    h = (torch.arange(size[0], dtype=double) - (size[0] - 1) / 2).abs()[:, None]
    w = (torch.arange(size[1], dtype=double) - (size[1] - 1) / 2).abs()
    cover = (side / 2 + 0.5 - torch.maximum(h, w)).clamp(0, 1)
    torch.testing.assert_close(found["drawn"][0, 0], light * cover)
    reading = (light * cover).mean()
    torch.testing.assert_close(found["reading"].squeeze(), reading)
    logits = torch.stack([2 - 30 * reading, 0 * reading, 20 * reading - 7])
    torch.testing.assert_close(seen[0].flatten(), logits.softmax(0))


def test_size_and_brightness_cannot_be_told_apart():
    scene, dark, seen = Sized(), torch.zeros(1, 1, 64, 64), []
    scene.mask.router.register_forward_hook(lambda module, given, out: seen.append(out))
    for side, light in ((60.0, 0.16), (24.0, 1.0), (24.0, 0.5)):
        scene(dark, torch.tensor(side), torch.tensor(light))
    torch.testing.assert_close(seen[0], seen[1])
    assert (seen[1] - seen[2]).abs().max() > 0.1


@pytest.mark.parametrize("size", SIZES)
def test_only_coordinates_tell_the_place(size):
    scene, grey = Moved().double(), torch.full((1, 1, *size), 0.2, dtype=double)
    row, columns = size[0] // 2, (6, size[1] - 7)
    here = torch.cat([scene(grey, *scalar(row, column))["here"] for column in columns])
    without, placed = here[:, 0].flatten(), here[:, 1].flatten()
    torch.testing.assert_close(without[0], without[1])
    z = torch.logit(without[0])
    at = torch.tensor(columns, dtype=double) * 2 / (size[1] - 1) - 1
    torch.testing.assert_close(placed, torch.sigmoid(z + 3 * at))
    edge = scene(grey, *scalar(row, 1))["here"].flatten()[0]
    assert abs(edge - without[0]) > 0.01


@pytest.mark.parametrize("size", SIZES)
def test_the_object_is_a_square_around_its_place(size):
    scene, grey = Moved().double(), torch.full((1, 1, *size), 0.2, dtype=double)
    drawn = scene(grey, *scalar(5.3, 8.8))["drawn"][0, 0]
    by_hand = torch.full(size, 0.2, dtype=double)
    by_hand[3:8, 7:12] = LIGHT
    assert OBJECT == 5
    torch.testing.assert_close(drawn, by_hand)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("given", [(1, 1, 1), (0, 0.3, 0.9), (0, 0, 1), (0, 0, 0)])
def test_one_kernel_does_what_three_branches_do(size, given):
    scene, x = Folded().double(), torch.rand(1, 3, *size, dtype=double)
    found = scene(x, *scalar(*given))
    w = (torch.tensor(given, dtype=double) + 1e-6) / (sum(given) + 3e-6)
    weights = [branch.weight for branch in scene.mask.branches]
    shapes = zip(weights, (1, 3, 6), (1, 1, 2), strict=True)
    z = [F.conv2d(pooled(x), k, padding=reach, dilation=gap) for k, reach, gap in shapes]
    mask = torch.sigmoid(sum(share * each for share, each in zip(w, z, strict=True)))
    torch.testing.assert_close(found["by_branches"], mask)
    torch.testing.assert_close(found["by_one"], mask)
    assert found["gap"].abs().max() < 1e-12
    torch.testing.assert_close(found["weighted"].sum(1, keepdim=True), found["folded"])
    torch.testing.assert_close(found["folded"][0, 0, 6, 6], sum(
        share * k[0, 0, k.shape[-1] // 2, k.shape[-1] // 2]
        for share, k in zip(w, weights, strict=True)
    ))  # fmt: skip


PLACE = {"row": Range(0, 14, start=7), "column": Range(0, 21, start=9)}
MOVED = {f"object_{name}": control for name, control in PLACE.items()}
SIZED = {"side": Range(6, 20, start=9), "brightness": Range(0.1, 1, start=1)}
FUSED = {name: Range(-4, 4, start=1) for name in ("a", "m", "p_avg", "p_max")}
FIGURES = {
    "window": (Windowed, 3, PLACE, ("window", "products", "result", "marked")),
    "fusion": (Fused, 3, FUSED, ("fusion", "logits", "weights", "by_sum", "by_softmax")),
    "temperature": (spotted, 3, ("temperature", "gate"), ("mask",)),
    "mix": (Blended, 3, {"mix": Range(0, 1, start=0.5), "lam": Range(0, 1, start=0.5)},
            ("attended", "mixed", "blended", "before", "left")),
    "size": (Sized, 1, SIZED, ("drawn", "reading", "router", "mask")),
    "place": (Moved, 1, MOVED, ("drawn", "without_coordinates", "with_coordinates", "here")),
    "fold": (Folded, 3, {f"share_{k}": Range(0, 1, start=1) for k in (1, 2, 3)},
             ("weighted", "folded", "by_branches", "by_one", "gap")),
}  # fmt: skip


def figure_of(name: str) -> LiveFigure:
    make, channels, controls, outputs = FIGURES[name]
    torch.manual_seed(1)
    views = [View("heatmap", output, "automatic") for output in outputs]
    return LiveFigure(make(), torch.rand(channels, 15, 22), controls=controls, views=views)


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_scene_and_its_graph_agree_at_any_setting(name, as_released):
    figure = figure_of(name)
    found = [worst(figure, 0, random_settings(figure, 0, seed)) for seed in range(20)]
    assert max(found) < TOLERANCE
    assert len(figure.models[0]) < 100_000


@pytest.mark.parametrize("name", list(FIGURES))
def test_an_error_of_a_thousandth_is_seen(name, as_released):
    figure = figure_of(name)
    scene, settings = figure.modules[""], figure.settings()
    planted = [*scene.parameters(), *scene.buffers()]
    with torch.no_grad():
        for number in planted:
            number.mul_(1.001)
    if not planted:
        settings = {key: 1.001 * value for key, value in settings.items()}
        given = figure.run
        figure.run = lambda place, numbers, image: given(place, settings, image)  # type: ignore[method-assign]
    assert worst(figure, 0, figure.settings()) > TOLERANCE


@pytest.mark.parametrize("name", list(FIGURES))
def test_writing_the_graph_says_nothing(name, as_released, capfd):
    figure_of(name)
    assert capfd.readouterr() == ("", "")
