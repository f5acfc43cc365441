"""A stand-in for a second device, for machines that have none.

What is moved by `.to(device)` is remembered, and so is everything computed from it. An operation
that mixes a remembered tensor with one that was never moved fails, as it would on CUDA; so does
turning a remembered tensor into an array. Values stay those of the CPU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

# CUDA's own exceptions: copies between devices, and positions given by CPU indices.
MAY_MIX = ("aten.copy_", "aten._to_copy", "aten.index.", "aten.index_put", "aten.lift_fresh")

DEVICE = torch.device("cpu", 0)  # unlike torch.device("cpu"), and as good to PyTorch


class Mixed(RuntimeError):
    """Tensors of two devices met in one operation."""


class SecondDevice(TorchDispatchMode):
    """While it is entered, `moved` holds the storages that would lie on the device."""

    def __init__(self) -> None:
        super().__init__()
        # As long as such a reference stands, no other storage is made at the address; the numbers
        # in it may go, or a chapter's training would fill the memory.
        self.moved: dict[int, StorageWeakRef] = {}

    def holds(self, tensor: torch.Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self.moved

    def take(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage.nbytes() and storage.device.type != "meta":  # which has no numbers to mix
            self.moved[storage._cdata] = StorageWeakRef(storage)

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        here = [tensor for tensor in given if self.holds(tensor)]
        stray = [t for t in given if t.numel() > 1 and not self.holds(t)]  # one number may mix
        name = str(operation)
        if here and stray and not name.startswith(MAY_MIX):
            shapes = [tuple(tensor.shape) for tensor in (*here, *stray)]
            raise Mixed(f"{name} met tensors of two devices, of shapes {shapes}")
        result = operation(*args, **(kwargs or {}))
        placed = (kwargs or {}).get("device") == DEVICE  # torch.zeros(3, device=device)
        if placed or (here and not name.startswith("aten.copy_")):
            for tensor in tree_leaves(result):
                if isinstance(tensor, torch.Tensor):
                    self.take(tensor)
        return result


@contextlib.contextmanager
def second_device(monkeypatch) -> Iterator[torch.device]:
    """Enter the stand-in; yields the device that a chapter's first cell would define."""
    device = DEVICE
    mode = SecondDevice()
    tensor_to, module_to = torch.Tensor.to, torch.nn.Module.to

    def wanted(args, kwargs) -> bool:
        """Is the device named, or a tensor that lies there given as the model?"""
        values = (*args, *kwargs.values())
        tensors = [value for value in values if isinstance(value, torch.Tensor)]
        return any(map(mode.holds, tensors)) or device in [
            v for v in values if isinstance(v, torch.device)
        ]

    def move(self, *args, **kwargs):
        if not wanted(args, kwargs):
            return tensor_to(self, *args, **kwargs)
        moved = tensor_to(self, *args, **kwargs)
        moved = moved if mode.holds(self) else moved.clone()
        mode.take(moved)
        return moved

    def move_module(self, *args, **kwargs):
        module = module_to(self, *args, **kwargs)
        if wanted(args, kwargs):
            for tensor in (*module.parameters(), *module.buffers()):
                mode.take(tensor)
        return module

    def bring(self, *args, **kwargs):
        return torch.from_numpy(as_array(self.detach()).copy()) if mode.holds(self) else self

    as_array = torch.Tensor.numpy

    def array(self, *args, **kwargs):
        if mode.holds(self):
            raise Mixed("a tensor of the device has no array; bring it with .cpu() first")
        return as_array(self, *args, **kwargs)

    where = torch.Tensor.device.__get__

    monkeypatch.setattr(
        torch.Tensor, "device", property(lambda self: DEVICE if mode.holds(self) else where(self))
    )
    monkeypatch.setattr(torch.Tensor, "to", move)
    monkeypatch.setattr(torch.nn.Module, "to", move_module)
    monkeypatch.setattr(torch.Tensor, "cpu", bring)
    monkeypatch.setattr(torch.Tensor, "numpy", array)
    with mode:
        yield device
