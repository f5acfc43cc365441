"""What the experiments' figures cannot draw is refused, and nothing is drawn."""

import pytest
from made_up_runs import store_cell

from cbam_teach import results
from cbam_teach.results import figures, figures_inside

pytestmark = pytest.mark.usefixtures("as_released")

PLAIN, CBAM = "cued,plain", "cued,cbam-before"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RUNS", tmp_path)
    store_cell(tmp_path, PLAIN, [0.5, 0.52, 0.57])
    store_cell(tmp_path, CBAM, [0.9, 0.94, 0.55])
    return tmp_path


MISSING = {
    "forest": (lambda: figures.forest(["cued,mean-before"]), "--cells cued,mean-before"),
    "reference": (lambda: figures.forest([CBAM], against="cued,se-before"), "cued,se-before"),
    "curves": (lambda: figures_inside.learning_curves(["cued,mean-before"]), "make experiments"),
    "masks": (lambda: figures_inside.mask_quality([PLAIN]), "must hold `auc`"),
    "changes": (lambda: figures_inside.interventions_figure([PLAIN]), "must hold `interventions`"),
    "scalars": (lambda: figures_inside.scalars_figure([PLAIN]), "must hold `scalars`"),
    "measure": (lambda: figures_inside.mask_quality([CBAM], measure="iou"), "auc, pointing"),
    "a lone name": (lambda: figures.forest(PLAIN), r"forest: `names`.*Given: str"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_not_stored_is_refused(shown, name):
    call, said = MISSING[name]
    with pytest.raises((TypeError, ValueError), match=said):
        call()
    assert shown == []
