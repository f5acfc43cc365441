"""Cells: values by seed, means, differences, and the table, against sums done by hand."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from made_up_runs import record, store, store_cell
from scipy import stats

from cbam_teach import results
from cbam_teach.language import set_language
from cbam_teach.probes import VARIANTS
from cbam_teach.results import cells
from cbam_teach.results.labels import label, labels
from cbam_teach.results.table import table
from cbam_teach.statistics import holm

pytestmark = pytest.mark.usefixtures("as_released")

PLAIN, CBAM, INSIDE = "cued,plain", "cued,cbam-before", "cued,cbam-inside"
TESTS = {
    PLAIN: [0.5, 0.52, 0.54, 0.56],
    CBAM: [0.9, 0.94, 0.92, 0.98, 0.97],
    INSIDE: [0.51, 0.52, 0.56, 0.55],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RUNS", tmp_path)
    for name, tests in TESTS.items():
        store_cell(tmp_path, name, tests)
    store(tmp_path, record(PLAIN, 1000, 0.1, stage="screen"))
    return tmp_path


def test_a_cell_gives_its_values_by_seed_and_leaves_the_screening_out(folder):
    assert cells.cell(PLAIN) == dict(enumerate(TESTS[PLAIN]))
    assert cells.cell(PLAIN, "seconds") == {0: 30, 1: 31, 2: 32, 3: 33}
    assert cells.cell(CBAM, lambda run: run["validation"][0]) == dict.fromkeys(range(5), 0.1)


@pytest.mark.parametrize("name", TESTS)
def test_a_summary_is_students_interval(folder, name):
    found, row = cells.summary(name), TESTS[name]
    ends = stats.t.interval(0.95, len(row) - 1, sum(row) / len(row), stats.sem(row))
    assert found == pytest.approx((sum(row) / len(row), *ends))


def test_cells_are_compared_seed_by_seed_over_the_seeds_that_both_have(folder):
    found = cells.compare(CBAM, PLAIN)
    test = stats.ttest_rel(TESTS[CBAM][:4], TESTS[PLAIN])
    low, high = test.confidence_interval(0.95)
    assert found == pytest.approx((0.405, low, high, test.pvalue))
    assert cells.compare(PLAIN, CBAM).mean == pytest.approx(-0.405)


def test_the_last_spatial_mask_is_found_whatever_comes_behind_it(folder):
    assert cells.last_spatial(record(CBAM, 0, 0.9))["auc"] == 0.45
    assert cells.last_spatial(record(PLAIN, 0, 0.9)) is None


COMMAND = r'Allowed: make experiments ARGS="--cells cued,'


def test_a_cell_without_enough_runs_names_the_command_that_makes_them(folder):
    with pytest.raises(ValueError, match=rf"'cued,gated-before'.*Given: 0\. {COMMAND}gated-bef"):
        cells.cell("cued,gated-before")
    store_cell(folder, "cued,mean-before", [0.5])
    assert cells.cell("cued,mean-before") == {0: 0.5}
    with pytest.raises(ValueError, match=rf"at least 2 runs.*Given: 1\. {COMMAND}mean-before"):
        cells.summary("cued,mean-before")
    with pytest.raises(ValueError, match=rf"at least 2 runs.*Given: 1\. {COMMAND}mean-before"):
        table([PLAIN, "cued,mean-before"])
    store(folder, record("cued,mean-before", 7, 0.5))
    with pytest.raises(ValueError, match=r"in common.*\[0, 7\], \[0, 1, 2, 3\].*mean-before cued,"):
        cells.compare("cued,mean-before", PLAIN)


def test_a_value_that_is_not_a_number_of_the_record_is_refused(folder):
    for value in ("validation", "accuracy"):
        with pytest.raises(ValueError, match=rf"seed=0.*Given: '{value}'.*parameters.*test"):
            cells.cell(PLAIN, value)


def test_the_tables_rows_hold_what_the_cells_do(folder):
    made = table([CBAM, INSIDE], against=PLAIN)
    assert [row.cell for row in made.rows] == [PLAIN, CBAM, INSIDE]
    assert [row.n for row in made.rows] == [4, 5, 4]
    assert [row.accuracy for row in made.rows] == [cells.summary(row.cell) for row in made.rows]
    assert [row.seconds for row in made.rows] == [31.5, 32, 31.5]
    assert [row.parameters for row in made.rows] == [70_050, 70_110, 70_110]
    assert made.rows[0].difference is None
    raw = [cells.compare(name, PLAIN) for name in (CBAM, INSIDE)]
    for row, one, p in zip(made.rows[1:], raw, holm([one.p for one in raw]), strict=True):
        assert row.difference == one._replace(p=p)
    assert made.rows[1].difference.p == pytest.approx(2 * raw[0].p)  # the smaller of two


def test_a_changed_record_changes_the_table(folder):
    before = str(table([PLAIN, CBAM], against=PLAIN))
    store(folder, record(CBAM, 3, 0.61))
    after = table([PLAIN, CBAM], against=PLAIN)
    assert before != str(after)
    assert after.rows[1].accuracy.mean == pytest.approx((0.9 + 0.94 + 0.92 + 0.61 + 0.97) / 5)


def test_the_table_as_text(folder):
    """The numbers were worked out with scipy, apart from the package."""
    store_cell(folder, "cued,spatial-before", [0.49, 0.52, 0.535, 0.548])
    lines = str(table([PLAIN, "cued,spatial-before", CBAM], against=PLAIN)).splitlines()
    assert lines[0] == "Cued digits · Test accuracy: mean over seeds [95% confidence interval]"
    said = ["network", "seeds", "accuracy (%)", "difference (points)", "p (Holm)", "parameters"]
    assert re.split(r"  +", lines[2]) == [*said, "time (s)"]
    assert [re.split(r"  +", line) for line in lines[4:7]] == [
        ["plain network", "4", "53.0 [48.9, 57.1]", "–", "–", "70050", "32"],
        [
            "spatial mask before the branch", "4", "52.3 [48.4, 56.3]", "−0.7 [−1.5, +0.2]",
            "0.087", "70140", "32",
        ],
        [
            "CBAM before the branch", "5", "94.2 [90.0, 98.4]", "+40.5 [+37.5, +43.5]", "<0.001",
            "70110", "32",
        ],
    ]  # fmt: skip
    assert {len(line) for line in lines[1:8]} == {len(lines[1])}
    command = f'Command: make experiments ARGS="--cells {PLAIN} cued,spatial-before {CBAM}"'
    note = " ".join(lines[8:])
    assert note == f"{command} · machine: made up · PyTorch: 2.0 · date: 2026-01-01 – 2026-01-05"


def test_a_long_label_goes_on_below_and_without_a_reference_there_are_no_differences(folder):
    name = "cued,pixel_coordinates-before,epochs=32,pictures=2000"
    store_cell(folder, name, [0.5, 0.6, 0.7])
    lines = str(table([name])).splitlines()
    assert lines[4].startswith("dynamic CBAM (coordinates, router ")
    assert lines[5].startswith("  per pixel)")
    assert "+" not in "".join(lines)
    assert "Holm" not in lines[2]


def test_tasks_stand_in_the_labels_where_they_differ(folder):
    store_cell(folder, "cluttered,plain", [0.8, 0.9])
    made = table([PLAIN, "cluttered,plain"])
    assert [row.label for row in made.rows] == [
        "Cued digits: plain network", "Cluttered digits: plain network",
    ]  # fmt: skip
    assert made.caption.startswith("Test accuracy")


def test_the_table_keeps_the_language_it_was_made_in_and_is_safe_html(folder):
    set_language("tr")
    made = table([PLAIN, CBAM], against=PLAIN)
    set_language("en")
    said, page = str(made), made._repr_html_()
    for text in (said, page):
        assert "CBAM, dalın önünde" in text
        assert "süre (sn)" in text
        assert "seeds" not in text
    assert 'lang="tr"' in page
    assert page.count("<tr") == 3
    assert page.count('scope="row"') == 2
    assert "&lt;0.001" in page
    assert "ARGS=&quot;" in page
    assert "94.2 [90.0, 98.4]" in page


def test_a_lone_name_is_refused(folder):
    with pytest.raises(TypeError, match=r"table: `names`.*Given: str"):
        table(PLAIN)


def test_labels_say_what_differs():
    assert label("placed_brighter,coordinates-before,circular").endswith(
        "dynamic CBAM (coordinates) before the branch, circular padding"
    )
    assert label("cued,cbam-before,sgd,weight_decay=0.0005", task=False) == (
        "CBAM before the branch, SGD, weight decay 0.0005"
    )
    set_language("tr")
    assert label("cued,gated-before") == "İpuçlu rakamlar: gated basamağı, dalın önünde"
    assert labels(["cued,plain", "cued,cbam-before-mixed"]) == [
        "düz ağ", "CBAM, dalın önünde, λ ile",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["tr", "en"])
def test_every_cell_of_the_grid_has_a_label_of_its_own(language):
    path = Path(__file__).parents[2] / "experiments" / "grid.py"
    spec = importlib.util.spec_from_file_location("grid_for_labels", path)
    grid = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = grid
    try:
        spec.loader.exec_module(grid)
    finally:
        del sys.modules[spec.name]
    set_language(language)
    names = [cell.name for cell in grid.cells()]
    assert len({label(name) for name in names}) == len(names)
    assert len({label(f"cued,{variant}") for variant in VARIANTS}) == len(VARIANTS)
    with pytest.raises(ValueError, match=r"cells\.attention\.nobody"):
        label("cued,nobody-before")
