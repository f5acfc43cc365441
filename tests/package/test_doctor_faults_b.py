"""The doctor finds what is wrong with a block, by the id that names it: learning, masks, sizes.

The blocks of the notes come last, with whatever id names what is wrong with them.
"""

import re

import pytest
import torch
from faults_batch import BATCH
from faults_gates import GATES
from faults_kept import KEPT
from faults_ladder import LADDER, UNBUILDABLE, UNRUNNABLE
from faults_learning import LEARNING
from faults_notes import PATTERN
from faults_shapes import SHAPES
from faults_sizes import BOUND
from stranger_parts import example

from cbam_teach.doctor import DoctorError, diagnose

PLANTED = (*LEARNING, *BATCH, *SHAPES, *KEPT, *GATES, *BOUND)
# With checked annotations each diagnosis would take several times as long.
pytestmark = pytest.mark.usefixtures("as_released")

IDS = (
    "all-parameters-learn", "samples-independent", "places-matter", "input-kept", "mask-alive",
    "any-size",
)  # fmt: skip
# One size of each fault in every run, each kind of size in its turn; all of them in the full run.
CASES = [
    pytest.param(
        fault,
        size,
        id=f"{fault}-{size[0]}-{size[1]}",
        marks=[] if turn == number % len(fault.sizes) else [pytest.mark.full],
    )
    for number, fault in enumerate((*PLANTED, *PATTERN, *LADDER))
    for turn, size in enumerate(fault.sizes)
]
# The deviation over one sample is not a number, and PyTorch says so.
alone = pytest.mark.filterwarnings("ignore:std.*degrees of freedom:UserWarning")


@alone
@pytest.mark.parametrize(("fault", "size"), CASES)
def test_a_fault_is_found_by_the_id_that_names_it(fault, size):
    block = fault.build(size[0])
    report = diagnose(block, example(size), attention=fault.attention, placement=fault.placement)
    assert fault.id in report.failed, report.to_dict()
    assert not report.ok


@pytest.mark.parametrize(("fault", "size"), CASES)
def test_its_twin_without_the_fault_does_not_fail_that_check(fault, size):
    twin = fault.twin(size[0])
    report = diagnose(twin, example(size), attention=fault.attention, placement=fault.placement)
    assert fault.id not in report.failed, report.to_dict()


@pytest.mark.parametrize(("fault", "size"), CASES)
def test_a_faulty_block_runs_in_silence_as_its_twin_does_save_those_that_raise(fault, size):
    x = example(size)
    x = torch.randn(4, size[0], 32, 32) if x is None else x
    with torch.no_grad():
        y = fault.twin(size[0])(x.clone())
        if fault.runs:
            assert fault.build(size[0])(x.clone()).shape == y.shape
            return
    with pytest.raises(RuntimeError, match=r"must match the size|to have \d+ channels"):
        fault.build(size[0])(x)


@pytest.mark.parametrize("id", IDS)
def test_every_id_has_at_least_five_faults_of_its_own(id):
    mine = [fault for fault in PLANTED if fault.id == id]
    assert len({fault.name for fault in mine}) == len(mine) >= 5


@pytest.mark.parametrize("case", UNBUILDABLE, ids=str)
def test_a_block_of_the_notes_cannot_be_built(case):
    with pytest.raises(case.error, match=case.text):
        case.build()


@pytest.mark.parametrize("case", UNRUNNABLE, ids=str)
def test_a_block_of_the_notes_that_cannot_run_is_answered_by_an_error_with_the_reason(case):
    block, x = case.build(), torch.randn(2, 4, 6, 8)
    with pytest.raises(case.error, match=case.text):
        block(x)
    with pytest.raises(DoctorError, match=type(block).__name__) as found:
        diagnose(block, x)
    assert re.search(case.text, str(found.value.__cause__))
