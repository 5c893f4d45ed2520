"""Mends the brackets and commas of a text whose values the repairing library never sees.

Every value is a placeholder while the library works; what comes back must hold each of them once, in order, names as
names, and nothing but closing brackets may have been added. So no value can be changed, lost or invented.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from trashclaw.agent.healing.literals import Unclear
from trashclaw.agent.healing.scanning import Scan

_CLOSERS = {"}", "]"}


PLACES_LIMIT = 400


def rebuild(scan: Scan) -> tuple[Any, bool]:
    """Return the value that a scanned text stands for, and whether closing brackets had to be added.

    Raises:
        Unclear: the brackets do not tell where a value belongs, or a name comes twice with different values.
    """
    import json_repair

    try:
        bare = json_repair.loads(" ".join(scan.tokens))
    except (ValueError, RecursionError) as error:
        raise Unclear(str(error)) from error
    has_more = _compare(scan.tokens, list(_tokens(bare)))
    return _filled(bare, scan.values), has_more


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


def other_places(value: Any) -> Iterator[Any]:
    """Yield the values that a text may have meant as well, since a bracket was missing in it somewhere.

    In each, the last members of an inner object stand in an outer one.

    Raises:
        Unclear: there are too many.
    """
    left = PLACES_LIMIT
    for way in _inner_objects(value, ()):
        for depth in range(len(way)):
            for count in range(1, len(_at(value, way)) + 1):
                left -= 1
                if left < 0:
                    raise Unclear("a bracket is missing, and it can be in too many places")
                made = copy.deepcopy(value)
                inner, outer = _at(made, way), _at(made, way[:depth])
                moved = list(inner)[-count:]
                if isinstance(outer, dict) and not outer.keys() & set(moved):
                    outer.update({name: inner.pop(name) for name in moved})
                    yield made


def _inner_objects(value: Any, way: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict) and way:
        yield way
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _inner_objects(part, (*way, key))


def _at(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        value = value[key]
    return value
