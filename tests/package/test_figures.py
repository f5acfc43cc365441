"""Every figure is drawn, in both languages, without overlaps; wrong input is refused."""

import io

import matplotlib.pyplot as plt
import pytest
import torch

from cbam_teach import plots
from cbam_teach.language import say, set_language
from cbam_teach.placement import PLACEMENTS
from cbam_teach.style import PRINT, ink


def texts(figure) -> list:
    figure.draw_without_rendering()
    found = [text for axis in figure.axes for text in axis.texts if text.get_text()]
    return found + [axis.title for axis in figure.axes if axis.title.get_text()]


DRAW = {
    "maps": lambda: plots.maps([torch.rand(3, 5), torch.rand(3, 5)], titles=["a", "b"]),
    "own scales": lambda: plots.maps([torch.rand(3, 5)] * 4, shared=False, values=True),
    "limits": lambda: plots.maps([torch.rand(3, 5)], limits=(0, 1)),
    "bars": lambda: plots.bars([1.0, -2.0], labels=["a", "b"], title="t", ylabel="y"),
    "groups": lambda: plots.bars({"p": [1, 2], "q": [3, 4]}, labels=["a", "b"]),
    "curves": lambda: plots.curves({"p": [1, 2, 3], "q": [3, 4, 5]}, x=[0, 2, 4], log=True),
    "one curve": lambda: plots.curves(torch.rand(40, requires_grad=True)),
    "broadcast": lambda: plots.broadcast((3, 4, 5), (3, 1, 1)),
    "broadcast 4": lambda: plots.broadcast((2, 3, 2, 4), (2, 1, 2, 4)),
    "broadcast fewer": lambda: plots.broadcast((3, 3, 2), (3, 2)),
    "broadcast more": lambda: plots.broadcast((2, 2), (3, 1, 1)),
    **{f"block {p}": lambda p=p: plots.block(p) for p in PLACEMENTS},
    **{f"projected {p}": lambda p=p: plots.block(p, projection=True) for p in PLACEMENTS},
}


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("name", DRAW)
def test_a_figure_is_shown_once_closed_and_has_no_overlapping_text(shown, name, language):
    set_language(language)
    assert DRAW[name]() is None
    assert len(shown) == 1
    assert plt.get_fignums() == []
    assert 6.5 <= shown[0].get_figwidth() <= 7.5
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(shown[0])]
    for i, (one, box) in enumerate(boxes):
        for other, against in boxes[i + 1 :]:
            assert not box.overlaps(against), (one, other)
    assert all(text.get_fontsize() >= 9 for text in texts(shown[0]))
    assert {text.get_fontname() for text in texts(shown[0])} <= {"DejaVu Sans"}


def saved(figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", **PRINT)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["maps", "groups", "broadcast", "block inside"])
def test_a_picture_has_the_same_bytes_each_time_and_no_version(shown, name):
    for _ in range(2):
        torch.manual_seed(3)
        DRAW[name]()
    first, second = (saved(figure) for figure in shown)
    assert first == second
    assert b"Software" not in first
    assert b"matplotlib" not in first


def words_of(figure) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in texts(figure))


def test_the_words_of_a_diagram_follow_the_language(shown):
    plots.block("inside", projection=True)
    set_language("tr")
    plots.block("inside")
    english, turkish = (words_of(figure) for figure in shown)
    for word in ("skip path", "conv 3×3", "conv 1×1", "channel mask", "(B, D, H/s, W/s)"):
        assert word in english
        assert word not in turkish
    for word in ("atlama yolu", "birim eşleme", "3×3 evrişim", "uzamsal maske", "(B, C, 1, 1)"):
        assert word in turkish


def test_no_mask_is_drawn_where_there_is_none(shown):
    plots.block("none")
    assert "mask" not in words_of(shown[0])


def test_the_spread_mask_repeats_its_numbers(shown):
    plots.broadcast((3, 2, 2), (3, 1, 1))
    numbers = [text.get_text() for text in texts(shown[0]) if text.get_text().isdigit()]
    assert sorted(numbers) == sorted(list("012") + list("0000" + "1111" + "2222"))


def test_values_are_written_in_the_cells(shown):
    plots.maps([torch.tensor([[0.25, 0.5, 1.0]])], values=True)
    assert {"0.25", "0.50", "1.00"} <= {text.get_text() for text in texts(shown[0])}


def test_ink_is_readable_on_its_ground():
    assert ink((0.0, 0.1, 0.3, 1.0)) == "white"
    assert ink((1.0, 0.9, 0.2, 1.0)) == "black"


WRONG = [
    (lambda: plots.maps([]), TypeError, r"maps: `tensors`.*Given: \[\]"),
    (lambda: plots.maps(torch.rand(3, 4)), TypeError, "list that is not empty.*Given: Tensor"),
    (lambda: plots.maps([torch.rand(3)]), ValueError, r"with 2 axes.*Given: \(3,\), float32"),
    (lambda: plots.maps([torch.rand(2, 2)], titles=["a", "b"]), ValueError, "Given: 2. Allowed: 1"),
    (lambda: plots.maps([torch.rand(2, 2)], shared=False, limits=(0, 1)), ValueError, "shared"),
    (lambda: plots.maps([torch.rand(2, 2)], columns=0), ValueError, "`columns` must be at least 1"),
    (lambda: plots.bars([1.0], labels=["a", "b"]), ValueError, "`labels`.*Given: 2. Allowed: 1"),
    (lambda: plots.bars(["x"], labels=["a"]), ValueError, "must be real numbers"),
    (lambda: plots.bars({}, labels=[]), ValueError, "`values` must be a list"),
    (lambda: plots.curves({"a": [1], "b": [1, 2]}), ValueError, "`b`.*Given: 2. Allowed: 1"),
    (lambda: plots.curves([1, 2], x=[0]), ValueError, "`x`.*Given: 1. Allowed: 2"),
    (lambda: plots.broadcast((3, 4, 5), (4, 1, 1)), ValueError, r"\(4, 1, 1\).*\{1, 3\} × \{1,"),
    (lambda: plots.broadcast((64, 4, 5), (64, 1, 1)), ValueError, r"small enough.*\(64, 4, 5\)"),
    (lambda: plots.block("middle"), ValueError, "`placement` must be.*'middle'.*inside, before"),
    (lambda: plots.block("inside", projection=1), TypeError, "`projection` must be True or False"),
]  # fmt: skip


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("draw", "kind", "says"), WRONG)
def test_what_cannot_be_drawn_is_refused(draw, kind, says):
    with pytest.raises(kind, match=says):
        draw()
    assert plt.get_fignums() == []


@pytest.mark.parametrize("language", ["tr", "en"])
def test_maps_names_its_axes(language, shown):
    set_language(language)
    plots.maps([torch.rand(3, 5), torch.rand(2, 4)], title="q", shared=False)
    plots.maps([torch.rand(3, 5)], xlabel="in", ylabel="")
    labels = [(figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) for figure in shown]
    assert labels == [(say("plots.column"), say("plots.row")), ("in", "")]
