"""The stored networks do what their records say."""

import pytest
import torch

from cbam_teach import results
from cbam_teach.interventions import accuracy_under
from cbam_teach.probes import make, trained


@pytest.mark.parametrize("name", sorted(trained.stored()))
def test_a_stored_network_has_its_records_accuracy(name):
    (record,) = [each for each in results.runs("confirm") if each["name"] == name]
    test = make(record["task"], 500, seed=0, split="test")  # the first of the record's 2000
    net = trained.load(name)
    assert not net.training
    found = accuracy_under(net, test.images, test.labels, {})
    expected = record.get("interventions", {}).get("unchanged", record["test"])
    spread = 0.003 if "interventions" in record else 0.08  # 500 pictures against 2000
    assert found == pytest.approx(expected, abs=spread)


def test_weights_are_given_to_the_variant_that_the_name_tells():
    plain, cbam = trained.load("cued,plain,seed=0"), trained.load("cued,cbam-before,seed=0")
    assert not hasattr(plain.block1, "attention") or plain.block1.attention is None
    assert type(cbam.block1.attention).__name__ == "CBAM"
    x = torch.rand(2, 3, 40, 56)
    assert not torch.allclose(plain(x), cbam(x))


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="cued,plain,seed=0"):
        trained.load("cued,plain,seed=77")
