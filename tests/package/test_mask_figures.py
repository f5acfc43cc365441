"""The figures of the chapter on masks: they draw what they are given and refuse the rest."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from cbam_teach import plots_masks
from cbam_teach.language import set_language


@pytest.fixture
def drawn(monkeypatch):
    """Collect each figure's texts and the size of its pictures when it is shown."""
    seen = []

    def look():
        figure = plt.gcf()
        texts = [t.get_text() for axis in figure.axes for t in axis.texts]
        pictures = [image.get_array().shape for axis in figure.axes for image in axis.images]
        seen.append((texts, pictures, figure.get_suptitle()))

    monkeypatch.setattr(plt, "show", look)
    yield seen
    plt.close("all")


def test_outcomes_writes_each_sign_in_its_cell(drawn):
    rows, columns = ["BC11", "11BC"], ["≠", "B=C", "B=C=H=W"]
    signs = dict(zip([(r, c) for r in rows for c in columns], "+++!!-", strict=True))
    plots_masks.outcomes(rows, columns, signs)
    texts, pictures, _ = drawn[0]
    assert texts == ["+", "+", "+", "!", "!", "−"]
    assert pictures[0][:2] == (2, 3)


@pytest.mark.parametrize(("language", "words"), [("tr", "Hangi"), ("en", "Which")])
def test_outcomes_asks_its_question_in_the_readers_language(drawn, language, words):
    set_language(language)
    plots_masks.outcomes(["BC11"], ["B=C"], {("BC11", "B=C"): "+"})
    assert drawn[0][2].startswith(words)


def test_outcomes_refuses_an_unknown_sign():
    with pytest.raises(ValueError, match=r"\+, -, !"):
        plots_masks.outcomes(["BC11"], ["B=C"], {("BC11", "B=C"): "?"})
