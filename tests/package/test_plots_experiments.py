"""The experiments' figures draw what the records hold, in both languages, and clip nothing."""

import matplotlib.pyplot as plt
import pytest
from made_up_runs import record, store, store_cell

from cbam_teach import results
from cbam_teach.language import set_language
from cbam_teach.results import figures, figures_inside
from cbam_teach.results.drawing import MARKS, look, wrapped
from cbam_teach.statistics import mean_interval, seeds_needed

pytestmark = pytest.mark.usefixtures("as_released")

PLAIN, CBAM = "cued,plain", "cued,cbam-before"
LONG = "cued,pixel_coordinates-inside,weight_decay=0.3"
TESTS = {
    PLAIN: [0.5, 0.52, 0.57],
    CBAM: [0.9, 0.94, 0.55, 0.98, 0.97],
    LONG: [0.61, 0.62, 0.66],
    "cued,cbam-inside": [0.5, 0.55],
}
ALL = list(TESTS)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RUNS", tmp_path)
    for name, tests in TESTS.items():
        store_cell(tmp_path, name, tests)
    return tmp_path


DRAW = {
    "forest": lambda: figures.forest(ALL[1:], against=PLAIN, title="q?"),
    "one row": lambda: figures.forest([LONG]),
    "cost": lambda: figures.cost(ALL, title="q?"),
    "steps": lambda: figures.cost([PLAIN, CBAM], steps={"plain": 20, "cbam-before": 27.5}),
    "seeds": lambda: figures.seeds_figure(CBAM, title="q?"),
    "pairs": lambda: figures.seeds_figure(CBAM, PLAIN, title="q?"),
    "curves": lambda: figures_inside.learning_curves(ALL, title="q?"),
    "curves of one": lambda: figures_inside.learning_curves([CBAM]),
    "curves in three": lambda: figures_inside.learning_curves(ALL, columns=3),
    "interventions": lambda: figures_inside.interventions_figure(ALL[1:], title="q?"),
    "interventions of one": lambda: figures_inside.interventions_figure([CBAM]),
    "quality": lambda: figures_inside.mask_quality(ALL[1:], controls={"centre": 0.7}, title="q?"),
    "pointing": lambda: figures_inside.mask_quality([CBAM], measure="pointing"),
    "scalars": lambda: figures_inside.scalars_figure(ALL[1:], title="q?"),
    "scalars of one": lambda: figures_inside.scalars_figure([LONG]),
}


def texts(figure) -> list:
    """Return every text that shows, tick labels inside the axis' limits and keys included."""
    figure.draw_without_rendering()
    found = []
    for axis in (axis for axis in figure.axes if axis.axison):
        found += [axis.title, axis.xaxis.label, axis.yaxis.label, *axis.texts]
        for side, (low, high) in ((axis.xaxis, axis.get_xlim()), (axis.yaxis, axis.get_ylim())):
            ticks = zip(side.get_ticklocs(), side.get_ticklabels(), strict=True)
            found += [text for at, text in ticks if min(low, high) <= at <= max(low, high)]
        legend = axis.get_legend()
        found += legend.get_texts() if legend else []
    found += [text for legend in figure.legends for text in legend.get_texts()]
    found += [figure._suptitle] if figure._suptitle else []
    return [text for text in found if text.get_visible() and text.get_text()]


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("name", DRAW)
def test_a_figure_is_shown_once_and_no_text_is_clipped_or_covered(shown, name, language):
    set_language(language)
    assert DRAW[name]() is None
    (figure,) = shown
    assert plt.get_fignums() == []
    assert figure.get_figwidth() == 7
    whole = figure.bbox
    found = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    for text, box in found:
        assert whole.x0 <= box.x0 < box.x1 <= whole.x1, text
        assert whole.y0 <= box.y0 < box.y1 <= whole.y1, text
    for i, (one, box) in enumerate(found):
        for other, against in found[i + 1 :]:
            assert not overlap(box, against), (
                one, other,
            )  # fmt: skip
    assert all(text.get_fontsize() >= 9 for text in texts(figure))
    turkish = set("çğışöü") & set("".join(text for text, _ in found).lower())
    assert bool(turkish) == (language == "tr")


def overlap(box, against) -> bool:
    """Whether two boxes share more than a pixel in both directions."""
    across = min(box.x1, against.x1) - max(box.x0, against.x0)
    down = min(box.y1, against.y1) - max(box.y0, against.y0)
    return across > 1 and down > 1


def drawn(axis, kind: str) -> list[list[float]]:
    """Return the horizontal places of the marks of a kind, row by row."""
    return [list(line.get_xdata()) for line in axis.lines if line.get_gid() == kind]


def test_forest_draws_every_seed_the_mean_and_the_reference(shown):
    figures.forest([CBAM], against=PLAIN)
    (axis,) = shown[0].axes
    seeds = drawn(axis, "seeds")
    assert seeds == [pytest.approx([100 * x for x in TESTS[name]]) for name in (PLAIN, CBAM)]
    found = [mean_interval(row) for row in seeds]
    bars = [bar.get_children() for bar in axis.containers]
    assert [bar[0].get_xdata()[0] for bar in bars] == [each.mean for each in found]
    ends = [bar[-1].get_segments()[0][:, 0].tolist() for bar in bars]
    assert ends == [pytest.approx([each.low, each.high]) for each in found]
    line = next(line for line in axis.lines if line.get_linestyle() == "--")
    assert list(line.get_xdata()) == [found[0].mean] * 2
    assert [text.get_text() for text in axis.get_yticklabels()] == [
        "plain network", "CBAM before the branch",
    ]  # fmt: skip


NUMBERS = {
    "forest": lambda: figures.forest([CBAM]),
    "cost": lambda: figures.cost([CBAM]),
    "seeds": lambda: figures.seeds_figure(CBAM),
    "pairs": lambda: figures.seeds_figure(CBAM, PLAIN),
    "curves": lambda: figures_inside.learning_curves([CBAM]),
    "interventions": lambda: figures_inside.interventions_figure([CBAM]),
    "quality": lambda: figures_inside.mask_quality([CBAM]),
    "scalars": lambda: figures_inside.scalars_figure([CBAM]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_changed_record_changes_the_figure(shown, folder, name):
    """And drawing twice from the same records does not."""
    for value in (TESTS[CBAM][1], TESTS[CBAM][1], 0.4):
        store(folder, record(CBAM, 1, value))
        NUMBERS[name]()
    first, again, changed = (
        [line.get_xydata().tolist() for axis in figure.axes for line in axis.lines]
        for figure in shown
    )
    assert first == again
    assert first != changed


def test_cost_puts_cells_at_their_parameters_seconds_and_accuracy(shown):
    figures.cost([PLAIN, CBAM])
    left, right = shown[0].axes
    for axis, kind in ((left, "parameters"), (right, "seconds")):
        for name in (PLAIN, CBAM):
            bar = next(each for each in axis.containers if each[0].get_gid() == name)
            runs = [record(name, seed, test) for seed, test in enumerate(TESTS[name])]
            x = sum(run[kind] for run in runs) / len(runs)
            y = mean_interval([100 * test for test in TESTS[name]]).mean
            assert bar[0].get_xydata().tolist() == [pytest.approx([x, y])]
        rings = [line for line in axis.lines if line.get_markersize() == 15]
        assert [ring.get_ydata()[0] for ring in rings] == [pytest.approx(53)]


def test_cost_takes_steps_that_were_measured_apart(shown):
    DRAW["steps"]()
    right = shown[0].axes[1]
    assert right.get_xlabel() == "time of a training step (ms)"
    assert [bar[0].get_xdata()[0] for bar in right.containers] == [20, 27.5]
    with pytest.raises(ValueError, match=r"`steps`.*Given: 'cbam-before'.*Allowed: plain"):
        figures.cost([CBAM], steps={"plain": 20})


@pytest.mark.parametrize("against", [None, PLAIN])
def test_seeds_figure_shows_seeds_intervals_and_numbers_needed(shown, against):
    figures.seeds_figure(CBAM, against)
    growing, needed, top = shown[0].axes
    pairs = zip(TESTS[CBAM], TESTS[PLAIN], strict=False)
    values = [100 * (a - b) for a, b in pairs] if against else [100 * x for x in TESTS[CBAM]]
    assert drawn(top, "seeds") == [pytest.approx(values)]
    means = [mean_interval(values[:n]).mean for n in range(2, len(values) + 1)]
    assert growing.lines[0].get_ydata() == pytest.approx(means)
    s = (sum((x - means[-1]) ** 2 for x in values) / (len(values) - 1)) ** 0.5
    wanted = [seeds_needed(gain, s, paired=bool(against)) for gain in figures.GAINS]
    assert list(needed.lines[0].get_ydata()) == wanted
    assert set(needed.lines[1].get_ydata()) == {len(values)}


def test_learning_curves_have_a_panel_a_cell_and_a_line_a_seed(shown):
    figures_inside.learning_curves([PLAIN, CBAM, LONG])
    panels = shown[0].axes
    assert [len(axis.lines) for axis in panels] == [3, 5, 3, 0]
    assert list(panels[1].lines[2].get_xdata()) == [1, 2, 3]
    assert panels[1].lines[2].get_ydata() == pytest.approx([10, 27.5, 55])


def test_interventions_have_a_row_for_each_kind_and_word(shown):
    figures_inside.interventions_figure([CBAM, LONG])
    (axis,) = shown[0].axes
    rows = [text.get_text() for text in axis.get_yticklabels()]
    assert len(rows) == 11
    assert rows[:2] == ["unchanged", "channel: 1"]
    assert rows[-1] == "spatial: shuffled"
    last = drawn(axis, "seeds")[-2:]
    wanted = [[100 * x * 5 / 8 for x in TESTS[name]] for name in (CBAM, LONG)]
    assert last == [pytest.approx(row) for row in wanted]
    heights = [line.get_ydata()[0] for line in axis.lines if line.get_gid() == "seeds"]
    assert heights == sorted(heights)
    assert axis.get_ylim()[0] > axis.get_ylim()[1]  # the first row is at the top


def test_even_shares_of_a_router_are_not_called_1(shown, folder):
    store(folder, record("cued,mean-before", 0, 0.5, interventions={"router.ones": 0.5}))
    figures_inside.interventions_figure(["cued,mean-before"])
    assert shown[0].axes[0].get_yticklabels()[0].get_text() == "router: even shares"


def test_mask_quality_puts_the_last_mask_against_accuracy_beside_its_controls(shown):
    figures_inside.mask_quality([CBAM], controls={"centre": 0.7})
    (axis,) = shown[0].axes
    dots = next(line for line in axis.lines if line.get_gid() == CBAM)
    assert dots.get_xdata() == pytest.approx([x / 2 for x in TESTS[CBAM]])
    assert dots.get_ydata() == pytest.approx([100 * x for x in TESTS[CBAM]])
    upright = [line.get_xdata()[0] for line in axis.lines if line.get_gid() is None]
    assert upright == [0.5, 0.7]
    keys = [text.get_text() for text in shown[0].legends[0].get_texts()]
    assert keys == ["CBAM before the branch", "chance", "centre"]


def test_scalars_stand_in_two_panels_beside_where_they_change_nothing(shown):
    figures_inside.scalars_figure([CBAM, LONG])
    mix, temperature = shown[0].axes
    assert [text.get_text() for text in mix.get_yticklabels()] == [
        "block 1, both masks", "block 2, both masks",
    ]  # fmt: skip
    assert [text.get_text() for text in temperature.get_yticklabels()] == ["block 2, spatial"]
    assert drawn(mix, "seeds")[0] == pytest.approx([x - 0.5 for x in TESTS[CBAM]])
    assert drawn(temperature, "seeds")[1] == pytest.approx([1 + x for x in TESTS[LONG]])
    for axis, still in ((mix, 0), (temperature, 1)):
        dashed = [line for line in axis.lines if line.get_linestyle() == "--"]
        assert [line.get_xdata()[0] for line in dashed] == [still]


def test_series_differ_by_marker_and_long_labels_have_lines():
    assert len({look(i)["marker"] for i in range(12)}) == 12 == len(MARKS)
    assert wrapped("one two three four five six", 12) == "one two\nthree four\nfive six"
