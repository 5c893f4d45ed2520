"""Arguments that came inside something else: a whole call, a list of one, a schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from trashclaw.agent.healing.literals import Unclear
from trashclaw.agent.healing.parsing import parse

_LAYERS = 4
_CARRIERS = ("arguments", "parameters", "args", "kwargs", "params", "input", "tool_input", "function", "properties")
_LABELS = frozenset(
    {"name", "tool", "tool_name", "function_name", "type", "id", "call_id", "function", "recipient_name"}
)
"""What stands beside the arguments where a model writes a whole call in their place."""

_NAMES = ("name", "tool", "tool_name", "function_name", "function", "recipient_name")


def unwrap(value: Any, names: frozenset[str], is_same: Callable[[str], bool]) -> tuple[Any, str]:
    """Return the arguments that a value carries, and the way to them; the value itself where it is none.

    `names` are the tool's arguments, which are never taken for a wrapper; `is_same` tells whether a name is that of
    the tool that was called.

    Raises:
        Unclear: it is the call of another tool.
    """
    way: list[str] = []
    for _ in range(_LAYERS):
        found = _layer(value, names, is_same)
        if found is None:
            break
        step, value = found
        way.append(step)
    return value, ".".join(way)


def _layer(value: Any, names: frozenset[str], is_same: Callable[[str], bool]) -> tuple[str, Any] | None:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        return ("0", value[0]) if value[0].keys() & names.union(_CARRIERS, _NAMES) else None
    if not isinstance(value, Mapping) or names & value.keys():
        return None
    if len(value) == 1 and isinstance(inner := next(iter(value.values())), Mapping) and is_same(next(iter(value))):
        return next(iter(value)), inner
    carrier = next((name for name in _CARRIERS if isinstance(value.get(name), Mapping | str)), "")
    if carrier == "function" and not isinstance(value["function"], Mapping):
        carrier = ""
    inner = _object(value[carrier]) if carrier else None
    if inner is None or not (value.keys() - {carrier}) <= _LABELS:
        return None
    for label in _NAMES:
        named = value.get(label)
        if label != carrier and isinstance(named, str) and not is_same(named):
            raise Unclear(f"it is a call of {named[:60]}")
    return carrier, inner


def _object(carried: Any) -> Mapping[str, Any] | None:
    if isinstance(carried, str):
        try:
            carried = parse(carried)
        except Unclear:
            return None
    return carried if isinstance(carried, Mapping) else None
