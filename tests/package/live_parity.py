"""A live figure's graph, run by Python's onnxruntime, beside the module in PyTorch."""

import random

import onnxruntime
import torch
from torch import Tensor

from cbam_teach.live import Choice, Flag, LiveFigure, Range

TOLERANCE = 1e-5


def random_settings(figure: LiveFigure, variant: int, seed: int) -> dict[str, float]:
    """A number for each control of a variant, anywhere in its range."""
    chance = random.Random(seed)
    found = {}
    for name, control in list(figure.programs.values())[variant].controls.items():
        if isinstance(control, Range):
            low, high = control.least, control.most
            share = chance.random()
            found[name] = low * (high / low) ** share if control.log else low + share * (high - low)
        elif isinstance(control, Choice):
            found[name] = float(chance.randrange(len(control.options)))
        elif isinstance(control, Flag):
            found[name] = float(chance.random() < 0.5)
    return found


class Graph:
    """The exported graph of one variant."""

    def __init__(self, figure: LiveFigure, variant: int) -> None:
        self.session = onnxruntime.InferenceSession(
            figure.models[variant], providers=["CPUExecutionProvider"]
        )
        self.names = [output.name for output in self.session.get_outputs()]

    def run(self, image: Tensor, numbers: dict[str, float]) -> dict[str, Tensor]:
        scalars = {
            f"set {n}": torch.tensor(v, dtype=torch.float32).numpy() for n, v in numbers.items()
        }
        known = {item.name for item in self.session.get_inputs()}
        assert known <= {"image", *scalars}, known
        given = {"image": image.numpy(), **scalars}
        values = self.session.run(None, {n: v for n, v in given.items() if n in known})
        return {n: torch.from_numpy(v) for n, v in zip(self.names, values, strict=True)}


def worst(figure: LiveFigure, variant: int, numbers: dict[str, float]) -> float:
    """The largest difference of any output between the graph and PyTorch; shapes must agree."""
    image = figure.album.images[:1]
    ours = figure.run(variant, numbers, image)
    theirs = Graph(figure, variant).run(image, numbers)
    assert list(ours) == list(theirs)
    assert all(ours[name].shape == theirs[name].shape for name in ours)
    return max((ours[name] - theirs[name]).abs().max().item() for name in ours)
