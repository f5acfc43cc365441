"""The check that every parameter learns."""

from dataclasses import replace

from torch import Tensor

from cbam_teach.doctor.care import same_state
from cbam_teach.doctor.finding import failed, passed, remark, silent
from cbam_teach.doctor.probe import Probe
from cbam_teach.doctor.report import Finding
from cbam_teach.doctor.running import run_plain
from cbam_teach.doctor.waking import awake, learning
from cbam_teach.language import error_line

#: Passes in training mode, after which a factor that warms up from 0 is no longer 0.
PASSES = 3


def all_parameters_learn(probe: Probe) -> Finding:
    """No parameter is without gradient, or has one that is zero for every input."""
    check = "all-parameters-learn"
    parameters = dict(probe.block.named_parameters())
    trained = [name for name, p in parameters.items() if p.requires_grad]
    if not trained:
        names = list(parameters)
        return remark(check, "frozen", names=names) if names else silent(check, "none")
    if replace(probe, training=True).record.error is not None:
        return silent(check, "failed_before")
    xs = several(probe)
    try:
        live = learning(probe.block, xs)
    except RuntimeError as error:
        return failed(check, "backward", error=error_line(error))
    still = [name for name in trained if name not in live]
    if still:
        with awake(probe.block, probe.x) as woken:
            now = learning(probe.block, xs) if woken else set()
        dead = [name for name in still if name not in now]
        if dead:
            now |= learning_later(probe, xs)
            dead = [name for name in still if name not in now]
        if dead:
            return failed(check, "no_gradient", names=dead, parameters=len(trained))
        return remark(check, "zero_start", names=still, zero=woken)
    frozen = [name for name in parameters if name not in trained]
    if frozen:
        return remark(check, "frozen", names=frozen)
    return passed(check, parameters=len(trained))


def learning_later(probe: Probe, xs: list[Tensor]) -> set[str]:
    """Return what learns after a few passes in training mode, as with a factor that warms up."""
    with same_state(probe.block):
        for _ in range(PASSES):
            run_plain(probe.block, probe.x.clone(), True, keep_state=True)
        return learning(probe.block, xs)


def several(probe: Probe) -> list[Tensor]:
    """Return inputs that differ in all that a ReLU could hang on: sign, level and strength."""
    other = probe.random(seed=3)
    return [probe.x, 3 * other + 1, -2 * other - 0.5]
