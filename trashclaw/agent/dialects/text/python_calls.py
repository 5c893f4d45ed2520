"""Calls as Python writes them: literals only, parsed and never run."""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from collections.abc import Sequence
from typing import Any

from trashclaw.agent.dialects.text.calls import NAME, Block, Found, Scope, first_of

_LONGEST_CHARS = 400_000
_CONSTANTS = {"true": True, "false": False, "null": None}
_HEAD = re.compile(rf"\[?\s*(?:print\()?\s*({NAME})\(")


def python_calls(text: str, start: int, closings: Sequence[str], scope: Scope) -> Block | None:
    """Read calls up to one of `closings`, which is taken too: one, several lines of them, or a list."""
    head = _HEAD.match(text, start)
    if head is None:
        return None
    end, after = first_of(text, closings, start)
    while True:
        calls = _parse(text[start:end].strip(), scope)
        if calls is not None or after >= len(text):
            break
        further, beyond = first_of(text, closings, after)
        if further >= len(text):
            break
        # What looked like the end stood inside a string.
        end, after = further, beyond
        if end - start > _LONGEST_CHARS // 8:
            break
    if calls is not None:
        return Block(tuple(calls), after)
    return Block((Found(_plain_name(head[1]), text[head.end() : end].strip()),), after)


def _parse(source: str, scope: Scope) -> list[Found] | None:
    if len(source) > _LONGEST_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
        calls = [_found(node, scope) for statement in body for node in _nodes(statement)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return calls or None


def _nodes(statement: ast.stmt) -> list[ast.expr]:
    if not isinstance(statement, ast.Expr | ast.Assign):
        raise ValueError("no call")
    value = statement.value
    if isinstance(value, ast.List | ast.Tuple):
        return value.elts
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print" and value.args:
        return value.args
    return [value]


def _found(node: ast.expr, scope: Scope) -> Found:
    if not isinstance(node, ast.Call):
        raise ValueError("no call")
    name = _plain_name(ast.unparse(node.func))
    if re.fullmatch(NAME, name) is None:
        raise ValueError("no name")
    required = scope.required(name)
    if len(node.args) > len(required):
        raise ValueError("arguments without names")
    members: dict[str, Any] = {key: _literal(arg) for key, arg in zip(required, node.args, strict=False)}
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in members:
            raise ValueError("arguments without names, or twice")
        members[keyword.arg] = _literal(keyword.value)
    return Found(name, json.dumps(members, ensure_ascii=False, allow_nan=False))


def _plain_name(name: str) -> str:
    return name.removesuffix(".call")


def _literal(node: ast.expr) -> Any:
    """Return the value of a literal that JSON can hold."""
    match node:
        case ast.Constant(value=str() | int() | None as value):
            return value
        case ast.Constant(value=float() as value) if math.isfinite(value):
            return value
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_literal(element) for element in elements]
        case ast.Dict(keys=keys, values=values):
            return {_key(key): _literal(value) for key, value in zip(keys, values, strict=True)}
        case _:
            raise ValueError("no literal")


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError("no key")
