"""What describes no cued digits is refused, with the cure."""

import sys
from dataclasses import fields

import pytest

from cbam_teach import data
from cbam_teach.digits import source
from cbam_teach.language import set_language

FIELDS = [field.name for field in fields(data.Cued)]
CALLS = [
    ({"count": 0}, ValueError, "`count` must be at least 1"),
    ({"seed": -1}, ValueError, "`seed` must be at least 0"),
    ({"size": 35}, ValueError, r"`size` must have room.*Given: \(35, 35\).*H ≥ 36, W ≥ 36"),
    ({"size": (90, 35)}, ValueError, r"`size` must have room.*Given: \(90, 35\)"),
    ({"size": 39, "sides": (8, 20)}, ValueError, r"`size` must have room.*H ≥ 40, W ≥ 40"),
    ({"distance": 9}, ValueError, r"`size` must have room.*H ≥ 42, W ≥ 42"),
    ({"cue_side": 7}, ValueError, r"`size` must have room.*H ≥ 42, W ≥ 42"),
    ({"size": 40.0}, TypeError, "`size` must be a tuple"),
    ({"sides": (7, 12)}, ValueError, "`sides` must be at least 8"),
    ({"sides": (14, 12)}, ValueError, "`sides` must be at least 14.*Given: 12"),
    ({"cue": "shape"}, ValueError, "`cue` must be one of.*Allowed: colour, hollow"),
    ({"cue": None}, TypeError, "`cue` must be one of"),
    ({"cue_side": 0}, ValueError, "`cue_side` must be at least 1"),
    ({"cue_side": 2, "cue": "hollow"}, ValueError, "`cue_side` must be at least 3"),
    ({"cue_at": "middle"}, ValueError, "`cue_at` must be.*Allowed: corner, border, anywhere"),
    ({"distance": -1}, ValueError, "`distance` must be at least 0"),
    ({"distance": 2.5}, TypeError, "`distance` must be an integer"),
    ({"noise": 1.5}, ValueError, "`noise` must be finite and within"),
    ({"split": "dev"}, ValueError, "`split` must be one of.*Allowed: train, validation, test"),
]


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize(("options", "kind", "said"), CALLS)
def test_options_that_describe_no_pictures_are_refused(options, kind, said):
    with pytest.raises(kind, match=f"cued_digits: {said}"):
        data.cued_digits(**{"count": 2, "seed": 0} | options)


def test_the_refusal_speaks_turkish():
    set_language("tr")
    with pytest.raises(
        ValueError, match=r"cued_digits: `size` .*Verilen: \(20, 20\). Kabul edilen"
    ):
        data.cued_digits(2, seed=0, size=20)
    assert len(data.cued_digits(2, seed=0, size=36)) == 2


def test_without_scikit_learn_the_cure_is_named(monkeypatch):
    source.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"cued_digits: the package scikit-learn must"):
        data.cued_digits(1, seed=0)
    monkeypatch.undo()
    assert len(data.cued_digits(1, seed=0)) == 1


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("name", [name for name in FIELDS if name != "images"])
def test_a_set_that_does_not_fit_together_is_refused(name):
    right = {field: getattr(data.cued_digits(2, seed=0), field) for field in FIELDS}
    assert len(data.Cued(**right)) == 2
    with pytest.raises(ValueError, match=f"Cued: the tensor `{name}` must"):
        data.Cued(**right | {name: right[name][:1]})
    with pytest.raises(TypeError, match=f"Cued: the tensor `{name}` must.*float64"):
        data.Cued(**right | {name: right[name].double()})
