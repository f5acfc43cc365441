"""What describes no placed digits is refused, with the cure."""

import sys
from dataclasses import fields

import pytest

from cbam_teach import data
from cbam_teach.digits import source
from cbam_teach.language import set_language

FIELDS = [field.name for field in fields(data.Pair)]
CALLS = [
    ({"count": 0}, ValueError, "`count` must be at least 1"),
    ({"seed": -1}, ValueError, "`seed` must be at least 0"),
    ({"size": (41, 40)}, ValueError, r"`size` must have an even.*Given: \(41, 40\).*H = 36, 38, …"),
    ({"size": 34}, ValueError, r"`size` must have an even.*Given: \(34, 34\).*H = 36, 38, …"),
    ({"size": (40, 15)}, ValueError, r"`size` must have an even.*Given: \(40, 15\).*W ≥ 16"),
    ({"size": 40, "sides": (8, 19)}, ValueError, r"`size` .*H = 42, 44, …; W ≥ 19"),
    ({"gap": 5}, ValueError, r"`size` .*H = 42, 44, …; W ≥ 16"),
    ({"size": 40.0}, TypeError, "`size` must be a tuple"),
    ({"sides": (7, 12)}, ValueError, "`sides` must be at least 8"),
    ({"sides": (14, 12)}, ValueError, "`sides` must be at least 14.*Given: 12"),
    ({"gap": -1}, ValueError, "`gap` must be at least 0"),
    ({"gap": 1.5}, TypeError, "`gap` must be an integer"),
    ({"dim": 0}, ValueError, "`dim` must be finite and within.*0 < dim < 1"),
    ({"dim": 1}, ValueError, "`dim` must be finite and within.*0 < dim < 1"),
    ({"dim": "0.5"}, TypeError, "`dim` must be"),
    ({"label": "lower"}, ValueError, "`label` must be one of.*Allowed: upper, brighter"),
    ({"label": None}, TypeError, "`label` must be one of"),
    ({"noise": 1.5}, ValueError, "`noise` must be finite and within"),
    ({"split": "dev"}, ValueError, "`split` must be one of.*Allowed: train, validation, test"),
]


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("options", "kind", "said"), CALLS)
def test_options_that_describe_no_pictures_are_refused(options, kind, said):
    with pytest.raises(kind, match=f"placed_digits: {said}"):
        data.placed_digits(**{"count": 2, "seed": 0} | options)


@pytest.mark.parametrize(
    "options", [{"size": (36, 16)}, {"size": (16, 8), "sides": (8, 8), "gap": 0}]
)
def test_the_smallest_picture_that_is_allowed_is_made(options):
    assert data.placed_digits(30, seed=0, **options).images.shape[2:] == options["size"]


def test_the_refusal_speaks_turkish():
    set_language("tr")
    with pytest.raises(
        ValueError, match=r"placed_digits: `size` çift .*Verilen: \(20, 20\). Kabul edilen"
    ):
        data.placed_digits(2, seed=0, size=20)
    assert len(data.placed_digits(2, seed=0, size=36)) == 2


def test_without_scikit_learn_the_cure_is_named(monkeypatch):
    source.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"placed_digits: the package scikit-learn must"):
        data.placed_digits(1, seed=0)
    monkeypatch.undo()
    assert len(data.placed_digits(1, seed=0)) == 1


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("name", [name for name in FIELDS if name != "images"])
def test_a_pair_that_does_not_fit_together_is_refused(name):
    right = {field: getattr(data.placed_digits(2, seed=0), field) for field in FIELDS}
    assert len(data.Pair(**right)) == 2
    with pytest.raises(ValueError, match=f"Pair: the tensor `{name}` must"):
        data.Pair(**right | {name: right[name][:1]})
    with pytest.raises(TypeError, match=f"Pair: the tensor `{name}` must.*float64"):
        data.Pair(**right | {name: right[name].double()})
