"""From the text of a call's arguments to an object: parsed, repaired, taken out of what it was wrapped in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trashclaw.agent.healing.literals import Unclear
from trashclaw.agent.healing.parsing import parse
from trashclaw.agent.healing.repair import Repaired, read, repair
from trashclaw.agent.healing.wrappers import unwrap
from trashclaw.agent.ports import Tool
from trashclaw.protocol.base import storable
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung

_WAY_CHARS = 64
_LAYERS = 2
_JSON_INSIDE = re.compile(r"[\s\"'`\\]*+(?:json\s*+)?[{\[]")
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Understood:
    """The object that a text stands for."""

    arguments: Mapping[str, Any]
    text: str
    """JSON of the object: what the model wrote, byte for byte, wherever that parses as an object."""

    mended: tuple[Mending, ...] = ()


class ArgumentReader:
    """Reads arguments for one tool; `is_same` tells whether a name is that of the tool."""

    def __init__(self, tool: Tool, is_same: Callable[[str], bool]) -> None:
        self._tool = tool
        self._is_same = is_same
        properties = tool.spec.parameters.get("properties")
        self._properties = properties if isinstance(properties, Mapping) else {}

    def read(self, raw: str, *, is_cut: bool = False) -> Understood:
        """Read a text; one that was cut only if it is whole all the same.

        Raises:
            Unclear: it cannot be read without guessing.
        """
        if not raw.strip() and not is_cut:
            return Understood({}, "{}")
        found = self._found(raw, is_cut=is_cut)
        value, way = self._unwrapped(found.value)
        if not isinstance(value, Mapping):
            value = self._only(value)
            found = Repaired(value, found.faults | {"its only argument without a name"})
        if found.faults and not self._knows(value):
            raise Unclear("a name in it is no argument of the tool")
        notes = []
        if found.faults:
            notes.append(Mending(rung=Rung.REPAIRED, text=f"repaired the JSON: {', '.join(sorted(found.faults))}"))
        if way:
            notes.append(Mending(rung=Rung.NAMED, text=f"took the arguments out of {way[:_WAY_CHARS]}"))
        is_kept = isinstance(found.value, Mapping) and not found.faults
        return Understood(value, raw if is_kept else _as_json(value), tuple(notes))

    def _found(self, raw: str, *, is_cut: bool) -> Repaired:
        try:
            value = parse(raw)
        except Unclear:
            if is_cut:
                raise
            return repair(raw, self._tool.spec.parameters, self._fits)
        if isinstance(value, str) and _JSON_INSIDE.match(value):
            inside = frozenset({"JSON inside a string"})
            return read(value, self._tool.spec.parameters, self._fits, _LAYERS, inside)
        return Repaired(value, _NOTHING)

    def _unwrapped(self, value: Any) -> tuple[Any, str]:
        return unwrap(value, frozenset(self._properties), self._is_same)

    def _fits(self, value: Any) -> bool:
        """Tell whether a value is right for the tool, with the usual mendings."""
        try:
            inner, _ = self._unwrapped(value)
            if not isinstance(inner, Mapping) or not self._knows(inner):
                return False
            self._tool.validate(self._tool.mend(inner)[0])
        except (ToolError, Unclear):
            return False
        return True

    def _knows(self, value: Mapping[str, Any]) -> bool:
        """Tell whether each name is an argument of the tool, or another word for one."""
        names = (name for name in value if name not in self._properties)
        return all(self._tool.mend({name: "x"})[0] for name in names)

    def _only(self, value: Any) -> dict[str, Any]:
        """Return a bare text or list as the one argument that the tool requires, if it can be no other.

        Raises:
            Unclear: it can.
        """
        required = self._tool.spec.parameters.get("required")
        if isinstance(required, list) and len(required) == 1:
            described = self._properties.get(str(required[0]))
            wanted = described.get("type") if isinstance(described, Mapping) else None
            if isinstance(value, {"string": str, "array": list}.get(str(wanted), ())):
                return {str(required[0]): value}
        raise Unclear(f"it is a JSON {type(value).__name__}")


def _as_json(value: Any) -> str:
    """Return JSON that can be stored: a lone surrogate stays the escape that it came as."""
    text = json.dumps(value, ensure_ascii=False)
    return text if storable(text) == text else json.dumps(value)
