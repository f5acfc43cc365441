"""A live figure's graph, run by Python's onnxruntime, beside the module in PyTorch; its labels."""

import random
from collections.abc import Callable, Collection

import onnxruntime
import torch
from torch import Tensor

from cbam_teach.language import set_language
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


def assert_agrees(
    figure: LiveFigure, *, whole: Collection[str] = (), count: int = 8, most: int = 100_000
) -> None:
    """The graph gives what the module gives, at random settings (`whole`: those that are whole)."""
    assert all(len(model) < most for model in figure.models)
    for seed in range(count):
        settings = random_settings(figure, 0, seed)
        settings |= {name: round(settings[name]) for name in whole if name in settings}
        assert worst(figure, 0, settings) < TOLERANCE, settings


def assert_translated(
    make: Callable[[], LiveFigure], raw: Collection[str], alike: Collection[str] = ()
) -> None:
    """Every label of a figure is written in both languages; only those of `alike` are the same.

    `raw` are names of the code that no reader should see.
    """
    said = {}
    for language in ("en", "tr"):
        set_language(language)
        spec = make().spec
        labels = [entry["label"] for kind in ("controls", "views") for entry in spec[kind]]
        labels += [option for control in spec["controls"] for option in control.get("options", ())]
        said[language] = {
            *labels,
            *(name for view in spec["views"] for name in view["names"] or ()),
        }
        assert not said[language] & set(raw) - set(alike), said[language] & set(raw)
    assert said["en"] & said["tr"] <= set(alike), said["en"] & said["tr"]
