"""The most memory that a call holds at once, beyond what was held before it."""

from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile


def peak(call: Callable[[], object], device: str) -> float:
    """Megabytes (10^6 bytes): of CUDA's allocator, or of PyTorch's on the CPU, by its own log."""
    call()  # workspaces that stay are there now
    if device == "cuda":
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        call()
        torch.cuda.synchronize()
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as log:
        call()
    changes = [e for e in log.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = most = 0
    for change in sorted(changes, key=lambda e: e.start_ns()):
        held += change.nbytes()
        most = max(most, held)
    return most / 1e6
