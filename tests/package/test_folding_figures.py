"""The figures of the chapter on folding draw what they are given, and what is stored."""

import pytest

from cbam_teach import plots_folding, results

ROWS = {"folded": "F", "written, compiled": "W, c"}
PANELS = {"mask": "the mask", "rung": "the rung"}
WORDS = {"title": "q", "xlabel": "times"}


def planted() -> list[dict]:
    shapes, whos = ([1, 64, 56, 56], [8, 64, 28, 28]), ("written", *ROWS)
    return [
        {"what": what, "who": who, "shape": shape, "ratio": 1.0 + i + 10 * j + 100 * k,
         "low": 0.5 + i, "high": 2.0 + i + 10 * j + 100 * k}
        for k, what in enumerate(PANELS) for j, shape in enumerate(shapes)
        for i, who in enumerate(whos)
    ]  # fmt: skip


def dots(axis) -> list[list[float]]:
    return [list(container.lines[0].get_xdata()) for container in axis.containers]


def test_gaps_draws_a_dot_for_each_row_and_the_line(shown):
    plots_folding.gaps({"a": 1e-7, "b": 0.2}, mark=1e-5, **WORDS)
    axis = shown[0].axes[0]
    line, first, second = axis.lines
    assert list(line.get_xdata()) == [1e-5, 1e-5]
    assert (list(first.get_xdata()), list(second.get_xdata())) == ([1e-7], [0.2])
    assert first.get_marker() != second.get_marker()
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    assert axis.get_ylim()[0] > axis.get_ylim()[1]
    assert axis.get_xscale() == "log"
    assert (axis.get_title(), axis.get_xlabel()) == ("q", "times")


@pytest.mark.parametrize("values", [{}, {"a": 0.0}, {"a": -1.0}])
def test_gaps_refuses_what_a_logarithm_cannot_show(as_released, values):
    with pytest.raises(ValueError, match="gaps"):
        plots_folding.gaps(values, mark=1e-5, **WORDS)


def test_speeds_draws_what_is_stored(shown):
    plots_folding.speeds(planted(), rows=ROWS, panels=PANELS, **WORDS)
    left, right = shown[0].axes
    assert dots(left) == [[2.0, 3.0], [12.0, 13.0]]
    assert dots(right) == [[102.0, 103.0], [112.0, 113.0]]
    assert [label.get_text() for label in left.get_yticklabels()] == ["F", "W, c"]
    assert (left.get_title(), right.get_title()) == ("the mask", "the rung")
    assert left.get_ylim()[0] > left.get_ylim()[1]
    assert left.get_xlim() == right.get_xlim()  # the two panels can be compared
    assert left.get_xlim()[0] < 0.5
    assert left.get_xlim()[1] > 114
    texts = [text.get_text() for text in shown[0].legends[0].get_texts()]
    assert texts == ["(1, 64, 56, 56)", "(8, 64, 28, 28)"]


def test_another_record_is_another_figure(shown):
    figures = planted()
    figures[1]["ratio"] = 2.5  # mask, folded, at the first shape
    plots_folding.speeds(figures, rows=ROWS, panels=PANELS, **WORDS)
    assert dots(shown[0].axes[0]) == [[2.5, 3.0], [12.0, 13.0]]


def test_a_form_that_was_not_timed_is_missed(as_released):
    with pytest.raises(KeyError):
        plots_folding.speeds(planted()[:-1], rows=ROWS, panels=PANELS, **WORDS)
    with pytest.raises(TypeError, match="speeds"):
        plots_folding.speeds([], rows=ROWS, panels=PANELS, **WORDS)


def test_what_the_chapter_says_of_the_stored_record():
    """Its prose stands on these; a new record that changes one of them asks for new prose."""
    stored = results.load("folding")
    assert stored["command"] == "python benchmarks/folding.py"
    gains = {(f["what"], f["who"]): [] for f in stored["figures"]}
    for f in stored["figures"]:
        gains[(f["what"], f["who"])].append(f["gain"])
    assert {len(each) for each in gains.values()} == {4}
    assert min(gains["mask", "folded"] + gains["rung", "folded"]) > 1
    assert max(gains["mask", "folded, onnxruntime"]) < 1
    assert max(gains["rung", "folded, compiled"][1:]) < 1  # the first is the smallest map
