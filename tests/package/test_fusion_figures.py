"""The figure of the chapter on fusion: it draws the weights and masks that it is given."""

import math

import numpy
import pytest

from cbam_teach import plots_fusion
from cbam_teach.plots_fusion import GRID, REACH

SAID = {"title": "q", "xlabel": "across", "ylabel": "up", "segment": "line", "ray": "ray"}


def drawn(shown, a=-1.0, m=2.0):
    points = {"one": (1.0, 1.0), "two": (0.5, 0.25)}
    plots_fusion.plane(a, m, points=points, **SAID)
    return shown[0].axes[0]


def test_plane_draws_the_mask_of_every_pair_of_weights(shown):
    axis = drawn(shown)
    mesh = axis.collections[0].get_array().reshape(GRID, GRID)
    step = REACH / (GRID - 1)
    for row, column in ((0, 0), (0, GRID - 1), (30, 100), (GRID - 1, 7)):
        z = column * step * -1.0 + row * step * 2.0
        assert mesh[row, column] == pytest.approx(1 / (1 + math.exp(-z)))


def test_plane_draws_the_segment_and_each_point_with_its_own_mark(shown):
    axis = drawn(shown)
    ray, edge, segment, *points = axis.lines
    assert numpy.array_equal(edge.get_data(), segment.get_data())
    assert list(ray.get_xdata()) == list(ray.get_ydata())
    assert numpy.allclose(numpy.add(*segment.get_data()), 1)
    assert [(*p.get_xdata(), *p.get_ydata()) for p in points] == [(1.0, 1.0), (0.5, 0.25)]
    assert len({p.get_marker() for p in points}) == 2
    names = [text.get_text() for text in shown[0].legends[0].get_texts()]
    assert names == ["ray", "line", "one", "two"]
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == ("q", "across", "up")


def test_plane_refuses_what_is_no_number(shown):
    with pytest.raises(TypeError, match="plane"):
        drawn(shown, a="1")
    with pytest.raises(ValueError, match="plane"):
        drawn(shown, m=math.inf)


def test_drift_draws_every_run_and_names_each_case_once(shown):
    runs = {"one": [[0.5, 0.7, 0.9], [0.5, 0.6, 0.8]], "two": [[0.5, 0.5, 0.5]]}
    plots_fusion.drift(runs, title="q", xlabel="step", ylabel="share")
    axis = shown[0].axes[0]
    assert [list(line.get_ydata()) for line in axis.lines] == [*runs["one"], *runs["two"]]
    first, second, other = axis.lines
    assert first.get_linestyle() == second.get_linestyle() != other.get_linestyle()
    assert first.get_marker() == second.get_marker() != other.get_marker()
    assert [text.get_text() for text in shown[0].legends[0].get_texts()] == ["one", "two"]
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == ("q", "step", "share")


def test_drift_refuses_runs_of_unequal_length(shown, as_released):
    with pytest.raises(ValueError, match="drift"):
        plots_fusion.drift({"one": [[0.5], [0.5, 0.6]]}, title="q", xlabel="x", ylabel="y")
