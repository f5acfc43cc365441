"""Files of a run that a kill at any moment leaves whole, and the check that they fit the run."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import torch
from torch import nn

from cbam_teach.language import problem

FORMAT = 1


def replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file so that its name always leads to a whole one, the old or the new.

    The new one is written beside it as ``<name>.part``, brought to the disk, then renamed.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    if os.name == "posix":  # the renaming itself must reach the disk, too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, in UTF-8."""
    replace(path, lambda file: file.write(text.encode()))


def write(path: Path, description: list[str], state: dict[str, Any]) -> None:
    """Write a checkpoint whole or not at all.

    Args:
        path: where.
        description: what `describe` says of the model.
        state: "model", its state dictionary, and further entries: tensors, numbers, texts,
            and lists and dictionaries of them.
    """
    whole = {"format": FORMAT, "description": description, **state}
    replace(path, lambda file: torch.save(whole | {"digest": digest(whole)}, file))


def read(path: Path, description: list[str]) -> dict[str, Any]:
    """Read a checkpoint, its tensors on the CPU; no code in it is run.

    Raises:
        ValueError: when the file is damaged, is no checkpoint of this package, or belongs to
            a model with another description.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise problem(
            FileNotFoundError, "error.no_checkpoint", given=str(path), allowed="best.pt, last.pt"
        ) from None
    except Exception as error:  # a damaged file can fail in any part of the reader
        raise damaged(path, type(error).__name__) from error
    if not isinstance(state, dict):
        raise damaged(path, type(state).__name__)
    if state.pop("digest", None) != digest(state) or state.get("format") != FORMAT:
        raise damaged(path, f"format {state.get('format')}")
    here, there = set(description), set(state["description"])
    if description != state["description"]:
        raise problem(
            ValueError, "error.other_model", path=path,
            given=next((line for line in description if line not in there), "–"),
            allowed=next((line for line in state["description"] if line not in here), "–"),
        )  # fmt: skip
    return state


def damaged(path: Path, given: str) -> Exception:
    return problem(
        ValueError, "error.damaged", path=path, given=given, allowed=f"SHA-256, format {FORMAT}"
    )


def digest(state: Any) -> str:
    """Return the SHA-256 of everything in a checkpoint; torch.load itself compares nothing."""
    sha = hashlib.sha256()

    def add(value: Any) -> None:
        if isinstance(value, torch.Tensor):
            add(f"{tuple(value.shape)} {value.dtype}")
            sha.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
        elif isinstance(value, dict):
            add([part for entry in value.items() for part in entry])
        elif isinstance(value, list | tuple):
            add(len(value))
            for part in value:
                add(part)
        else:
            sha.update(f"{value!r};".encode())

    add(state)
    return sha.hexdigest()


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Give a model the weights of a checkpoint, ``best.pt`` or ``last.pt`` of `fit`'s folder.

    Args:
        model: built as the trained one was; its weights are overwritten.
        path: the file.

    Raises:
        FileNotFoundError, ValueError: when there is no such file, it is damaged, or it
            belongs to a model built otherwise.
    """
    model.load_state_dict(read(Path(path), describe(model))["model"])


def describe(model: nn.Module) -> list[str]:
    """Say what a model is made of, one line for each module and each tensor.

    Two models with the same lines can exchange their weights, and their modules of this package
    and of PyTorch then compute the same: the lines hold each module's class, each tensor's shape
    and type, and of those modules the plain settings (stride, placement, …) and the value of a
    single number that is not stored with the weights. What other modules hold besides their
    tensors is not compared: it may be a setting, or a counter that changes as they run.
    """
    stored = set(map(id, model.state_dict(keep_vars=True).values()))
    lines, known = [], set()
    for name, module in model.named_modules():
        settings = {}
        if type(module).__module__.startswith(("cbam_teach.", "torch.nn.")):
            known.add(name)
            settings = {
                key: value
                for key, value in sorted(vars(module).items())
                if key != "training" and not key.startswith("_") and plain(value)
            }
        lines.append(f"{name or 'model'}: {type(module).__name__} {settings}")
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        owner = name.rpartition(".")[0]
        setting = id(tensor) not in stored and tensor.numel() == 1 and owner in known
        value = f" = {tensor.item()}" if setting else ""
        lines.append(f"{name}: {tuple(tensor.shape)} {tensor.dtype}{value}")
    return lines


def plain(value: object) -> bool:
    """Whether a value is a number, a word, True, False, None, or a tuple of such."""
    if isinstance(value, tuple):
        return all(map(plain, value))
    return value is None or isinstance(value, bool | int | float | str)
