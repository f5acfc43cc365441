"""The grid of the experiments: what it holds, and that only confirming runs see the test split."""

import re
from dataclasses import replace

import pytest
import torch

RUN_NAME = re.compile(r"[\w.,=-]{1,120}")  # on every file system, and in a shell unquoted


@pytest.fixture
def grid(experiments):
    return experiments("grid")


def test_the_core_is_at_most_four_hundred_runs(grid):
    assert len(grid.screen()) + len(grid.confirm()) <= 400
    assert len(grid.screen(True)) > len(grid.screen())
    assert len(grid.confirm(True)) > len(grid.confirm())


@pytest.mark.parametrize("full", [False, True])
def test_names_are_unique_and_fit_for_files(grid, full):
    runs = [*grid.screen(full), *grid.confirm(full)]
    names = [run.name for run in runs]
    assert len({name.lower() for name in names}) == len(names)
    assert [name for name in names if not RUN_NAME.fullmatch(name)] == []
    cells = [cell.name for cell in grid.cells()]
    assert len(set(cells)) == len(cells)


def test_a_cells_name_says_all_that_decides_its_numbers(grid):
    usual = grid.Cell("cued", "plain")
    changes = {
        "epochs": 3, "pictures": 500, "padding": "circular", "optimizer": "sgd",
        "weight_decay": 0.5, "penalty": "mask", "task": "placed", "variant": "cbam-before",
    }  # fmt: skip
    changed = {replace(usual, **{field: value}).name for field, value in changes.items()}
    assert len(changed | {usual.name}) == len(changes) + 1
    assert replace(usual, asks=(5,), like="x", seeds=(9,)).name == usual.name
    assert (
        grid.Cell("a", "b", epochs=4, weight_decay=5e-4).name == "a,b,epochs=4,weight_decay=0.0005"
    )
    assert grid.Run(usual, "screen", 7, 0.02).name == "cued,plain,lr=0.02,seed=7"
    assert grid.Run(usual, "confirm", 7).name == "cued,plain,seed=7"


def test_every_rate_was_screened_with_the_same_recipe(grid):
    """A cell takes its rate from one that is itself screened, on a task and optimizer alike."""
    cells = {cell.name: cell for cell in grid.cells()}
    screened = {run.cell.name for run in grid.screen()}
    for cell in cells.values():
        source = grid.source_of(cell)
        assert source in screened
        assert cells[source].like is None
        assert cells[source].optimizer == cell.optimizer
        assert cells[source].task.partition("_")[0] == cell.task.partition("_")[0]


def test_no_seed_serves_two_stages(grid):
    screening = {run.seed for run in grid.screen(True)}
    assert not screening & {run.seed for run in grid.confirm(True)}
    rates = {}
    for run in grid.screen():
        rates.setdefault(run.cell, set()).add(run.lr)
    assert all(found == set(grid.RATES[cell.optimizer]) for cell, found in rates.items())


def test_every_cell_is_confirmed_with_five_seeds_or_more(grid):
    for full in (False, True):
        seeds = {}
        for run in grid.confirm(full):
            assert run.lr is None
            seeds.setdefault(run.cell, []).append(run.seed)
        assert seeds.keys() == set(grid.cells())
        assert all(len(set(found)) == len(found) >= 5 for found in seeds.values())


def test_seeds_come_in_rounds_so_that_all_cells_grow_alike(grid):
    seeds = [run.seed for run in grid.confirm()]
    assert seeds == sorted(seeds)


def test_every_question_is_asked_by_a_cell(grid):
    asked = {question for cell in grid.cells() for question in cell.asks}
    assert asked == set(grid.QUESTIONS) == set(range(1, 9))


def test_every_cell_can_be_built(grid, experiments):
    from cbam_teach import probes

    penalties = experiments("penalties").PENALTIES
    for cell in grid.cells():
        assert cell.task in probes.TASKS
        assert cell.penalty in penalties
        assert cell.pictures >= 128
        probes.build(cell.variant, seed=0, padding=cell.padding)


def test_what_a_taught_mask_and_a_router_pay(experiments):
    """The penalties against their equations, for masks of two sizes and for two kinds of router."""
    penalties = experiments("penalties")
    objects = torch.zeros(2, 1, 8, 4, dtype=torch.bool)
    objects[:, :, :4] = True
    half, wrong = torch.full((2, 1, 4, 2), 0.5), torch.full((2, 1, 2, 1), 0.2)
    maps = {"a": half, "b": wrong, "channel": torch.rand(2, 5, 1, 1)}
    ln2 = torch.tensor(2.0).log()
    second = -(torch.tensor(0.2).log() + torch.tensor(0.8).log()) / 2
    paid = penalties.teach_masks(maps, [objects])
    torch.testing.assert_close(paid, (ln2 + second) / 2)
    even, sure = torch.full((2, 3, 1, 1), 1 / 3), torch.zeros(2, 2, 4, 2)
    sure[:, 0] = 1
    shares = {"x.router": even, "y.router": sure, "x": torch.rand(2, 3, 1, 1)}
    torch.testing.assert_close(penalties.keep_even(shares, []), torch.tensor(-0.05))
