"""The figures of the chapter on Pattern 1: they draw what they are given."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy
import pytest
import torch

from cbam_teach import plots_pattern_1
from cbam_teach.language import set_language


@pytest.fixture
def drawn(monkeypatch):
    """Collect each figure's pictures, panel titles, key and question when it is shown."""
    seen = []

    def look():
        figure = plt.gcf()
        pictures = [numpy.array(image.get_array()) for a in figure.axes for image in a.images]
        titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
        key = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
        seen.append((pictures, titles, key, figure.get_suptitle()))

    monkeypatch.setattr(plt, "show", look)
    yield seen
    plt.close("all")


def test_jacobians_tells_zero_one_and_any_other_number_apart(drawn):
    matrices = [torch.eye(2), torch.tensor([[0.0, 1.0 - 1e-6], [-3.0, 1.0]])]
    plots_pattern_1.jacobians(matrices, title="q", titles=["a", "b"])
    pictures, titles, _, question = drawn[0]
    assert pictures[0].tolist() == [[2, 0], [0, 2]]
    assert pictures[1].tolist() == [[0, 1], [1, 2]]
    assert (titles, question) == (["a", "b"], "q")


@pytest.mark.parametrize(("language", "other"), [("tr", "başka"), ("en", "another")])
def test_jacobians_has_its_key_in_the_readers_language(drawn, language, other):
    set_language(language)
    plots_pattern_1.jacobians([torch.eye(2)], title="q", titles=["a"])
    key = drawn[0][2]
    assert (key[0], key[2]) == ("0", "1")
    assert key[1].startswith(other)


def test_titles_that_are_too_few_are_refused():
    with pytest.raises(ValueError, match="zip"):
        plots_pattern_1.jacobians([torch.eye(2), torch.eye(2)], title="q", titles=["a"])
