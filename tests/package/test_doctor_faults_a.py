"""The doctor finds what is wrong with a block, by the id that names it: where and what is weighed.

Each fault is tried at several sizes; its twin without the fault must not fail the same check.
"""

import pytest
import torch
from faults_fitted import FITTED
from faults_places import PLACES
from faults_product import PRODUCT
from faults_skip import SKIP
from faults_spelled import SPELLED
from faults_sums import SUMS
from faults_values import VALUES
from faults_widths import WIDTHS
from stranger_parts import example

from cbam_teach.doctor import diagnose

FAULTS = (*PLACES, *SKIP, *VALUES, *PRODUCT, *SUMS, *WIDTHS, *FITTED, *SPELLED)
IDS = ("sees-branch", "is-mask", "multiplies", "skip-untouched", "adds-once", "channels-agree")


def cases(quick: int):
    """Return each fault at its sizes, of which the first ones are tried in the quick suite."""
    return [
        pytest.param(
            fault, size, id=f"{fault}-{size}", marks=[pytest.mark.full] * (number >= quick)
        )
        for fault in FAULTS
        for number, size in enumerate(fault.sizes)
    ]


# With checked annotations each diagnosis would take several times as long.
pytestmark = pytest.mark.usefixtures("as_released")


@pytest.mark.parametrize(("fault", "size"), cases(2))
def test_a_fault_is_found_by_the_id_that_names_it(fault, size):
    block = fault.build(size[0])
    report = diagnose(block, example(size), attention=fault.attention, placement=fault.placement)
    assert fault.id in report.failed, report.to_dict()
    assert not report.ok


@pytest.mark.parametrize(("fault", "size"), cases(1))
def test_its_twin_without_the_fault_does_not_fail_that_check(fault, size):
    place = fault.repaired_placement or fault.placement
    twin = fault.twin(size[0])
    report = diagnose(twin, example(size), attention=fault.attention, placement=place)
    assert fault.id not in report.failed, report.to_dict()


@pytest.mark.parametrize(("fault", "size"), cases(1))
def test_the_faults_run_in_silence_save_those_that_raise(fault, size):
    x = example(size)
    x = torch.randn(4, size[0], 32, 32) if x is None else x
    fault.twin(size[0])(x).square().sum().backward()
    if fault.runs:
        fault.build(size[0])(x).square().sum().backward()
        return
    with pytest.raises((RuntimeError, ValueError)):
        fault.build(size[0])(x)


@pytest.mark.parametrize("id", IDS)
def test_every_id_has_at_least_five_faults_of_its_own(id):
    mine = [fault for fault in FAULTS if fault.id == id]
    assert len({fault.name for fault in mine}) == len(mine) >= 5
