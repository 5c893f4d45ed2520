"""Mends the brackets and commas of a text whose values the repairing library never sees.

Every value is a placeholder while the library works; what comes back must hold each of them once, in order, names as
names, and nothing but closing brackets may have been added. So no value can be changed, lost or invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trashclaw.agent.healing.literals import Unclear
from trashclaw.agent.healing.scanning import Scan

LABELS = frozenset(
    {"name", "tool", "tool_name", "function_name", "type", "id", "call_id", "function", "recipient_name"}
)
"""What stands beside the arguments where a model writes a whole call in their place."""

_CLOSERS = {"}", "]"}


def rebuild(scan: Scan, schema: Mapping[str, Any]) -> Any:
    """Return the value that a scanned text stands for.

    Raises:
        Unclear: the brackets do not tell where a value belongs, or a name comes twice with different values.
    """
    import json_repair

    try:
        bare = json_repair.loads(" ".join(scan.tokens))
    except (ValueError, RecursionError) as error:
        raise Unclear(str(error)) from error
    has_more = _compare(scan.tokens, list(_tokens(bare)))
    value = _filled(bare, scan.values)
    if has_more:
        _refuse_strays(value, schema, frozenset())
    return value


def _tokens(bare: Any) -> Iterator[str]:
    if isinstance(bare, dict):
        yield "{"
        for name, value in bare.items():
            yield json.dumps(name)
            yield ":"
            yield from _tokens(value)
        yield "}"
    elif isinstance(bare, list):
        yield "["
        for value in bare:
            yield from _tokens(value)
        yield "]"
    else:
        yield json.dumps(bare)


def _compare(written: list[str], mended: list[str]) -> bool:
    """Check that only closing brackets were added and only commas left out; tell whether any was added."""
    rest = [token for token in written if token != ","]
    at = added = 0
    for token in mended:
        if at < len(rest) and rest[at] == token:
            at += 1
        elif token in _CLOSERS:
            added += 1
        else:
            raise Unclear("its brackets do not tell what belongs where")
    if any(token not in _CLOSERS for token in rest[at:]):
        raise Unclear("its brackets do not tell what belongs where")
    return added > 0


def _filled(bare: Any, values: list[Any]) -> Any:
    if isinstance(bare, dict):
        return distinct([(str(_value(name, values)), _filled(part, values)) for name, part in bare.items()])
    if isinstance(bare, list):
        return [_filled(part, values) for part in bare]
    return _value(bare, values)


def _value(placeholder: Any, values: list[Any]) -> Any:
    return values[int(str(placeholder)[1:])]


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these members.

    Raises:
        Unclear: one name comes twice with different values.
    """
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made and json.dumps(made[name]) != json.dumps(value):
            raise Unclear(f"{name[:60]} is given twice, with different values")
        made[name] = value
    return made


def _refuse_strays(value: Any, schema: Mapping[str, Any], free: frozenset[str]) -> None:
    """Refuse a member of an inner object that could belong to an outer one: a bracket was missing between them."""
    if isinstance(value, list):
        items = schema.get("items")
        for part in value:
            _refuse_strays(part, items if isinstance(items, Mapping) else {}, free)
    if not isinstance(value, dict):
        return
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    if not free and not known.keys() & value.keys():
        for part in value.values():
            _refuse_strays(part, schema, LABELS - value.keys())
        return
    if stray := free & value.keys():
        raise Unclear(f"a bracket is missing, and {min(stray)[:60]} can belong in two places")
    for name, part in value.items():
        inner = known.get(name)
        _refuse_strays(part, inner if isinstance(inner, Mapping) else {}, free | (known.keys() - value.keys()))
