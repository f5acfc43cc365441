"""Sums over a whole map, added row by row.

The page's engine adds the numbers of a sum one after another in float32. Over a map of 64 × 64
that loses four digits; over each row first, and then over the rows' sums, it loses one.
"""

from typing import Any

REDUCTIONS = ("ReduceMean", "ReduceSum")
INT64 = 7  # the number of that type in ONNX


def one_axis_at_a_time(graph: Any) -> Any:
    """Replace each mean and sum over several axes by one for each axis, the last axis first."""
    from onnx import helper, numpy_helper

    body = graph.graph
    known = {item.name: numpy_helper.to_array(item) for item in body.initializer}
    nodes = list(body.node)
    del body.node[:]
    for node in nodes:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            known[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        if node.op_type not in REDUCTIONS or len(node.input) < 2 or node.input[1] not in known:
            body.node.append(node)
            continue
        kept = next((bool(a.i) for a in node.attribute if a.name == "keepdims"), True)
        axes = sorted(known[node.input[1]].ravel().tolist())
        if len(axes) < 2 or axes[0] < 0 <= axes[-1]:
            body.node.append(node)
            continue
        value, result = node.input[0], node.output[0]
        for axis in reversed(axes):
            name = f"{result}_axis_{axis}"
            body.initializer.append(helper.make_tensor(f"{name}_is", INT64, [1], [axis]))
            body.node.append(
                helper.make_node(node.op_type, [value, f"{name}_is"], [name], keepdims=1)
            )
            value = name
        if kept:
            body.node[-1].output[0] = result
        else:
            body.node.append(helper.make_node("Squeeze", [value, node.input[1]], [result]))
    return graph
