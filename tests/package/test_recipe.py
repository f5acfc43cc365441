"""Recipes: what they refuse, and the learning rate of every step."""

import pytest
import torch
from tiny_run import recipe, run

from cbam_teach.recipe import Recipe, from_table, learning_rate, read_toml

STEPS = 5


def rates(chosen: Recipe) -> list[float]:
    return [learning_rate(chosen, step, STEPS) for step in range(chosen.epochs * STEPS)]


def pytorchs(scheduler, lr: float, count: int) -> list[float]:
    """The rates of one of PyTorch's own schedulers, one for each step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)
    schedule, found = scheduler(optimizer), []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_a_constant_rate_stays():
    assert rates(Recipe(3, 8, 0.2)) == [0.2] * 15


def test_the_steps_are_pytorchs():
    ours = rates(Recipe(6, 8, 0.3, schedule="step", milestones=(2, 5), gamma=0.1))
    theirs = pytorchs(lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [10, 25], 0.1), 0.3, 30)
    assert ours == pytest.approx(theirs)
    later = pytorchs(lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [11, 25], 0.1), 0.3, 30)
    assert ours != pytest.approx(later)


def test_the_cosine_is_pytorchs():
    ours = rates(Recipe(4, 8, 0.3, schedule="cosine"))
    theirs = pytorchs(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 20), 0.3, 20)
    assert ours == pytest.approx(theirs)
    assert 0 < ours[-1] < 0.003


def test_the_warm_up_rises_evenly_and_the_cosine_follows_it():
    ours = rates(Recipe(5, 8, 0.4, schedule="cosine", warm_up=2))
    assert ours[:10] == pytest.approx([0.04 * (step + 1) for step in range(10)])
    assert ours[10:] == pytest.approx(rates(Recipe(3, 8, 0.4, schedule="cosine")))


REFUSED = [
    ({"epochs": 0}, "`epochs` must be at least 1. Given: 0"),
    ({"epochs": 2.5}, "`epochs` must be an integer. Given: 2.5"),
    ({"batch_size": True}, "`batch_size` must be an integer. Given: True"),
    ({"lr": 0.0}, "`lr` must be finite and within its range. Given: 0.0. Allowed: 0 < lr"),
    ({"lr": float("nan")}, "`lr` must be finite"),
    ({"momentum": 1}, "Given: 1. Allowed: 0 ≤ momentum < 1"),
    ({"weight_decay": -1e-4}, "Given: -0.0001. Allowed: 0 ≤ weight_decay"),
    ({"label_smoothing": 1.0}, "Allowed: 0 ≤ label_smoothing < 1"),
    ({"warm_up": 4}, "Given: 4. Allowed: warm_up ≤ 3"),
    ({"warm_up": -1}, "`warm_up` must be at least 0"),
    ({"seed": -1}, "`seed` must be at least 0"),
    ({"workers": -1}, "`workers` must be at least 0"),
    ({"schedule": "linear"}, "Given: 'linear'. Allowed: constant, step, cosine"),
    ({"optimizer": "adam"}, "Given: 'adam'. Allowed: sgd, adamw"),
    ({"optimizer": None}, "`optimizer` must be one of the choices. Given: None"),
    ({"amp": "half"}, "`amp` must be one of the choices. Given: 'half'"),
    ({"amp": True}, "`amp` must be one of the choices. Given: True"),
    ({"milestones": (2,)}, 'with `schedule` "cosine", `milestones` and `gamma` have no effect'),
    ({"gamma": 0.1}, "Given: milestones=(), gamma=0.1. Allowed: schedule='step'"),
    ({"schedule": "step"}, "both `milestones` and `gamma` are needed"),
    ({"schedule": "step", "milestones": (2,)}, "both `milestones` and `gamma` are needed"),
    ({"schedule": "step", "gamma": 0.1}, "both `milestones` and `gamma` are needed"),
    ({"schedule": "step", "milestones": (2,), "gamma": 1}, "Allowed: 0 < gamma < 1"),
    ({"schedule": "step", "milestones": (2, 2), "gamma": 0.1}, "at least 3. Given: 2"),
    ({"schedule": "step", "milestones": (4,), "gamma": 0.1}, "Allowed: milestones ≤ 3"),
    ({"schedule": "step", "milestones": 2, "gamma": 0.1}, "`milestones` must be a tuple"),
]


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_what_is_refused(options, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        recipe(**options)
    assert said in str(caught.value)


def test_a_table_becomes_a_recipe():
    table = {"epochs": 3, "batch_size": 4, "lr": 0.1, "schedule": "step", "gamma": 0.5}
    built = from_table(Recipe, "[training]", table | {"milestones": [1, 2]})
    assert built == Recipe(3, 4, 0.1, schedule="step", gamma=0.5, milestones=(1, 2))


@pytest.mark.usefixtures("as_released")
def test_a_list_of_milestones_is_stored_as_a_tuple(tmp_path):
    plan = {"epochs": 2, "schedule": "step", "gamma": 0.5}
    listed = recipe(**plan, milestones=[1])
    assert listed == recipe(**plan, milestones=(1,))
    assert hash(listed) == hash(recipe(**plan, milestones=(1,)))
    _, history = run(tmp_path, **plan, milestones=[1])
    assert run(tmp_path, **plan, milestones=(1,))[1] == history


def test_workers_alone_make_no_other_recipe():
    assert recipe(workers=2) == recipe()
    assert recipe(seed=2) != recipe()


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"epochs": 3, "batch": 4, "rate": 1}, "[t]: only known keys may be given. Given: batch, "),
        ({"epochs": 3, "lr": 0.1}, "[t]: every key that is needed must be given. Given: epochs, lr."
         " Allowed: batch_size"),
        (3, "[t]: must be a table. Given: 3"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused(table, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        from_table(Recipe, "[t]", table)
    assert said in str(caught.value)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    with pytest.raises(FileNotFoundError, match=r"a file that can be read. Given: .*mine\.toml"):
        read_toml(path)
    path.write_text("epochs = = 3")
    with pytest.raises(ValueError, match=r"must be valid TOML: .*mine\.toml. Given: .*line 1"):
        read_toml(path)
