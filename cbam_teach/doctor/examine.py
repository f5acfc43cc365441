"""The examination: find the attention, run every check in both modes, and report."""

from contextlib import suppress
from dataclasses import replace

import torch
from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.doctor import inputs
from cbam_teach.doctor.care import unharmed
from cbam_teach.doctor.crash import explained
from cbam_teach.doctor.describe import described
from cbam_teach.doctor.finding import graver, silent
from cbam_teach.doctor.learning import all_parameters_learn
from cbam_teach.doctor.masks import is_mask, mask_alive
from cbam_teach.doctor.moves import places_matter
from cbam_teach.doctor.probe import Probe
from cbam_teach.doctor.report import Anatomy, Finding, Report
from cbam_teach.doctor.running import any_size, input_kept, run_plain, samples_independent
from cbam_teach.doctor.seek import attention_names, by_deed
from cbam_teach.doctor.skip import skip_untouched
from cbam_teach.doctor.sums import adds_once
from cbam_teach.doctor.width import channels_agree
from cbam_teach.doctor.wiring import multiplies, sees_branch
from cbam_teach.language import error_line, get_language, problem, speaking
from cbam_teach.placement import PLACEMENTS

#: Where attention can stand.
PLACES = tuple(place for place in PLACEMENTS if place != "none")

#: Each check by its id, in the order in which they are reported.
EXAMINERS = {
    "sees-branch": sees_branch,
    "is-mask": is_mask,
    "multiplies": multiplies,
    "skip-untouched": skip_untouched,
    "adds-once": adds_once,
    "all-parameters-learn": all_parameters_learn,
    "samples-independent": samples_independent,
    "places-matter": places_matter,
    "input-kept": input_kept,
    "mask-alive": mask_alive,
    "any-size": any_size,
    "channels-agree": channels_agree,
}
#: The ids of the checks, in the order in which they are reported.
CHECKS = tuple(EXAMINERS)
#: Those that look at both modes by themselves, or need one alone; the others run in each.
ONCE = ("all-parameters-learn", "input-kept", "any-size", "channels-agree")


class DoctorError(RuntimeError):
    """The block cannot be run, and its attention does not explain why."""


def diagnose(
    block: nn.Module,
    x: Tensor | None = None,
    *,
    attention: str | tuple[str, ...] | None = None,
    placement: str = "inside",
    language: str | None = None,
) -> Report:
    """Examine a residual block with attention, whoever wrote it.

    The block is run on several inputs, in both modes; what it computes is watched operation by
    operation, masks are replaced by 0 and 1, inputs are changed at one sample or one place, and
    gradients are looked at. It is not trained, and afterwards it is as it was: numbers, modes,
    gradients, attributes and random generators, after an error too.

    Args:
        block: takes one tensor (B, C, H, W) and returns one.
        x: (B, C, H, W), an input on which it runs; without it, (4, C, 32, 32) of standard normal
            numbers, with C as the block's first convolution takes it, or another size where the
            block does not run at that one.
        attention: dotted path of the submodule that is the attention, or a tuple of paths where
            several are; None: the doctor looks for it.
        placement: where it is meant to stand: "inside", "before", "after" or "beside", as in
            `ResidualBlock`.
        language: "tr" or "en"; None: the language in use.

    Returns:
        A `Report` with a finding for each of `CHECKS`.

    Raises:
        TypeError: when ``block`` is no module, ``x`` no floating-point tensor, or ``attention``
            neither a path nor a tuple of paths.
        ValueError: when ``x`` has not four axes, ``attention`` names no submodule or none is
            found, ``placement`` or ``language`` is unknown.
        DoctorError: when the block raises and its attention does not explain why.
    """
    with speaking(language):
        if not isinstance(block, nn.Module):
            raise problem(TypeError, "error.module", owner="diagnose", given=named(block),
                          allowed="nn.Module")  # fmt: skip
        checks.choice("diagnose", "placement", placement, PLACES)
        if x is not None:
            checks.feature_map(block, x)
        block = getattr(block, "_orig_mod", block)  # what torch.compile has wrapped
        with unharmed(block) as patient:
            return examined(patient, x, attention, placement)


def examined(
    block: nn.Module, x: Tensor | None, attention: str | tuple[str, ...] | None, placement: str
) -> Report:
    """Find the attention and an input, and run every check."""
    names = attention_names(block, attention)
    given = None if x is None else x.detach().clone(memory_format=torch.contiguous_format)
    tried: list[Probe] = []
    made = (inputs.made(block, shape) for shape in inputs.shapes(block))
    for candidate in made if given is None else [given]:
        warmed(block, candidate)
        probe = Probe(block, candidate, frozenset(names), placement)
        tried.append(probe)
        if probe.record.error is None:
            break
    probe, first = tried[-1], tried[0]
    if probe.record.error is not None:
        return refused(first, names)
    unused = names and not any(call.name in names for call in probe.record.calls)
    if not names or (unused and attention is None):
        names, loose = by_deed(block, probe.record, names)
        if not names:
            names, loose = by_deed(block, replace(probe, training=True).record, names)
        if not names:
            raise problem(ValueError, "error.doctor_nothing", given=named(block),
                          allowed=[n for n, _ in block.named_modules() if n] or ["–"])  # fmt: skip
        known = frozenset(() if names == [""] else names)
        probe = Probe(block, probe.x, known, placement, loose=loose)
        if first is not tried[-1]:
            first = Probe(block, first.x, probe.names, placement)
    before = [] if first is tried[-1] else reasons(first)
    return report(probe, names, before)


def warmed(block: nn.Module, x: Tensor) -> None:
    """Run a block once, so that what it keeps from its first call is there in all that follow."""
    with suppress(Exception):
        run_plain(block, x.clone(), False, keep_state=True)


def reasons(probe: Probe) -> list[Finding]:
    """Return what the attention has to do with an input on which the block raises."""
    if probe.record.error is None:
        return []
    return explained(probe.record, probe.names, probe.declared, probe.block)


def refused(probe: Probe, names: list[str]) -> Report:
    """Report on a block that raises, where its attention explains it.

    Raises:
        DoctorError: where it does not.
    """
    found = {finding.id: finding for finding in reasons(probe)}
    error = probe.record.error
    if not found and error is not None:
        raise problem(DoctorError, "error.doctor_run", owner=type(probe.block).__name__,
                      given=f"x {tuple(probe.x.shape)}: {error_line(error)}",
                      allowed="x (B, C, H, W)") from error  # fmt: skip
    findings = tuple(found.get(check, silent(check, "failed_before")) for check in CHECKS)
    anatomy = Anatomy("other", 0, (), "unknown", (), "none", (), "other")
    return make(probe, names, findings, anatomy)


def report(probe: Probe, names: list[str], before: list[Finding]) -> Report:
    """Run every check in both modes, and keep the graver finding of each."""
    found: dict[str, Finding] = {finding.id: finding for finding in before}
    training = in_training(probe)
    for check, run in EXAMINERS.items():
        # a block that raises in training mode alone is a matter of `any_size`
        once = check in ONCE or training.record.error is not None
        for mode in (probe,) if once else (probe, training):
            now = run(mode)
            found[check] = graver(found[check], now) if check in found else now
    if found["any-size"].case == "raises":
        size = found["any-size"].evidence["size"]
        for now in reasons(probe.at(probe.random(*size, seed=8))):
            found[now.id] = graver(found[now.id], now)
    findings = tuple(found[check] for check in CHECKS)
    return make(probe, names, findings, described(probe))


def in_training(probe: Probe) -> Probe:
    """Return the same in training mode, with a seed for which the attention runs, if it ever does.

    A branch may be dropped at random for a whole batch.
    """
    tried = [replace(probe, training=True, seed=seed) for seed in range(6)]
    for mode in tried:
        if mode.record.error is None and (mode.structure.calls or mode.structure.gatings):
            return mode
    return tried[0]


def make(probe: Probe, names: list[str], findings: tuple[Finding, ...], anatomy: Anatomy) -> Report:
    return Report(
        block=type(probe.block).__name__,
        attention=tuple(names),
        placement=probe.declared,
        found=anatomy.found,
        shape=tuple(probe.x.shape),
        findings=findings,
        anatomy=anatomy,
        language=get_language(),
    )
