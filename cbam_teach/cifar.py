"""CIFAR-10, through torchvision where it is installed."""

from pathlib import Path
from typing import Any

import torch

from cbam_teach import checks
from cbam_teach.language import problem
from cbam_teach.pictures import Pictures, need


def cifar10(root: str | Path, *, train: bool, download: bool = False) -> Pictures:
    """Read CIFAR-10: 32 × 32 colour photographs of ten kinds of things.

    Args:
        root: the folder that holds, or will hold, torchvision's ``cifar-10-batches-py``.
        train: whether to read the 50,000 pictures for training or the 10,000 for the test.
        download: whether torchvision may fetch what the folder does not hold.

    Returns:
        `Pictures`: ``images`` (N, 3, 32, 32), 0 to 1 (614 MB for training, 123 MB for the
        test), and ``labels`` (N,), 0 to 9.

    Raises:
        TypeError: for a flag that is not True or False.
        ImportError: where torchvision is missing, or does not match the PyTorch that is there.
        FileNotFoundError: where the folder does not hold the pictures and ``download`` is off.

    Source:
        Krizhevsky (2009), "Learning multiple layers of features from tiny images".
    """
    checks.flag("cifar10", "train", train)
    checks.flag("cifar10", "download", download)

    def load() -> Any:
        from torchvision.datasets import CIFAR10

        return CIFAR10

    # Naming the PyTorch that is there keeps pip from putting another in its place.
    cure = f"pip install torchvision torch=={torch.__version__}"
    reader = need("cifar10", "torchvision", cure, load)
    try:
        files = reader(root=str(root), train=train, download=download)
    except RuntimeError as error:
        if download:
            raise
        raise problem(
            FileNotFoundError, "error.cifar", owner="cifar10",
            given=repr(str(root)), allowed="download=True",
        ) from error  # fmt: skip
    pixels = torch.as_tensor(files.data)  # (N, 32, 32, 3), 0 to 255
    images = pixels.movedim(-1, 1).contiguous().float().div_(255)  # (N, 3, 32, 32)
    return Pictures(images=images, labels=torch.as_tensor(files.targets))
