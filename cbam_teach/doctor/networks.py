"""Each residual block with attention in a whole network, examined."""

from torch import Tensor, nn

from cbam_teach import checks
from cbam_teach.checks import named
from cbam_teach.doctor import inputs
from cbam_teach.doctor.care import unharmed
from cbam_teach.doctor.examine import PLACES, DoctorError, diagnose
from cbam_teach.doctor.record import Record
from cbam_teach.doctor.report import Report
from cbam_teach.doctor.seek import attention_names, heavy, inside
from cbam_teach.doctor.watch import watched
from cbam_teach.language import error_line, problem, speaking


def diagnose_model(
    model: nn.Module,
    x: Tensor | None = None,
    *,
    placement: str = "inside",
    language: str | None = None,
) -> dict[str, Report]:
    """Examine each residual block with attention in a network.

    A block is a module that takes one map and returns one, with the convolutions of a residual
    branch and with attention that is known by its class or its name; of blocks in each other, the
    innermost. It is examined on a random map of the shape that it is given in the network.

    Args:
        model: the network.
        x: its input (B, C, H, W); without it (2, C, 64, 64), with C of its first convolution.
        placement: where attention is meant to stand in the blocks.
        language: as in `diagnose`.

    Returns:
        Name of the block, as `named_modules` gives it -> its `Report`; empty without such blocks.

    Raises:
        TypeError, ValueError: as in `diagnose`.
        DoctorError: when the network cannot be run, or a block as in `diagnose`.
    """
    with speaking(language):
        if not isinstance(model, nn.Module):
            raise problem(TypeError, "error.module", owner="diagnose_model", given=named(model),
                          allowed="nn.Module")  # fmt: skip
        checks.choice("diagnose_model", "placement", placement, PLACES)
        if x is None:
            _, channels, _, _ = next(inputs.shapes(model))
            x = inputs.made(model, (2, channels, 64, 64))
        checks.feature_map(model, x)
        maps = block_inputs(model, x)
        modules = dict(model.named_modules())
        return {
            name: diagnose(modules[name], given, placement=placement)
            for name, given in maps.items()
        }


def block_inputs(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Return the residual blocks with attention, and a random map of the shape each is given."""
    with unharmed(model) as patient:
        patient.eval()
        record = watched(patient, x)
    if record.error is not None:
        raise problem(DoctorError, "error.doctor_run", owner=type(model).__name__,
                      given=f"x {tuple(x.shape)}: {error_line(record.error)}",
                      allowed="x (B, C, H, W)") from record.error  # fmt: skip
    found = {}
    modules = dict(model.named_modules())
    for call in record.calls:
        if residual(modules[call.name], call.inputs, call.outputs, record):
            found[call.name] = record.shapes[call.inputs[0]]
    inner = [n for n in found if not any(inside(other, n) for other in found)]
    return {name: inputs.made(model, found[name]) for name in inner}


def residual(
    module: nn.Module, given: tuple[int, ...], out: tuple[int, ...], record: Record
) -> bool:
    """Return whether a call is one of a residual block with attention, as `diagnose_model` says."""
    maps = [v for v in given if len(record.shapes[v]) == 4]
    whole = len(maps) == 1 and len(out) == 1 and len(record.shapes[out[0]]) == 4
    return whole and heavy(module) and bool(attention_names(module, None))
