"""The figures of the chapter on Pattern 1: they draw what they are given."""

import pytest
import torch

from cbam_teach import plots_pattern_1
from cbam_teach.language import set_language


def test_jacobians_tells_zero_one_and_any_other_number_apart(shown):
    matrices = [torch.eye(2), torch.tensor([[0.0, 1.0 - 1e-6], [-3.0, 1.0]])]
    plots_pattern_1.jacobians(matrices, title="q", titles=["a", "b"])
    first, second = shown[0].axes
    assert first.images[0].get_array().tolist() == [[2, 0], [0, 2]]
    assert second.images[0].get_array().tolist() == [[0, 1], [1, 2]]
    assert [first.get_title(), second.get_title(), shown[0].get_suptitle()] == ["a", "b", "q"]


@pytest.mark.parametrize(("language", "other"), [("tr", "başka"), ("en", "another")])
def test_jacobians_has_its_key_in_the_readers_language(shown, language, other):
    set_language(language)
    plots_pattern_1.jacobians([torch.eye(2)], title="q", titles=["a"])
    key = [text.get_text() for text in shown[0].legends[0].get_texts()]
    assert (key[0], key[2]) == ("0", "1")
    assert key[1].startswith(other)


def test_titles_that_are_too_few_are_refused():
    with pytest.raises(ValueError, match="zip"):
        plots_pattern_1.jacobians([torch.eye(2), torch.eye(2)], title="q", titles=["a"])
