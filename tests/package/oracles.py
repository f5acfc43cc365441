"""The same mathematics, written once more: plain loops over indices, float64, no layers.

Only the batch stays a vector. Nothing here is taken from the package.
"""

import torch

Tensor = torch.Tensor


def sigmoid(z: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-z))


def hardsigmoid(z: Tensor) -> Tensor:
    return torch.clamp((z + 3) / 6, 0, 1)


def conv(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """Convolve without a bias term, one output pixel at a time."""
    _, _, height, width = x.shape
    outputs, _, rows, columns = weight.shape
    high = (height + 2 * padding - rows) // stride + 1
    wide = (width + 2 * padding - columns) // stride + 1
    pixels = []
    for o in range(outputs):
        for i in range(high):
            for j in range(wide):
                total = 0 * x[:, 0, 0, 0]
                for u in range(rows):
                    for v in range(columns):
                        r, q = i * stride + u - padding, j * stride + v - padding
                        if 0 <= r < height and 0 <= q < width:
                            total = total + (x[:, :, r, q] * weight[o, :, u, v]).sum(1)
                pixels.append(total)
    return torch.stack(pixels, 1).reshape(-1, outputs, high, wide)


def channel_mask(
    x: Tensor, first: Tensor, second: Tensor, use: str = "both", gate=sigmoid, act=torch.relu
) -> Tensor:
    """Weigh each channel: ``first`` is (hidden, C), ``second`` (C, hidden)."""
    _, channels, height, width = x.shape
    means, tops = [], []
    for c in range(channels):
        pixels = [x[:, c, i, j] for i in range(height) for j in range(width)]
        means.append(sum(pixels) / len(pixels))
        top = pixels[0]
        for pixel in pixels[1:]:
            top = torch.where(pixel > top, pixel, top)
        tops.append(top)
    logits = []
    for c in range(channels):
        total = 0
        for summary in {"both": (means, tops), "mean": (means,), "max": (tops,)}[use]:
            for h in range(first.shape[0]):
                hidden = sum(first[h, k] * summary[k] for k in range(channels))
                total = total + second[c, h] * act(hidden)
        logits.append(total)
    return gate(torch.stack(logits, 1))[:, :, None, None]


def spatial_mask(
    x: Tensor, kernel: Tensor, turned: bool = False, swapped: bool = False, gate=sigmoid
) -> Tensor:
    """Weigh each position; ``turned`` and ``swapped`` are the mistakes to be told apart."""
    channels = x.shape[1]
    mean, top = 0, x[:, 0]
    for c in range(channels):
        mean = mean + x[:, c] / channels
        top = torch.where(x[:, c] > top, x[:, c], top)
    pair = [top, mean] if swapped else [mean, top]
    kernel = kernel.transpose(2, 3) if turned else kernel
    return gate(conv(torch.stack(pair, 1), kernel, 1, kernel.shape[-1] // 2))


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
