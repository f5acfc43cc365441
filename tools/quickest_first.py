"""A pytest plugin for `make mutants`: the tests most likely to fail first, and always the same.

mutmut stops at the first test that fails, so the order decides how long a mutant lives. This
file lies beside mutmut's copy of the tests, with what mutmut has measured.
"""

import json
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

MEASURED = Path("mutmut-stats.json")
START = 0.002  # seconds that the shortest test takes
# Found examples would be tried on the next mutant; random ones would change the score.
hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("mutants")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by time and by how many functions a test reaches: few of them are looked at closely."""
    if not MEASURED.exists():
        return
    measured = json.loads(MEASURED.read_text())
    took = measured["duration_by_test"]
    reached = Counter(
        test for tests in measured["tests_by_mangled_function_name"].values() for test in tests
    )
    items.sort(key=lambda item: reached[item.nodeid] * (START + took.get(item.nodeid, 0.0)))
