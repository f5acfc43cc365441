"""Stored results come with what made them, and are found by name."""

import pytest

from cbam_teach import results

pytestmark = pytest.mark.usefixtures("as_released")


def test_a_result_says_how_it_was_made():
    stored = results.load("attention_cpu")
    for key in ("command", "seed", "machine", "torch", "date", "figures"):
        assert stored[key] not in ("", None, [])


def test_an_unknown_name_is_refused():
    said = r"name of a stored result.*Given: 'attention'. Allowed: .*attention_cpu"
    with pytest.raises(ValueError, match=said):
        results.load("attention")
