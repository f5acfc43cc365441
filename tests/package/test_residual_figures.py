"""The figures of the chapter on the residual block, and the titles that two others take."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest
import torch

from cbam_teach import plots
from cbam_teach.language import say, set_language
from cbam_teach.placement import PLACEMENTS
from cbam_teach.plots_residual import reach

MAPS = {"a": torch.tensor([[1.0, 0.0], [0.0, 0.0]]), "b": torch.ones(2, 2)}


def test_reach_draws_each_map_pixel_by_pixel_under_its_name(shown):
    assert reach(MAPS, title="q") is None
    (figure,) = shown
    drawn = {axis.get_title(): axis.images[0].get_array() for axis in figure.axes}
    assert list(drawn) == ["a", "b"]
    assert all((drawn[name] == MAPS[name].numpy()).all() for name in MAPS)
    assert figure.get_suptitle() == "q"


def test_reach_has_one_scale_for_all_maps_even_for_a_full_one(shown):
    reach(MAPS)
    assert {axis.images[0].get_clim() for axis in shown[0].axes} == {(0.0, 1.0)}


@pytest.mark.parametrize("language", ["tr", "en"])
def test_reach_says_in_the_readers_language_which_colour_is_which(shown, language):
    set_language(language)
    reach(MAPS)
    (legend,) = shown[0].legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words == [say("r.quarter.seen"), say("r.quarter.unseen")]
    filled = plt.matplotlib.colors.to_hex(legend.get_patches()[0].get_facecolor())
    image = shown[0].axes[0].images[0]
    assert filled == plt.matplotlib.colors.to_hex(image.cmap(image.norm(1.0)))


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_question_stands_above_the_blocks_equation_and_covers_nothing(shown, placement, language):
    set_language(language)
    plots.block(placement)
    plots.block(placement, title=say("r.paths.title"))
    without, with_title = (figure.axes[0] for figure in shown)
    assert with_title.get_title() == f"{say('r.paths.title')}\n{without.get_title()}"
    assert covered(shown[1]) == []


def test_broadcast_takes_a_question_and_gives_it_room(shown):
    plots.broadcast((3, 2, 2), (3, 1, 1))
    plots.broadcast((3, 2, 2), (3, 1, 1), title="q?")
    plain, asked = shown
    assert plain.axes[0].get_title() == ""
    assert asked.axes[0].get_title() == "q?"
    assert asked.get_figheight() > plain.get_figheight()
    assert covered(asked) == []


def covered(figure) -> list:
    """Return the pairs of texts that overlap, the axes' title included."""
    figure.draw_without_rendering()
    axis = figure.axes[0]
    texts = [axis.title, *(text for text in axis.texts if text.get_text())]
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    return [
        (one, other)
        for i, (one, box) in enumerate(boxes)
        for other, against in boxes[i + 1 :]
        if box.overlaps(against)
    ]
