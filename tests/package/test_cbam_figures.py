"""The figure of the chapter on CBAM: it draws what it is given."""

import pytest
import torch

from cbam_teach import plots_cbam


def test_starts_draws_a_point_for_each_value_and_the_line(shown):
    rows = {"one": [0.2, 0.3, 0.25], "two": torch.tensor([0.24, 0.26, 0.25])}
    plots_cbam.starts(rows, mark=0.25, title="q", xlabel="share", ylabel="form")
    axis = shown[0].axes[0]
    line, first, second = axis.lines
    assert list(line.get_xdata()) == [0.25, 0.25]
    assert list(first.get_xdata()) == [0.2, 0.3, 0.25]
    assert list(second.get_xdata()) == pytest.approx([0.24, 0.26, 0.25])
    assert [set(points.get_ydata()) for points in (first, second)] == [{0}, {1}]
    assert first.get_marker() != second.get_marker()
    assert [label.get_text() for label in axis.get_yticklabels()] == ["one", "two"]
    assert axis.get_ylim()[0] > axis.get_ylim()[1]  # the first row is on top
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == ("q", "share", "form")


def test_rows_of_unequal_length_are_refused(as_released):
    with pytest.raises(ValueError, match="starts"):
        plots_cbam.starts({"one": [0.2], "two": [0.2, 0.3]}, mark=0.25, title="q", xlabel="x")
