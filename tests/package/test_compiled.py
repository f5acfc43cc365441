"""Under torch.compile values, gradients and the count of a warm-up are those of eager mode."""

import copy
import os
import shutil

import pytest
import torch

from cbam_teach import (
    CBAM,
    LADDER,
    ChannelAttention,
    CoordinateAttention,
    EfficientChannelAttention,
    Learnable,
    ResidualBlock,
    SpatialAttention,
    SqueezeExcitation,
    WarmUp,
    fold,
)

pytestmark = [
    pytest.mark.usefixtures("as_released"),
    # the compiler warns of what it does itself: it instantiates Function, it uses torch.jit
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
compiler = pytest.mark.skipif(
    shutil.which(os.environ.get("CXX", "c++")) is None, reason="no C++ compiler here"
)
C = 6
CASES = {
    "cbam": lambda: LADDER["cbam"](C),
    "pixel_routed": lambda: LADDER["pixel_routed"](C),
    "normed": lambda: SpatialAttention(norm_momentum=0.1),
    "warming up": lambda: CBAM(C, mix=WarmUp(Learnable(0.4), 4)),
    "block": lambda: ResidualBlock(C, 4, stride=2, attention=LADDER["routed_fusion"]),
    "input mix": lambda: ResidualBlock(
        C, C, attention=ChannelAttention, placement="before", input_mix=WarmUp(Learnable(0.4), 3)
    ),
    "after": lambda: ResidualBlock(C, C, attention=LADDER["separable"], placement="after"),
    "beside": lambda: ResidualBlock(C, C, attention=CoordinateAttention, placement="beside"),
    "squeeze": lambda: SqueezeExcitation(C),
    "efficient": lambda: EfficientChannelAttention(C),
}


@pytest.fixture(autouse=True)
def forgotten():
    """Start without anything compiled before."""
    torch.compiler.reset()
    yield
    torch.compiler.reset()


def step(module: torch.nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    """Return the values of one pass in training and every gradient."""
    x = x.clone().requires_grad_()
    y = module(x)
    probe = torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
    return [y, *torch.autograd.grad((y * probe).sum(), [x, *module.parameters()])]


def same(make, backend: str) -> None:
    """Compare two steps of training and one pass without gradients."""
    module = make()
    compiled = torch.compile(copy.deepcopy(module), backend=backend, fullgraph=True)
    for seed in range(2):
        x = torch.randn(3, C, 9, 7, generator=torch.Generator().manual_seed(seed))
        torch.testing.assert_close(step(compiled, x), step(module, x), rtol=1e-3, atol=1e-4)
    state = {name.removeprefix("_orig_mod."): v for name, v in compiled.state_dict().items()}
    torch.testing.assert_close(state, module.state_dict(), rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(compiled.eval()(x), module.eval()(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", ["warming up", "normed", "efficient"])
def test_the_traced_graph_says_the_same(case):
    same(CASES[case], "aot_eager")


@pytest.mark.full
@pytest.mark.parametrize("case", CASES)
def test_the_traced_graph_of_every_case_says_the_same(case):
    same(CASES[case], "aot_eager")


@compiler
@pytest.mark.full
@pytest.mark.parametrize("case", CASES)
def test_compiled_code_says_the_same(case):
    same(CASES[case], "inductor")


@pytest.mark.parametrize("step", ["pixel_routed", pytest.param("dynamic", marks=pytest.mark.full)])
def test_a_folded_form_compiles(step):
    module, x = fold(LADDER[step](C)), torch.randn(3, C, 9, 7)
    compiled = torch.compile(module, backend="aot_eager", fullgraph=True)
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), module(x), rtol=1e-4, atol=1e-5)
