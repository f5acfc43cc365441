"""Whether an expression in a chapter is computed, or written down."""

from __future__ import annotations

import ast
from collections.abc import Iterator

PLAIN = {"bool", "int", "tuple", "list", "all", "any"}  # calls that only pass a value on


def checks(source: str) -> Iterator[ast.Call]:
    """Every call of `check` in a cell's code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) == "check":
            yield node


def _name(function: ast.expr) -> str:
    """The last word of what is called: check of claims.check."""
    return getattr(function, "id", getattr(function, "attr", ""))


def written(expression: ast.expr, sources: list[str]) -> bool:
    """True for a literal, a name that is only ever given literals, and what is built of these.

    A tuple is written down as soon as one member is: each half of a pair has to be computed.
    """
    if isinstance(expression, ast.Constant):
        return True
    if isinstance(expression, ast.Tuple | ast.List):
        return any(written(member, sources) for member in expression.elts)
    if isinstance(expression, ast.UnaryOp):
        return written(expression.operand, sources)
    if isinstance(expression, ast.BoolOp):
        return all(written(value, sources) for value in expression.values)
    if isinstance(expression, ast.Compare):
        return all(written(side, sources) for side in [expression.left, *expression.comparators])
    if isinstance(expression, ast.IfExp):
        return written(expression.body, sources) and written(expression.orelse, sources)
    if isinstance(expression, ast.Call):
        plain = isinstance(expression.func, ast.Name) and expression.func.id in PLAIN
        return plain and all(written(argument, sources) for argument in expression.args)
    if isinstance(expression, ast.Name):
        given = list(_given(expression.id, sources))
        return bool(given) and all(written(value, sources) for value in given)
    return False


def _given(name: str, sources: list[str]) -> Iterator[ast.expr]:
    """The values that a name is assigned, where they can be told apart from the others'."""
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    yield from _value(name, target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                yield from _value(name, node.target, node.value)


def _value(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            yield from _value(name, one, its)
    elif isinstance(target, ast.Tuple) and any(
        isinstance(one, ast.Name) and one.id == name for one in target.elts
    ):
        yield value  # unpacked from what is computed
