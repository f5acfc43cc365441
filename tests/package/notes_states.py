"""The numbers that each class of the notes holds: their names and shapes, and random values."""

import torch
from torch import Tensor

Shapes = dict[str, tuple[int, ...]]

# Where each number stands in this package; the rules apply in this order.
RULES = {
    r"^p3_(\d)": r"res\1", r"^rescbam(\d)": r"res\1",
    r"(^|\.)(cbam|attn)\.": r"\1attention.",
    r"(^|\.)ca\.": r"\1channel.mask.", r"(^|\.)sa\.": r"\1spatial.mask.",
    r"fc1": "mlp.0", r"fc2": "mlp.2", r"attention\.net": "attention.mask.mlp",
    r"fusion_logits": "fusion.logits", r"fusion_router": "fusion.mlp",
    r"router\.1": "router.mlp.0", r"router\.3": "router.mlp.2",
    r"t_raw": "gate.temperature.p", r"^alpha$": "mix.p", r"lam_logit": "input_mix.p",
    r"\.dw\.": ".depthwise.", r"\.pw\.": ".pointwise.",
    r"(^|\.)(F\.)?(conv[12]|bn[12])\.": r"\1branch.\3.",
    r"skip\.0": "skip.conv", r"skip\.1": "skip.bn",
}  # fmt: skip
INSIDE = RULES | {r"^": "mask."}  # for a class that multiplies by its own mask


def drawn(shapes: Shapes) -> dict[str, Tensor]:
    """Return random numbers in float64; all but a norm's running ones are to be learned."""
    numbers = {}
    for name, shape in shapes.items():
        if name.endswith("num_batches_tracked"):
            numbers[name] = torch.tensor(0)
        elif name.endswith("running_var"):
            numbers[name] = torch.rand(shape).double() + 0.5
        else:
            numbers[name] = (
                torch.randn(shape).double() / max(1, torch.Size(shape)[1:].numel()) ** 0.5
            )
            numbers[name].requires_grad_(not name.endswith("running_mean"))
    return numbers


def below(prefix: str, shapes: Shapes) -> Shapes:
    return {f"{prefix}.{name}": shape for name, shape in shapes.items()}


def mlp(inputs: int, hidden: int, outputs: int, names: tuple[str, str], bias: bool) -> Shapes:
    first, second = names
    shapes = {
        f"{first}.weight": (hidden, inputs, 1, 1),
        f"{second}.weight": (outputs, hidden, 1, 1),
    }
    return shapes | ({f"{first}.bias": (hidden,), f"{second}.bias": (outputs,)} if bias else {})


def channel(channels: int, options: dict, names=("fc1", "fc2"), hidden: int = 4) -> Shapes:
    shapes = mlp(channels, hidden, channels, names, options.get("bias", False))
    if options.get("fusion") == "softmax":
        shapes |= {"fusion_logits": (2,)}
    if options.get("fusion") == "router":
        shapes |= mlp(2 * channels, 8, 2, ("fusion_router.0", "fusion_router.2"), bias=True)
    return shapes | ({"t_raw": ()} if options.get("learnable_temperature") else {})


def spatial(side: int, options: dict) -> Shapes:
    shapes: Shapes = {"conv.weight": (1, 2, side, side)}
    shapes |= {"conv.bias": (1,)} if options.get("bias") else {}
    return shapes | ({"t_raw": ()} if options.get("learnable_temperature") else {})


def dynamic(options: dict) -> Shapes:
    dilated = options.get("dilated", (7, 2))
    sides = [*options.get("kernels", (3, 7)), *([] if dilated is None else [dilated[0]])]
    inputs = 4 if options.get("coordinates") else 2
    shapes: Shapes = {}
    for k, side in enumerate(sides):
        if options.get("separable"):
            shapes |= {f"branches.{k}.dw.weight": (inputs, 1, side, side)}
            shapes |= {f"branches.{k}.pw.weight": (1, inputs, 1, 1)}
        else:
            shapes |= {f"branches.{k}.weight": (1, inputs, side, side)}
    hidden = options.get("router_hidden", 8)
    shapes |= mlp(inputs, hidden, len(sides), ("router.1", "router.3"), bias=True)
    return shapes | ({"t_raw": ()} if options.get("learnable_temperature") else {})


def conv_norm(conv: str, bn: str, inputs: int, outputs: int, side: int = 3) -> Shapes:
    shapes: Shapes = {f"{conv}.weight": (outputs, inputs, side, side)}
    for part in ("weight", "bias", "running_mean", "running_var"):
        shapes[f"{bn}.{part}"] = (outputs,)
    return shapes | {f"{bn}.num_batches_tracked": ()}


def branch(inputs: int, outputs: int) -> Shapes:
    return conv_norm("conv1", "bn1", inputs, outputs) | conv_norm("conv2", "bn2", outputs, outputs)


def skip(inputs: int, outputs: int, stride: int) -> Shapes:
    changes = stride != 1 or inputs != outputs
    return conv_norm("skip.0", "skip.1", inputs, outputs, side=1) if changes else {}


def cbam(channels: int, side: int = 7) -> Shapes:
    """Return the state of the first notes' CBAM, which has no biases."""
    layers = channel(channels, {}, ("mlp.0", "mlp.2"), max(channels // 16, 4))
    return below("ca", layers) | below("sa", spatial(side, {}))


def network(parts: tuple[str, ...], block) -> Shapes:
    """Return the state of the flat model; ``block`` gives that of one residual block."""
    first, second, one, two, last = parts
    return (
        conv_norm(f"{first}.0", f"{first}.1", 3, 32)
        | conv_norm(f"{second}.0", f"{second}.1", 32, 64)
        | below(one, block(64, 64, 1))
        | below(two, block(64, 128, 2))
        | conv_norm(f"{last}.0", f"{last}.1", 128, 128)
        | {"head.2.weight": (10, 128), "head.2.bias": (10,)}
    )
