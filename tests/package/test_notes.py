"""Each class of the notes as its formula, equal to a configuration here with the same numbers.

The classes that cannot run as they are written have their tests in `test_notes_broken.py`.
"""

from functools import partial
from itertools import cycle, islice

import notes_cases as cases
import notes_formulas as notes
import pytest
import torch
from agreement import picture
from notes_cases import FC, MLP
from notes_states import drawn
from states import carry, compare

from cbam_teach import Learnable

ACT_GATE = [{"act": act, "gate": gate} for act in ("relu", "silu")
            for gate in ("sigmoid", "hardsigmoid")]  # fmt: skip
SUM_SOFTMAX = [{"fusion": "sum"}, {"fusion": "softmax"}]
TEMPERED = [{"temperature": 0.5}, {"temperature": 4.0, "gate": "hardsigmoid"},
            {"learnable_temperature": True}]  # fmt: skip
FUSED_TEMPERED = [fusion | more for fusion in SUM_SOFTMAX for more in TEMPERED]
BIAS = {"bias": True}
WINDOWS = [{}, {"dilated": None}, {"kernels": (3, 5, 9), "dilated": (5, 3), "router_hidden": 4}]
STEP_2 = {"coordinates": True, "separable": True}
ALPHAS = [1.0, 0.3, Learnable(1.0)]


def cbams(names, ca=({},), sa=({},), alphas=(None,), **more):
    """Return cases in which every option of each list occurs, not every combination."""
    most = max(len(ca), len(sa), len(alphas))
    chosen = zip(*(list(islice(cycle(one), most)) for one in (ca, sa, alphas)), strict=True)
    return [cases.cbam(names, BIAS | c, s, alpha, **more) for c, s, alpha in chosen]


def papers_cbam():
    """The first notes' CBAM has no biases."""
    return [cases.cbam(MLP, {}, {}, None)]


# formula -> its cases; SpatialAttention of the third note takes any odd side, the first 3 and 7
FORMULAS = {
    "channel mask": cases.channel_mask,
    "spatial mask": cases.spatial_mask,
    "mask of the mean": cases.mean_mask,
    "CBAM": papers_cbam,
    "block, inside": cases.block_inside,
    "block, mask of the mean": partial(cases.block_inside, mean_only=True),
    "branch": cases.plain_branch,
    "block, before": partial(cases.block_before, None),
    "block, before, λ": partial(cases.block_before, 0.1, Learnable(0.1)),
    "network, inside": cases.network_inside,
    "network, before, λ": cases.network_before,
    "x ⊙ channel mask": partial(cases.channel_map, MLP, {}),
    "x ⊙ spatial mask": partial(cases.spatial_map, {}),
    "CBAM, biases": partial(cbams, MLP),
    "x ⊙ channel mask, act, gate": partial(cases.channel_map, FC, *ACT_GATE),
    "x ⊙ channel mask, fusion": partial(
        cases.channel_map, FC, *[a | b for a in ACT_GATE for b in SUM_SOFTMAX]
    ),
    "x ⊙ spatial mask, gate": partial(cases.spatial_map, {}, BIAS | {"gate": "hardsigmoid"}),
    "CBAM, fusion, α": partial(cbams, FC, SUM_SOFTMAX, ({}, {"gate": "hardsigmoid"}),
                               (*ALPHAS, None)),
    "CBAM, one class": cases.whole_in_one,
    "CBAM, α": partial(cbams, MLP, ({},), ({},), ALPHAS),
    "x ⊙ channel mask, fusion, T": partial(
        cases.channel_map, FC, *FUSED_TEMPERED, *[a | TEMPERED[2] for a in ACT_GATE]
    ),
    "x ⊙ spatial mask, T": partial(cases.spatial_map, *TEMPERED),
    "CBAM, fusion, T, α": partial(cbams, FC, FUSED_TEMPERED, TEMPERED, (0.3, Learnable(1.0))),
    "x ⊙ dynamic mask": partial(
        cases.dynamic_map, *WINDOWS, *[w | t for w, t in zip(WINDOWS, TEMPERED, strict=True)]
    ),
    "CBAM, dynamic": partial(cbams, FC, FUSED_TEMPERED[::2], WINDOWS, (None, 0.3, Learnable(1.0)),
                             moving=True),
    "separable branch": cases.window,
    "x ⊙ channel mask, routed fusion": partial(
        cases.channel_map, FC, {"fusion": "router"}, {"fusion": "router"} | TEMPERED[2]
    ),
    "x ⊙ dynamic mask, coordinates, separable": partial(
        cases.dynamic_map,
        *[w | STEP_2 | t for w, t in zip((*WINDOWS, {}), ({}, *TEMPERED), strict=True)],
    ),
}  # fmt: skip
BROKEN = "raises or ignores a layer: test_notes_broken.py"

# note, class, formula, in the order in which they are written there
CLASSES = [
    ("Pattern 1", "ChannelAttention", "channel mask"),
    ("Pattern 1", "SpatialAttention", "spatial mask"),
    ("Pattern 1", "CBAM", "CBAM"),
    ("Pattern 1", "Pattern_1_Residual", BROKEN),
    ("Pattern 1", "ChannelAttention_1", "channel mask"),
    ("Pattern 1", "SpatialAttention_1", BROKEN),
    ("Pattern 1", "CBAM_1", BROKEN),
    ("Pattern 1", "ResCBAM_Block", "block, inside"),
    ("Pattern 1", "SimpleCNN_With_ResCBAM", "network, inside"),
    ("Pattern 3", "ChannelAttention", "channel mask"),
    ("Pattern 3", "SpatialAttention", "spatial mask"),
    ("Pattern 3", "CBAM", "CBAM"),
    ("Pattern 3", "FxConv", "branch"),
    ("Pattern 3", "Pattern3_PreResidualCBAM", "block, before"),
    ("Pattern 3", "Pattern3_PreResidualCBAM_Controlled", "block, before, λ"),
    ("Pattern 3", "SimpleCNN_With_Pattern3", "network, before, λ"),
    ("Theory", "SimpleChannelAttention", "mask of the mean"),
    ("Theory", "ResidualBlock_AttnInside", "block, mask of the mean"),
    ("Ladder", "ChannelAttention", "x ⊙ channel mask"),
    ("Ladder", "SpatialAttention", "x ⊙ spatial mask"),
    ("Ladder", "CBAM", "CBAM, biases"),
    ("Ladder", "ChannelAttentionV1", "x ⊙ channel mask, act, gate"),
    ("Ladder", "ChannelAttentionV2", "x ⊙ channel mask, fusion"),
    ("Ladder", "SpatialAttentionV1", "x ⊙ spatial mask, gate"),
    ("Ladder", "CBAMV2", "CBAM, fusion, α"),
    ("Ladder", "CBAMV3", "CBAM, one class"),
    ("Ladder", "ChannelAttention, second", "x ⊙ channel mask, fusion"),
    ("Ladder", "SpatialAttention, second", "x ⊙ spatial mask, gate"),
    ("Ladder", "CBAM, second", "CBAM, fusion, α"),
    ("Ladder", "ChannelAttention, third", "x ⊙ channel mask"),
    ("Ladder", "SpatialAttention, third", "x ⊙ spatial mask"),
    ("Ladder", "CBAMResidual", "CBAM, α"),
    ("Ladder", "ChannelAttentionFusion", "x ⊙ channel mask, fusion"),
    ("Ladder", "SpatialAttention, fourth", "x ⊙ spatial mask"),
    ("Ladder", "CBAMResidualV2", "CBAM, fusion, α"),
    ("Ladder", "ChannelAttentionFusionT", "x ⊙ channel mask, fusion, T"),
    ("Ladder", "SpatialAttentionT", "x ⊙ spatial mask, T"),
    ("Ladder", "CBAMResidualV3", "CBAM, fusion, T, α"),
    ("Ladder", "ChannelAttentionFusionT, second", "x ⊙ channel mask, fusion, T"),
    ("Ladder", "DynamicSpatialAttention", "x ⊙ dynamic mask"),
    ("Ladder", "CBAMResidualDynamicSA", "CBAM, dynamic"),
    ("Step 2", "_DWPointwiseBranch", "separable branch"),
    ("Step 2", "channel attention, in fragments", "x ⊙ channel mask, routed fusion"),
    ("Step 2", "spatial attention, in fragments", "x ⊙ dynamic mask, coordinates, separable"),
]
ALL = [(name, i, case) for name, make in FORMULAS.items() for i, case in enumerate(make())]


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 3, 5), (3, 6, 2)])
@pytest.mark.parametrize("case", [pytest.param(c, id=f"{name}-{i}") for name, i, c in ALL])
def test_a_formula_of_the_notes_is_a_configuration(case, batch, height, width):
    x = picture((batch, case.channels, height, width))
    numbers = drawn(case.state)
    ours = carry(numbers, case.ours.double(), case.rules)
    learned = {name: value for name, value in numbers.items() if value.requires_grad}
    for training in (False, True) if len(learned) < len(numbers) else (True,):
        expected = case.formula(notes.Numbers(numbers, training), x)
        got = ours.train(training)(x)
        compare(got, ours, x, expected, learned, case.rules, rtol=1e-6)


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{name}-{i}") for name, i, c in ALL])
def test_every_number_of_a_formula_matters(case):
    x = picture((3, case.channels, 4, 3))
    numbers = drawn(case.state)
    before = case.formula(notes.Numbers(numbers), x)
    for name, value in numbers.items():
        if value.requires_grad:
            moved = numbers | {name: value + 0.3 * torch.rand_like(value)}
            after = case.formula(notes.Numbers(moved), x)
            assert not torch.allclose(before, after, rtol=0, atol=1e-9), name


def test_every_class_of_the_notes_has_its_line():
    assert len(CLASSES) == 42 + 2
    assert len({(note, name) for note, name, _ in CLASSES}) == len(CLASSES)
    used = {formula for _, _, formula in CLASSES}
    assert used - {BROKEN} == set(FORMULAS)
