"""One process or several: who this one is, and the few things that all do together.

`torchrun` starts several processes and tells each its number in the environment. Everything
here does the same, and nothing, when there is one process.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import torch
from torch import Tensor, distributed, nn

from cbam_teach.language import problem

GROUPS = count()  # the groups that this process opens are numbered


@dataclass(frozen=True)
class Team:
    """The processes of a run, as one of them sees it.

    Args:
        rank: this one's number, from 0; process 0 alone writes.
        size: how many there are.
        device: where this one computes.
    """

    rank: int
    size: int
    device: torch.device

    def total(self, values: Tensor) -> Tensor:
        """Add up a tensor over all processes, in place; each gets the sum."""
        if self.size > 1:
            distributed.all_reduce(values)
        return values

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the model that averages gradients over all processes; its weights are those
        of process 0 from here on."""
        if self.size == 1:
            return model
        devices = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(model, device_ids=devices)

    def share_buffers(self, model: nn.Module) -> None:
        """Give every process the buffers of process 0: batch norm's averages, which each
        process computes from its own samples."""
        if self.size > 1:
            for buffer in model.buffers():
                distributed.broadcast(buffer, 0)


@contextmanager
def join(device: str | torch.device | None = None) -> Iterator[Team]:
    """Join the processes that `torchrun` started, or be alone where it started none.

    A process group that the caller has opened is used and left open; otherwise one is opened
    (nccl on CUDA, gloo on the CPU) and closed at the end.

    Args:
        device: "cpu", "cuda", "cuda:1", …; None for CUDA where there is one. With several
            processes, "cuda" is the one with this process's number on its machine, which
            `torchrun` writes into LOCAL_RANK; where nobody wrote it, the current device, so
            each process must then have called `torch.cuda.set_device`.

    Raises:
        ValueError: for a device that is not there, of another kind, or named by number
            although there are several processes.
    """
    opened = distributed.is_available() and distributed.is_initialized()
    size = distributed.get_world_size() if opened else int(os.environ.get("WORLD_SIZE", "1"))
    chosen = choose(device, size)
    if opened:
        yield Team(distributed.get_rank(), size, chosen)
    elif size == 1:
        yield Team(0, 1, chosen)
    else:
        from torch.distributed.distributed_c10d import PrefixStore

        rank = int(os.environ["RANK"])
        distributed.init_process_group(
            "nccl" if chosen.type == "cuda" else "gloo",
            # Under a prefix of its own: a group that finds the addresses of an earlier one waits
            # for ever.
            store=PrefixStore(f"cbam_teach {next(GROUPS)}", meeting_place()),
            rank=rank,
            world_size=size,
            device_id=chosen if chosen.type == "cuda" else None,
        )
        try:
            yield Team(rank, size, chosen)
        finally:
            # A thread of gloo may still be putting down the last tensor, for which it takes the
            # interpreter's lock; a group that is closed meanwhile waits for that thread, holding
            # the lock, for ever (PyTorch 2.13). Sleeping lets go of it.
            time.sleep(0.1)
            distributed.destroy_process_group()


@cache
def meeting_place() -> Any:
    """Open, once a process, the store in which processes find each other's addresses."""
    from torch.distributed.rendezvous import rendezvous

    return next(rendezvous("env://"))[0]


def choose(device: str | torch.device | None, size: int) -> torch.device:
    """Return the device of this process, one of ``size``."""
    found = torch.cuda.device_count()
    allowed = ["cpu", *(["cuda"] if found else [])]
    try:
        asked = torch.device(allowed[-1] if device is None else device)
    except (RuntimeError, TypeError):
        asked = None
    if asked is None or asked.type not in allowed or (size > 1 and asked.index is not None):
        raise problem(ValueError, "error.device", size=size, given=repr(device), allowed=allowed)
    if asked.type == "cpu":
        return torch.device("cpu")
    if size > 1:
        here = os.environ.get("LOCAL_RANK")
        index = torch.cuda.current_device() if here is None else int(here)
    else:
        index = asked.index or 0
    if index >= found:
        numbers = [f"cuda:{number}" for number in range(found)]
        raise problem(ValueError, "error.device", size=size, given=f"cuda:{index}", allowed=numbers)
    torch.cuda.set_device(index)
    return torch.device("cuda", index)
