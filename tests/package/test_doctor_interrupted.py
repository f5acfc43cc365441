"""A block is given back as it was when it raises, or a reader loses patience, on the way."""

from contextlib import suppress

import pytest
import stranger_parts as sp
import torch
from untouched import compare, image, used

from cbam_teach.doctor import diagnose

# The checks of annotations draw from Python's generator, too.
pytestmark = pytest.mark.usefixtures("as_released")


class Failing(sp.Basic, cbam=sp.CBAM):
    """Raises in the middle of its k-th forward pass."""

    calls = 0  # of the class: no examination gives this back

    def __init__(self, channels: int, k: int, error: type[BaseException]) -> None:
        super().__init__(channels)
        self.k, self.error, self.seen = k, error, []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        type(self).calls += 1
        f = self.bn1(self.conv1(x))
        self.seen.append(f)
        self.half = f
        if self.calls == self.k:
            raise self.error("in the middle")
        return self.relu(x + self.cbam(self.bn2(self.conv2(self.relu(f)))))


@pytest.fixture(autouse=True)
def from_the_start():
    """Count the calls anew."""
    Failing.calls = 0


@pytest.mark.parametrize("k", [1, 2, 3, 5, 9, 17, 33])
def test_after_an_error_in_the_middle(k):
    x = image()
    block = used(Failing(16, 0, RuntimeError), x)
    block.k, block.bn1.training, Failing.calls = k, False, 0

    def examine() -> None:
        with suppress(RuntimeError):  # raised where nothing can be said without that pass
            diagnose(block, x)

    compare(block, examine)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("k", [1, 2, 3, 5, 9, 17])
def test_after_a_reader_has_lost_patience(k, error):
    x = image()
    block = used(Failing(16, 0, error), x)
    block.k, block.bn1.training, Failing.calls = k, False, 0

    def examine() -> None:
        with pytest.raises(error, match="in the middle"):
            diagnose(block, x)

    compare(block, examine)
    assert Failing.calls == k  # nothing runs after it


class Never(sp.Basic):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count = 1
        raise ValueError("never runs")


def test_a_block_that_never_runs_is_given_back_as_well():
    def examine() -> None:
        with pytest.raises(RuntimeError, match="Never") as raised:
            diagnose(block, x)
        assert "never runs" in f"{raised.value} {raised.value.__cause__}"

    block, x = Never(16), image()
    compare(block, examine)
