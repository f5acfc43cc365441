"""A program as an ONNX graph: small, with nothing of the machine in it, the same every time."""

import copy
import importlib.util
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cbam_teach.checks import named
from cbam_teach.diagnostics import at_rest, home
from cbam_teach.language import problem
from cbam_teach.live.program import Program, width
from cbam_teach.live.sums import one_axis_at_a_time
from cbam_teach.live.views import IMAGE

SETTING = "set "  # stands before a setting's name among the inputs
FOLD = 1024  # bytes: a larger constant is computed in the page, not stored
LOGGERS = ("torch.onnx", "onnxscript", "onnx_ir")  # of the packages that write a graph

# How PyTorch's exporter and its tracer name an operator.
OPERATORS = (
    r"No ONNX function found for <OpOverload\(op='([\w.]+)'",
    r"<OpOverload\(op='([\w.]+)'",
    r"\b((?:aten|prims|torchvision|cbam_teach)[.:]+\w+(?:\.\w+)?)",
    r"(Could not guard on data-dependent expression)",
)


def can_export() -> bool:
    """Whether the packages that write a graph are there: onnx and onnxscript."""
    return all(importlib.util.find_spec(name) for name in ("onnx", "onnxscript"))


def are_wanted() -> bool:
    """Whether figures shall have graphs.

    With a kernel they compute without. Where nobody will look at a figure without a kernel, the
    variable ``CBAM_TEACH_GRAPHS=0`` in the environment saves some seconds a figure.
    """
    return os.environ.get("CBAM_TEACH_GRAPHS") != "0"


def to_onnx(
    program: Program, image: Float[Tensor, "1 c h w"], names: list[str] | None = None
) -> bytes:
    """Return the graph of a program whose outputs are chosen.

    Its inputs are ``image`` (1, C, H, W) and a scalar per control, float32, named "set " and the
    control's name, since an output may have that name too; its outputs those chosen, under
    ``names``.

    Args:
        program: what is exported, as it computes in evaluation mode.
        image: a picture of the size that the graph will take.
        names: the outputs' names in the graph; their names in the program unless given.

    Raises:
        ValueError: where a part cannot be written as a graph; the error names the operator.
        ImportError: where onnx or onnxscript is missing.
    """
    if width(program, image) != torch.float32:
        program = copy.deepcopy(program).float()  # the page has no other numbers
    image = image.float().to(home(program, image))
    scalars = program.scalars(program.starts(), image)
    try:
        with quietly(), at_rest(program):
            exported: Any = torch.onnx.export(
                program,
                (image, *scalars.values()),
                dynamo=True,
                external_data=False,
                optimize=False,
                verbose=False,
                input_names=[IMAGE, *(f"{SETTING}{name}" for name in program.controls)],
                output_names=names or list(program.outputs),
            )
            graph = smaller(exported)
    except ImportError:
        raise
    except Exception as error:
        raise problem(
            ValueError, "live.error.export", module=named(program.module),
            given=operator(error), allowed="torch.where, torch.clamp, …",
        ) from error  # fmt: skip
    return canonical(one_axis_at_a_time(graph))


def smaller(exported: Any) -> Any:
    """Drop what is not needed and fold small constants; large ones stay to be computed."""
    from onnxscript import optimizer

    optimizer.optimize_ir(exported.model, input_size_limit=FOLD, output_size_limit=FOLD)
    return exported.model_proto


def canonical(graph: Any) -> bytes:
    """Return a graph's bytes without paths, versions and remarks of the tools that wrote it."""
    graph.producer_name, graph.producer_version, graph.doc_string = "cbam_teach", "", ""
    for part in (graph, graph.graph):
        del part.metadata_props[:]
    body = graph.graph
    body.name = "live"
    del body.value_info[:]
    for node in body.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*body.input, *body.output, *body.initializer):
        del value.metadata_props[:]
        value.doc_string = ""
    return bytes(graph.SerializeToString(deterministic=True))


def operator(error: BaseException) -> str:
    """Return the operator that an exporter's error names, or the error's class."""
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    for pattern in OPERATORS:
        for text in texts:
            if found := re.search(pattern, text):
                return found[1]
    return type(error).__name__


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the exporter's notices from the reader, inside the ``with`` block."""
    levels = {logger: logger.level for logger in map(logging.getLogger, LOGGERS)}
    for logger in levels:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, before in levels.items():
            logger.setLevel(before)
