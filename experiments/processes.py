"""Carries out runs in processes of this machine, which end with the command, whatever ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process


class Lost(Exception):
    """A worker is gone, and with it the runs that were going on or still to begin."""

    def __str__(self) -> str:
        return "a worker was killed from outside, as a system does that is out of memory"


def in_processes(jobs: int, work):
    """Return a function that carries out tasks, and yields each one's run and outcome as it ends.

    Args:
        jobs: how many at a time, each in a process of its own.
        work: called with the parts of a task, the first of which is the run. What it returns is
            the outcome, or the exception that it raises; `Lost` where its process was killed.
    """

    def spread(tasks):
        with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=watch_parent) as pool:
            try:
                with undisturbed():
                    going = {pool.submit(work, *task): task[0] for task in tasks}
                for done in as_completed(going):
                    error = done.exception()
                    lost = isinstance(error, BrokenProcessPool)
                    yield going[done], Lost() if lost else error or done.result()
            except BaseException:
                for child in active_children():  # each goes on from its last whole epoch
                    child.kill()
                raise

    return spread


@contextlib.contextmanager
def undisturbed():
    """Hold Ctrl+C back; processes started meanwhile never see it: the command ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def watch_parent() -> None:
    """End this worker with the command: left alone it would go on, beside the next command's."""
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
