"""The block as it was found: what is drawn, in whose language, and what is marked."""

import pytest
from reports_by_hand import IDS, MASKS, PLAIN, a_report, anatomy, failing
from test_residual_figures import covered

from cbam_teach.doctor.report import FAILED, Finding
from cbam_teach.language import say, speaking
from cbam_teach.plots_drawing import FILL, WARNING

LONG = ("conv 1×1", "BN", "ReLU", "conv 3×3", "BN", "ReLU", "conv 1×1", "BN", "SiLU", "DropPath")
FOUND = ("inside", "before", "after", "beside", "middle", "unused", "unknown")
STRANGE = {
    "the input": anatomy(seen="input"),
    "the skip": anatomy(seen="skip"),
    "added": anatomy(operation="add"),
    "projection": anatomy(skip="projection"),
    "a strange skip": anatomy(skip="other"),
    "no skip": anatomy(skip="none", skips=0),
    "not added": anatomy(skips=0),
    "twice": anatomy(skips=2),
    "long": anatomy(branch=LONG),
    "long, middle": anatomy("middle", branch=(*LONG[:7], "attention", *LONG)),
    "nothing known": anatomy(
        "unknown", branch=(), masks=(), skip="other", skips=0, operation="none", seen="other"
    ),
    "no sum": anatomy("after", skip="none", skips=0, seen="branch"),
    "unused after the sum": anatomy("unused", seen="sum", operation="none"),
    "beside, projection": anatomy("beside", skip="projection"),
    "beside, from the branch": anatomy("beside", seen="branch"),
    "beside, identity": anatomy("beside", seen="input"),
    "before, from elsewhere": anatomy("before", seen="other"),
}
ALL = {f"found {found}": anatomy(found) for found in FOUND} | STRANGE


def drawn(shown, report):
    """Draw a report; return the texts from top to bottom as (text, x, y), and the figure."""
    shown.clear()
    assert report.draw() is None
    (figure,) = shown
    axis = figure.axes[0]
    texts = [(text.get_text(), *text.get_position()) for text in axis.texts if text.get_text()]
    return sorted(texts, key=lambda item: item[2]), figure


def words_of(shown, report):
    return [text for text, _, _ in drawn(shown, report)[0]]


def lines_with(figure):
    """Return how many parts of a figure have the warning's edge."""
    axis = figure.axes[0]
    heads = [text.arrow_patch for text in axis.texts if hasattr(text, "arrow_patch")]
    edges = [*axis.lines, *axis.patches, *heads]
    return sum(edge.get_linewidth() == WARNING["linewidth"] for edge in edges)


@pytest.mark.parametrize("name", ALL)
def test_nothing_covers_anything_however_the_block_is_built(shown, name):
    for language in ("tr", "en"):
        report = a_report(*failing(*IDS), of=ALL[name], language=language)
        assert covered(drawn(shown, report)[1]) == []


@pytest.mark.parametrize("name", ALL)
def test_every_failed_check_is_marked_and_explained(shown, name):
    texts = words_of(shown, a_report(*failing(*IDS), of=ALL[name]))
    assert sorted(text for text in texts if text.startswith("! ") and text[2:] in IDS) == sorted(
        f"! {id}" for id in IDS
    )
    assert texts.count(say("doctor.draw.legend")) == 1
    assert not any(text.startswith("!") for text in words_of(shown, a_report(of=ALL[name])))


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("language", ["tr", "en"])
def test_the_parts_stand_in_their_order_in_the_readers_language(shown, found, language):
    texts, figure = drawn(shown, a_report(of=anatomy(found), language=language))
    with speaking(language):
        label, conv = say("doctor.draw.attention"), say("plots.conv", size=3)
        place = say(f"doctor.place.{found}")
        assert say("plots.skip") in [text for text, _, _ in texts]
    box = "\n".join([label, "(4, 16, 1, 1)", "(4, 1, 6, 6)"])
    layers = [conv, "BN", "ReLU", conv, "BN"]
    main = [text for text, _, _ in texts if text in {*layers, box}]
    if found == "beside":
        main.remove(box)
        assert main == [*layers, "ReLU"]
    else:
        at = {"before": 0, "middle": 2}.get(found, 5)
        assert main == [*layers[:at], box, *layers[at:], "ReLU"]
    assert place in figure.axes[0].get_title()
    assert texts[0][0] == "$x$"
    assert texts[-1][0] == "$y$"
    assert "(4, 16, 6, 6)" in [text for text, _, _ in texts]


def test_attention_in_the_middle_stands_where_the_branch_says(shown):
    of = anatomy("middle", branch=(*PLAIN[:4], "attention", PLAIN[4]))
    texts = [text for text in words_of(shown, a_report(of=of)) if text != "$F$"]
    box = next(text for text in texts if text.startswith("attention\n"))
    assert texts[texts.index(box) - 1] == "conv 3×3"
    assert texts[texts.index(box) + 1] == "BN"


@pytest.mark.parametrize(
    ("name", "text", "there"),
    [
        ("projection", "projection", True),
        ("projection", "identity", False),
        ("found inside", "identity", True),
        ("a strange skip", "?", True),
        ("no skip", "skip path", False),
        ("not added", "not added", True),
        ("twice", "2 ×", True),
        ("found inside", "1 ×", False),
        ("long", "… +2", True),
        ("the skip", "from the skip path", True),
        ("beside, from the branch", "from F(x)", True),
        ("before, from elsewhere", "from another tensor", True),
        ("the input", "from x", False),
        ("unused after the sum", "not used", True),
        ("nothing known", "F", True),
        ("nothing known", "attention", True),
        ("nothing known", "?", True),
        ("nothing known", "not used", False),
        ("nothing known", "not added", False),
        ("no sum", "from F(x)", False),
    ],
)
def test_what_is_strange_is_said(shown, name, text, there):
    assert (text in words_of(shown, a_report(of=ALL[name]))) is there


def test_attention_that_never_runs_is_given_nothing(shown):
    never = Finding("multiplies", FAILED, "never", {})
    of = anatomy("unused", masks=(), operation="none", seen="other")
    texts = words_of(shown, a_report(never, of=of))
    assert say("doctor.draw.never") in texts
    assert not any(text.startswith("from") for text in texts)


def test_more_masks_than_three_are_cut(shown):
    texts = words_of(shown, a_report(of=anatomy(masks=MASKS * 2)))
    assert "attention\n(4, 16, 1, 1)\n(4, 1, 6, 6)\n…" in texts


@pytest.mark.parametrize("id", IDS)
def test_a_failed_part_has_a_thick_broken_edge(shown, id):
    whole, broken = (drawn(shown, a_report(*failing(*ids)))[1] for ids in ((), (id,)))
    assert lines_with(whole) == 0
    assert lines_with(broken) >= 1


def test_what_does_not_learn_is_marked_where_it_stands(shown):
    finding = failing("all-parameters-learn", names=["conv2.weight"])
    frames = {}
    for names in (["conv2.weight"], ["attention.mlp.weight", "conv2.weight"]):
        finding = failing("all-parameters-learn", names=names)
        figure = drawn(shown, a_report(*finding))[1]
        frames[len(names)] = [
            patch.get_linewidth() == WARNING["linewidth"]
            for patch in figure.axes[0].patches
            if patch.get_facecolor() == frame_colour()
        ]
    assert frames == {1: [True], 2: [False]}


def frame_colour():
    from matplotlib.colors import to_rgba

    assert "#f7f9fc" not in FILL.values()
    return to_rgba("#f7f9fc")


@pytest.mark.parametrize(
    ("id", "case", "beside"),
    [
        ("skip-untouched", "masked", "skip path"),
        ("skip-untouched", "leaks", "product"),
        ("adds-once", "twice", "sum"),
        ("adds-once", "inside", "attention"),
    ],
)
def test_a_case_is_marked_where_its_fault_lies(shown, id, case, beside):
    texts, _ = drawn(shown, a_report(Finding(id, FAILED, case, {})))
    where = {text: (x, y) for text, x, y in texts}
    box = where["attention\n(4, 16, 1, 1)\n(4, 1, 6, 6)"]
    (x, y), (_, skip) = where[f"! {id}"], where["skip path"]
    found = "skip path" if x < 1 and y < skip else "attention" if x > box[0] - 1 else "product"
    assert (found if y < box[1] + 1.2 else "sum") == beside
