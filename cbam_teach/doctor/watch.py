"""One forward pass, watched: every operation, what it was given and what came of it.

The record is a graph of values. Each tensor is a value with a number; an operation in place makes
a new value of the same tensor. Numbers are given in order, so that they mean the same in the next
pass of the same block over an input of the same shape: there a value can be kept, or another put
in its place.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from cbam_teach import fast
from cbam_teach.doctor.arguments import (
    TAKEN_APART,
    flat,
    home,
    overwritten,
    taken_apart,
    tensors,
)
from cbam_teach.doctor.record import Call, Record, Step

#: What these give does not depend on the values of what they are given.
SHAPE_ONLY = ("zero", "fill", "bernoulli", "uniform", "normal")


class Watcher(TorchDispatchMode):
    """Records each operation; keeps some values, and puts others in the place of some."""

    def __init__(self, names: Mapping[int, str], keep: Collection[int], put: "Put") -> None:
        super().__init__()
        self.record = Record()
        self.names, self.keep, self.put = names, keep, put
        self.scope: list[str] = []
        self.numbers: dict[int, int] = {}  # id of a tensor -> its present value
        self.alive: dict[int, Tensor] = {}  # so that no id is given away again
        self.homes: dict[int, list[int]] = {}  # where a storage lies -> ids of the tensors in it

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first pass imports the compiler, which takes a second

    def new(self, tensor: Tensor) -> int:
        """Give a tensor the next number."""
        number = len(self.record.shapes)
        self.record.shapes.append(tuple(tensor.shape))
        if id(tensor) not in self.alive:
            self.alive[id(tensor)] = tensor
            self.homes.setdefault(home(tensor), []).append(id(tensor))
        self.numbers[id(tensor)] = number
        return number

    def number(self, tensor: Tensor) -> int:
        """Return the number of a tensor; one that was never seen is a leaf."""
        if id(tensor) in self.numbers:
            return self.numbers[id(tensor)]
        number = self.new(tensor)
        self.record.leaves[number] = self.names.get(id(tensor), "")
        if number in self.keep:
            self.record.kept[number] = tensor.clone()
        return number

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        if name in TAKEN_APART:
            with self:
                return taken_apart(name, args, kwargs)
        leaves = flat((args, kwargs))
        inputs = tuple(self.number(leaf) for leaf in leaves if isinstance(leaf, Tensor))
        constants = tuple(leaf for leaf in leaves if not isinstance(leaf, Tensor))
        op = name if name.startswith("_") else name.removesuffix("_")
        if op == "copy":
            inputs = inputs[1:]  # what was there before does not matter
        elif op in SHAPE_ONLY or op.startswith("new_") or op.endswith("_like"):
            inputs = ()
        try:
            out = func(*args, **kwargs)
        except Exception:
            self.record.failed = Step(op, inputs, (), tuple(self.scope), constants)
            raise
        written = list(overwritten(func, args, kwargs))
        outputs = tuple(self.new(tensor) for tensor in written)
        out = self.fresh(out, written)
        results = (out,) if isinstance(out, Tensor) else flat(out)
        outputs += tuple(self.new(t) for t in results if self.is_new(t))
        self.record.steps.append(Step(op, inputs, outputs, tuple(self.scope), constants))
        for tensor in written:
            self.spread(tensor)
            self.watch(self.numbers[id(tensor)], tensor)
        return out

    def is_new(self, leaf: object) -> bool:
        """Return whether this is a tensor that the operation has made."""
        return isinstance(leaf, Tensor) and id(leaf) not in self.numbers

    def fresh(self, out: Any, written: list[Tensor]) -> Any:
        """Keep, or put others in the place of, what an operation that writes nothing returns."""
        number = len(self.record.shapes)
        if written or out is None:
            return out
        if isinstance(out, Tensor):
            return self.exchanged(out, number)
        new = []
        for part in flat(out):
            if isinstance(part, Tensor) and self.is_new(part):
                new.append(self.exchanged(part, number))
                number += 1
            else:
                new.append(part)
        return type(out)(new) if type(out) in (tuple, list) and len(new) == len(out) else out

    def exchanged(self, tensor: Tensor, number: int) -> Tensor:
        """Return a new value, or what is put in its place; keep it if it is wanted."""
        if number in self.put:
            tensor = self.put[number](tensor)
        if number in self.keep:
            self.record.kept[number] = tensor.clone()
        return tensor

    def watch(self, number: int, tensor: Tensor) -> None:
        """Do the same with a tensor that was overwritten."""
        if number in self.put:
            tensor.copy_(self.put[number](tensor))
        if number in self.keep:
            self.record.kept[number] = tensor.clone()

    def spread(self, written: Tensor) -> None:
        """Give every other tensor that lies in the same memory a new value as well."""
        cause = self.numbers[id(written)]
        for other in list(self.homes.get(home(written), ())):
            if other != id(written):
                before = self.numbers[other]
                after = self.new(self.alive[other])
                step = Step("alias", (before, cause), (after,), tuple(self.scope))
                self.record.steps.append(step)
                if after in self.keep:
                    self.record.kept[after] = self.alive[other].clone()


Put = Mapping[int, Callable[[Tensor], Tensor]]


@contextmanager
def hooked(block: nn.Module, watcher: Watcher) -> Iterator[None]:
    """Tell the watcher in which module each operation runs."""
    calls: list[Call] = []  # that have begun and not ended
    with ExitStack() as stack:
        for name, module in block.named_modules():
            if isinstance(module, torch.jit.ScriptModule):
                continue  # what happens inside is seen, but not in which part
            before = module.register_forward_pre_hook(
                partial(enter, watcher, calls, name), prepend=True, with_kwargs=True
            )
            stack.callback(before.remove)
            after = module.register_forward_hook(
                partial(leave, watcher, calls, name), always_call=True
            )
            stack.callback(after.remove)
        yield


def enter(
    watcher: Watcher, calls: list[Call], name: str, module: nn.Module, args: Any, kwargs: Any
) -> None:
    """Note that a module is called."""
    watcher.scope.append(name)
    call = Call(name, tuple(map(watcher.number, tensors((args, kwargs)))))
    watcher.record.calls.append(call)
    calls.append(call)


def leave(
    watcher: Watcher, calls: list[Call], name: str, module: nn.Module, args: Any, output: Any
) -> None:
    """Note that a call has ended."""
    if output is None and not watcher.record.failed_in:  # called on the way of an error
        watcher.record.failed_in = tuple(watcher.scope)
    if watcher.scope and watcher.scope[-1] == name:
        watcher.scope.pop()
        call = calls.pop()
        call.outputs = tuple(map(watcher.number, tensors(output)))


def watched(
    block: nn.Module, x: Tensor, *, keep: Collection[int] = (), put: Put | None = None
) -> Record:
    """Run a block without gradients on x, and return the record; an error is in the record."""
    names = {id(t): name for name, t in [*block.named_parameters(), *block.named_buffers()]}
    watcher = Watcher(names, keep, put or {})
    x = x.clone()
    watcher.number(x)
    record = watcher.record
    before = fast.watched.set(True)
    with torch.no_grad(), hooked(block, watcher):
        try:
            with watcher:
                out = block(x)
            found = tensors(out)
            if not found:
                raise TypeError(f"{type(block).__name__} returned no tensor")
            record.output, record.result = watcher.number(found[0]), found[0].clone()
        except Exception as error:
            record.error = error
        finally:
            fast.watched.reset(before)
    return record
