"""The doctor gives no false alarm on right blocks, and what makes them right is checked here."""

import pytest
import torch
from right_blocks import SHAPES, Right
from right_table import LEARN, RIGHT

from cbam_teach.doctor import diagnose

SQUARE = (16, 16, 16)  # B = C = H = W: an axis taken for another would fit
SOME = [right for right in RIGHT if right.channels == 16][::4]


def evidence(report) -> str:
    """Return what is needed to find out why a right block failed."""
    found = [f"{id} {report[id].case} {dict(report[id].evidence)}" for id in report.failed]
    return f"{report.block}, attention at {report.attention}: " + "; ".join(found)


def check(right: Right, x: torch.Tensor | None) -> None:
    report = diagnose(
        right.build(), x, attention=right.attention, placement=right.placement, language="en"
    )
    assert report.failed == (), evidence(report)
    assert report.ok
    statuses = {id: report[id].status for id in right.remarks}
    assert statuses == dict.fromkeys(right.remarks, "remark")


@pytest.mark.usefixtures("as_released")  # checked annotations make it several times slower
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_a_right_block_does_not_fail(right, shape):
    check(right, right.x(shape))


@pytest.mark.usefixtures("as_released")
@pytest.mark.parametrize("right", SOME, ids=str)
def test_nor_where_all_axes_are_equally_long(right):
    check(right, right.x(SQUARE))


@pytest.mark.parametrize("right", SOME[1::2], ids=str)
def test_nor_when_the_doctor_makes_the_input(right):
    check(right, None)


def unlearned(block: torch.nn.Module, inputs: list[torch.Tensor]) -> set[str]:
    """Return the parameters that get no gradient, or 0, from any of the inputs."""
    left = {name for name, p in block.named_parameters() if p.requires_grad}
    buffers = {name: b.clone() for name, b in block.named_buffers()}
    for x in inputs:
        block.load_state_dict(buffers, strict=False)  # what counts its passes stays at the start
        block.zero_grad()
        y = block(x.requires_grad_())
        (y * torch.randn_like(y)).sum().backward()
        gradients = {name: p.grad for name, p in block.named_parameters() if name in left}
        left -= {name for name, g in gradients.items() if g is not None and g.abs().max() > 0}
        if not left:
            break
    return left


@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_in_a_right_block_everything_learns_unless_it_starts_at_zero(right):
    block = right.build()
    frozen = [name for name, p in block.named_parameters() if not p.requires_grad]
    dead = unlearned(block, [right.x(SHAPES[0], seed) for seed in range(6)])
    assert bool(dead or frozen) == (LEARN in right.remarks), dead


@pytest.mark.parametrize("right", [r for r in RIGHT if LEARN in r.remarks], ids=str)
def test_and_what_starts_at_zero_learns_after_one_step(right):
    block = right.build()
    x = right.x(SHAPES[0])
    for _ in range(3):
        block.zero_grad()
        block(x).square().sum().backward()
        with torch.no_grad():
            for p in block.parameters():
                p -= 0 if p.grad is None else 0.01 * p.grad.sign()
    assert not unlearned(block, [right.x(SHAPES[0], seed) for seed in range(6)])


def test_there_are_many_right_blocks_each_with_a_name_of_its_own():
    assert len({right.name for right in RIGHT}) == len(RIGHT) > 150
