"""The figures of the chapter on masks: they draw what they are given and refuse the rest."""

import pytest

from cbam_teach import plots_masks
from cbam_teach.language import set_language


def test_outcomes_writes_each_sign_in_its_cell(shown):
    rows, columns = ["BC11", "11BC"], ["≠", "B=C", "B=C=H=W"]
    signs = dict(zip([(r, c) for r in rows for c in columns], "+++!!-", strict=True))
    plots_masks.outcomes(rows, columns, signs)
    (axis,) = shown[0].axes
    assert [text.get_text() for text in axis.texts] == ["+", "+", "+", "!", "!", "−"]
    assert axis.images[0].get_array().shape[:2] == (2, 3)


@pytest.mark.parametrize(("language", "words"), [("tr", "Hangi"), ("en", "Which")])
def test_outcomes_asks_its_question_in_the_readers_language(shown, language, words):
    set_language(language)
    plots_masks.outcomes(["BC11"], ["B=C"], {("BC11", "B=C"): "+"})
    assert shown[0].get_suptitle().startswith(words)


def test_outcomes_refuses_an_unknown_sign():
    with pytest.raises(ValueError, match=r"\+, -, !"):
        plots_masks.outcomes(["BC11"], ["B=C"], {("BC11", "B=C"): "?"})
