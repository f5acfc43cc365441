"""Find the attention in a block, by name or by what it does."""

import re

from torch import nn

from cbam_teach.doctor.anatomy import Structure
from cbam_teach.doctor.graph import Graph
from cbam_teach.doctor.operations import CONV, GATE, REDUCE, SIGMOID
from cbam_teach.doctor.record import Record, Step
from cbam_teach.language import problem
from cbam_teach.mask import Mask, Reweight

NAMES = re.compile(
    r"^(\w*attn\w*|\w*attention\w*|attn?|\w*_att|att_\w*|se|se_?(module|layer|block)|\w*_se|\w*cbam\w*|eca|"
    r"\w*_eca|ca|sa|cam|sam|bam|scse|\w*excit\w*|(\w*_)?gate|gating|squeeze\w*|coord_?att\w*|(channel|spatial)_?\w*)$"
)
CLASSES = re.compile(
    r"[Aa]ttention|Attn|Att$|CBAM|Cbam|Squeeze|Excit|^SE([A-Z_]|$)|SE(Module|Layer|Block|Unit)|"
    r"^E(CA|ca)([A-Z_]|$)|ECA|^BAM|scSE|SCSE|CoordAtt|(Channel|Spatial)(Gate|Att|Mask)"
)


def attention_names(block: nn.Module, given: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """Return the qualified names of the attention's modules that are given or known by name.

    Raises:
        TypeError: when what is given is neither a name nor a tuple of names.
        ValueError: when a name is given that the block does not have.
    """
    modules = dict(block.named_modules())
    if given is not None:
        wanted = [given] if isinstance(given, str) else given
        if not isinstance(wanted, tuple | list) or not all(isinstance(n, str) for n in wanted):
            raise problem(TypeError, "error.doctor_attention", given=repr(given),
                          allowed="None, 'attention', ('ca', 'sa')")  # fmt: skip
        for name in wanted:
            if name not in modules or not name:
                known = [other for other in modules if other] or ["–"]
                raise problem(ValueError, "error.doctor_attention", given=repr(name), allowed=known)
        return list(wanted)
    alike = [name for name, module in modules.items()
             if name and looks_like(name, module) and not shelf(module)]  # fmt: skip
    outer = [n for n in alike if not any(n.startswith(f"{other}.") for other in alike)]
    found: list[str] = []
    for name in outer:
        inner = [n for n in alike if n.startswith(f"{name}.")]
        inner = [n for n in inner if not any(n.startswith(f"{other}.") for other in inner)]
        found += inner if inner and heavy(modules[name]) else [] if heavy(modules[name]) else [name]
    return found


def shelf(module: nn.Module) -> bool:
    """Return whether a module only keeps others and is never called itself."""
    return isinstance(module, nn.ModuleList | nn.ModuleDict)


def looks_like(name: str, module: nn.Module) -> bool:
    """Return whether a module is attention by its class or its name."""
    if isinstance(module, Mask | Reweight):
        return True
    layer = type(module).__module__.startswith("torch.nn.") and not any(module.children())
    if layer or type(module).__name__ == "DropPath":
        return False  # a layer alone, such as a convolution called `squeeze`
    last = name.rpartition(".")[2].lower().rstrip("0123456789_")
    return bool(CLASSES.search(type(module).__name__)) or bool(NAMES.match(last))


def heavy(module: nn.Module) -> bool:
    """Return whether a module holds convolutions as a residual branch has them."""
    convs = [m for m in module.modules() if isinstance(m, nn.Conv2d)]
    widest = max((c.out_channels for c in convs), default=0)
    return any(
        max(c.kernel_size) > 1 and c.groups == 1 and min(c.in_channels, c.out_channels) * 2 > widest
        and min(c.in_channels, c.out_channels) > 2
        for c in convs
    )  # fmt: skip


def by_deed(block: nn.Module, record: Record, known: list[str]) -> tuple[list[str], bool]:
    """Return the modules that make a mask, as the record shows them; [""] for the block itself.

    Without any it is those that are known by name, though they did not run; the list is empty
    where there are none of these either. The second is whether the masks have no gate.
    """
    loose = False
    modules = dict(block.named_modules())
    found: list[str] = []
    for without in (False, True):
        graph = Graph(record, frozenset(), without)
        for step in record.steps if not found or loose == without else ():
            if pair := graph.pair(step):
                made = [s for s in graph.steps_between(*pair) if s.op in GATE | REDUCE | CONV]
                found.append(common(made, modules))
                loose = without
    if not found:
        found = gated(record, modules)
    outer = [n for n in dict.fromkeys(found) if not any(inside(n, o) for o in found)]
    return outer or known, loose


def gated(record: Record, modules: dict[str, nn.Module]) -> list[str]:
    """Return the modules in which there are a gate and a pool or a layer, of a mask or not."""
    ops: dict[str, set[str]] = {}
    for step in record.steps:
        for name in step.scope:
            ops.setdefault(name, set()).add(step.op)
    found = [n for n, kinds in ops.items() if n and kinds & (GATE - {"clamp", "clamp_min"})
             and kinds & (REDUCE | CONV) and not heavy(modules[n])]  # fmt: skip
    here = ops.get("", set())
    whole = (here & SIGMOID and here & REDUCE) or Structure(Graph(record, frozenset())).gatings
    return found or ([""] if whole else [])


def inside(name: str, other: str) -> bool:
    """Return whether one module lies inside another of the list."""
    return name != other and (name.startswith(f"{other}.") if other else bool(name))


def common(steps: list[Step], modules: dict[str, nn.Module]) -> str:
    """Return the innermost module in which all these steps run, but none that is a bare layer."""
    scopes = [step.scope for step in steps]
    shared = ""
    for names in zip(*scopes, strict=False):
        if len(set(names)) > 1 or not any(True for _ in modules[names[0]].children()):
            break
        shared = names[0]
    return "" if shared in modules and shared and heavy(modules[shared]) else shared
