"""The same mathematics, written once more: plain loops over indices, float64, no layers.

Only the batch stays a vector. Nothing here is taken from the package.
"""

import torch

Tensor = torch.Tensor


def sigmoid(z: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-z))


def hardsigmoid(z: Tensor) -> Tensor:
    return torch.clamp((z + 3) / 6, 0, 1)


def silu(z: Tensor) -> Tensor:
    return z * sigmoid(z)


def hardswish(z: Tensor) -> Tensor:
    return z * hardsigmoid(z)


def softplus(p: Tensor) -> Tensor:
    return torch.log(1 + torch.exp(p))


def softmax(logits: list[Tensor]) -> list[Tensor]:
    grown = [torch.exp(z) for z in logits]
    return [one / sum(grown) for one in grown]


def linear(layer: tuple[Tensor, ...], inputs: list[Tensor]) -> list[Tensor]:
    """Apply (weight, bias) or (weight,) to a list of vectors over the batch."""
    outputs = []
    for o in range(layer[0].shape[0]):
        total = sum(layer[0][o, k] * one for k, one in enumerate(inputs))
        outputs.append(total + layer[1][o] if len(layer) == 2 else total)
    return outputs


def conv(x: Tensor, weight: Tensor, stride: int, padding: int, dilation: int = 1) -> Tensor:
    """Convolve without a bias term, one output pixel at a time."""
    _, _, height, width = x.shape
    outputs, _, rows, columns = weight.shape
    high = (height + 2 * padding - dilation * (rows - 1) - 1) // stride + 1
    wide = (width + 2 * padding - dilation * (columns - 1) - 1) // stride + 1
    padded = x.new_zeros(*x.shape[:2], height + 2 * padding, width + 2 * padding)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    pixels = []
    for o in range(outputs):
        for i in range(high):
            for j in range(wide):
                down = [i * stride + u * dilation for u in range(rows)]
                across = [j * stride + v * dilation for v in range(columns)]
                window = padded[:, :, down][:, :, :, across]  # (B, C, rows, columns)
                pixels.append((window * weight[o]).sum((1, 2, 3)))
    return torch.stack(pixels, 1).reshape(-1, outputs, high, wide)


def over_pixels(x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Return means and maxima; of equal pixels the first is the one that counts."""
    _, channels, height, width = x.shape
    means, tops = [], []
    for c in range(channels):
        pixels = [x[:, c, i, j] for i in range(height) for j in range(width)]
        means.append(sum(pixels) / len(pixels))
        top = pixels[0]
        for pixel in pixels[1:]:
            top = torch.where(pixel > top, pixel, top)
        tops.append(top)
    return means, tops


def over_channels(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and maximum of each position; channels that are equal count alike."""
    channels = x.shape[1]
    top = x[:, 0].detach()
    for c in range(1, channels):
        top = torch.where(x[:, c] > top, x[:, c], top).detach()
    holds = [(x[:, c] == top).double() for c in range(channels)]
    shared = sum(x[:, c] * holds[c] for c in range(channels)) / sum(holds)
    return sum(x[:, c] for c in range(channels)) / channels, shared


def channel_mask(
    x: Tensor,
    first: Tensor,
    second: Tensor,
    use: str = "both",
    gate=sigmoid,
    act=torch.relu,
    biases: tuple[Tensor, Tensor] | None = None,
    shares: tuple = (1, 1),
    temperature: Tensor | float = 1,
) -> Tensor:
    """Weigh each channel: ``first`` is (hidden, C), ``second`` (C, hidden)."""
    layers = [(first,), (second,)]
    if biases is not None:
        layers = list(zip((first, second), biases, strict=True))
    means, tops = over_pixels(x)
    logits = [0] * x.shape[1]
    for word, share, summary in (("mean", shares[0], means), ("max", shares[1], tops)):
        if use in ("both", word):
            hidden = [act(one) for one in linear(layers[0], summary)]
            second_layer = linear(layers[1], hidden)
            logits = [z + share * one for z, one in zip(logits, second_layer, strict=True)]
    return gate(torch.stack(logits, 1) / temperature)[:, :, None, None]


def spatial_mask(
    x: Tensor,
    kernel: Tensor,
    turned: bool = False,
    swapped: bool = False,
    gate=sigmoid,
    bias: Tensor | float = 0,
    norm: torch.nn.BatchNorm2d | None = None,
    temperature: Tensor | float = 1,
) -> Tensor:
    """Weigh each position; ``turned`` and ``swapped`` are the mistakes to be told apart."""
    mean, top = over_channels(x)
    pair = [top, mean] if swapped else [mean, top]
    kernel = kernel.transpose(2, 3) if turned else kernel
    z = conv(torch.stack(pair, 1), kernel, 1, kernel.shape[-1] // 2) + bias
    return gate((z if norm is None else batch_norm(z, norm)) / temperature)


def batch_norm(x: Tensor, norm: torch.nn.BatchNorm2d) -> Tensor:
    """Normalise each channel: by its own batch in training, by the stored numbers else."""
    channels = []
    for c in range(x.shape[1]):
        values = x[:, c]
        if norm.training:
            mean = values.sum() / values.numel()
            variance = ((values - mean) ** 2).sum() / values.numel()
        else:
            mean, variance = norm.running_mean[c], norm.running_var[c]
        scaled = (values - mean) / (variance + norm.eps) ** 0.5
        channels.append(scaled * norm.weight[c] + norm.bias[c])
    return torch.stack(channels, 1)


def cbam(x: Tensor, first: Tensor, second: Tensor, kernel: Tensor) -> Tensor:
    x = x * channel_mask(x, first, second)
    return x * spatial_mask(x, kernel)


def gradients(y: Tensor, probe: Tensor, *inputs: Tensor) -> list[Tensor]:
    """Return the gradient of the weighted sum of y, with fixed weights, for each input."""
    return list(torch.autograd.grad((y * probe).sum(), inputs))
