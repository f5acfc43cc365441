"""What can be said of a block that raises: does its attention explain why?"""

import re

from torch import nn

from cbam_teach.doctor.anatomy import Structure
from cbam_teach.doctor.finding import failed
from cbam_teach.doctor.graph import Graph, count
from cbam_teach.doctor.record import Record
from cbam_teach.doctor.report import Finding
from cbam_teach.doctor.seek import heavy

#: The width that a layer was built for, in what PyTorch says.
SAID = (r"to have (\d+) channels, but got", r"elements not (\d+)")

#: The same where a layer of the block itself was given a pooled map, and which number is which.
INLINE = (
    (r"expected input\[\d+, \d+, 1, 1\] to have (\d+) channels, but got (\d+)", (1, 2)),
    (
        r"has size (\d+) for operand 1 which does not broadcast with previously seen size (\d+)",
        (2, 1),
    ),
    (r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)", (2, 1)),
)


def explained(
    record: Record, names: frozenset[str], declared: str, block: nn.Module
) -> list[Finding]:
    """Return the findings that explain an error, or none."""
    names = names or suspect(record, block)
    structure = Structure(Graph(record, names))
    step = record.failed
    scope = record.failed_in or (step.scope if step else ())
    given = next(iter(structure.given.values()), None)
    found: list[Finding] = []
    if step is not None and step.op in ("mul", "div") and len(step.inputs) == 2:
        found += mismatch(structure, step.inputs)
    if not found and not names and (widths := of_a_summary(str(record.error))):
        found.append(failed("channels-agree", "built_for", wanted=widths[0], given=widths[1]))
    if not found and not names.isdisjoint(scope) and given is not None:
        found += other_width(record, structure.graph.shape(given)[1], built_for(block, names))
    if found and declared == "inside" and given is not None and structure.direct(given):
        found.append(failed("sees-branch", "input", place="unknown"))
    return found


def suspect(record: Record, block: nn.Module) -> frozenset[str]:
    """Return the outermost module without layers of a branch in which the error was raised."""
    modules = dict(block.named_modules())
    inner = [n for n in record.failed_in if n and not heavy(modules[n])]
    return frozenset(inner[:1])


def other_width(record: Record, given: int, widths: list[int]) -> list[Finding]:
    """Return that attention was built for a width which it was not given, if that is so."""
    said = numbers(str(record.error))
    wanted = said if said is not None else next(iter(widths), None)
    if wanted is None or wanted == given:
        return []
    return [failed("channels-agree", "built_for", wanted=wanted, given=given)]


def numbers(text: str) -> int | None:
    """Return the width that a layer was built for, as PyTorch's error names it."""
    for pattern in SAID:
        if match := re.search(pattern, text):
            return int(match[1])
    return None


def of_a_summary(text: str) -> tuple[int, int] | None:
    """Return the widths wanted and given where a layer was given numbers without places."""
    for pattern, order in INLINE:
        if match := re.search(pattern, text):
            return int(match[order[0]]), int(match[order[1]])
    return None


def built_for(block: nn.Module, names: frozenset[str]) -> list[int]:
    """Return the widths that the attention's weights take, in their order; those of masks aside."""
    found = []
    for name, weight in block.named_parameters():
        owner = name.rpartition(".")[0]
        inside = any(owner == own or owner.startswith(f"{own}.") for own in names)
        if inside and weight.ndim and (weight.ndim == 1 or len(weight) > 1):
            found.append(weight.shape[1] if weight.ndim > 1 else weight.shape[0])
    return [width for width in found if width > 2]


def mismatch(structure: Structure, inputs: tuple[int, ...]) -> list[Finding]:
    """Return what is wrong where a product of two tensors raised."""
    graph = structure.graph
    made = {v for call in structure.calls for v in call.outputs}
    touched = [v for v in inputs if v in made or made & set(graph.back(v))
               or any(map(graph.owned, [s] if (s := graph.maker.get(v)) else []))]  # fmt: skip
    if not graph.names and graph.from_x.issuperset(inputs):
        touched = [min(inputs, key=lambda v: count(graph.shape(v)))]
    if not touched:
        return []
    mask = min(touched, key=lambda v: len(graph.shape(v)))
    other = next((v for v in inputs if v != mask), mask)
    small, large = graph.shape(mask), graph.shape(other)
    found: list[Finding] = []
    if len(small) == len(large) == 4:
        spread = all(a in (1, b) or b == 1 for a, b in zip(small[2:], large[2:], strict=True))
        if small[1] not in (1, large[1]) and spread:
            found = [failed("channels-agree", "built_for", wanted=small[1], given=large[1])]
    return [*found, failed("is-mask", "shape", mask_shape=small, map_shape=large)]
