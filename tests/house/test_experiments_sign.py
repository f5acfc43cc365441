"""A miniature of each task: the story's sign holds where it is claimed.

Smaller pictures, fewer of them and fewer epochs than in the grid, through the same code, with one
seed. Its accuracies are not the grid's; only which of two networks is ahead is looked at.
"""

from functools import partial

import pytest

LR = 0.01


@pytest.fixture
def accuracy(experiments, monkeypatch, tmp_path):
    """Trains a variant as the experiments do; returns the test accuracy."""
    from cbam_teach.probes import tasks

    experiments("run")
    grid, one_run = experiments("grid"), experiments("one_run")
    smaller = {
        "cued": {"size": 36, "cue_side": 6, "distance": 4, "noise": 0.0},
        "placed": {"size": (32, 24), "sides": (11, 12), "noise": 0.0},
        "cluttered": {"size": 32, "sides": (16, 28), "clutter": 1, "noise": 0.0},
    }
    small = {name: (tasks.TASKS[name][0], options) for name, options in smaller.items()}
    monkeypatch.setattr(tasks, "TASKS", small)
    for constant, value in (("VALIDATION", 200), ("TEST", 500)):
        monkeypatch.setattr(one_run, constant, value)
    monkeypatch.setattr(experiments("examine"), "LOOKED", 50)

    def train(task: str, variant: str, *, batch: int, seed: int, **budget) -> float:
        monkeypatch.setattr(one_run, "BATCH", batch)
        cell = grid.Cell(task, variant, **budget)
        name = grid.Run(cell, "confirm", seed).name
        record = one_run.run(
            name, cell, stage="confirm", seed=seed, lr=LR, runs=tmp_path, command=""
        )
        return record["test"]

    return train


def test_a_far_cue_is_what_attention_is_needed_for(accuracy):
    trained = partial(accuracy, "cued", batch=64, seed=3, epochs=9, pictures=3000)
    plain, attended = trained("plain"), trained("cbam-before")
    assert plain < 0.5, "without the cue no more is to be had"
    assert attended - plain > 0.15, (attended, plain)


def test_coordinates_are_needed_where_the_border_tells_nothing(accuracy):
    budget = {"epochs": 6, "pictures": 600, "padding": "circular"}
    trained = partial(accuracy, "placed", batch=32, seed=2, **budget)
    without, coordinates = trained("sample_router-before"), trained("coordinates-before")
    assert without < 0.5, "which of two digits is the upper one cannot be seen on a ring"
    assert coordinates - without > 0.2, (coordinates, without)


def test_a_cluttered_digit_is_learned(accuracy):
    """No gain is claimed here: only that the network trains, far above one in ten."""
    assert accuracy("cluttered", "cbam-inside", batch=32, seed=0, epochs=6, pictures=600) > 0.3
