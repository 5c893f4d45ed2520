"""Tool calls put together from streamed pieces, whatever a server numbers and names them by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trashclaw.agent.messages import CallPart
from trashclaw.providers.wire_values import as_object, as_text


@dataclass(slots=True)
class _Slot:
    """One call while it comes in."""

    server_index: int | None
    provider_id: str
    index: int = -1
    """Ours, given with the name: what never gets a name is no call."""

    name: str = ""
    pieces: list[str] = field(default_factory=list)
    waiting: str = ""
    """Arguments that came before the name."""

    def is_whole(self) -> bool:
        try:
            return isinstance(json.loads("".join(self.pieces), strict=False), dict)
        except (ValueError, RecursionError):
            return False


class CallAssembly:
    """Gives each piece of a call the number of the call it belongs to.

    Servers repeat id and name in every piece, leave the index out or make it 0 for all, send the id as null after the
    first piece, or give two calls the same id: so a piece is placed by index and id together.
    """

    def __init__(self) -> None:
        self._slots: list[_Slot] = []

    def __len__(self) -> int:
        return sum(bool(slot.name) for slot in self._slots)

    def add(self, piece: Mapping[str, Any]) -> list[CallPart]:
        """Take one entry of `tool_calls` and return what is new in it."""
        function = as_object(piece.get("function"))
        name = as_text(function.get("name"))
        arguments = function.get("arguments")
        if isinstance(arguments, (dict, list)):
            arguments = json.dumps(arguments, ensure_ascii=False)
        index = piece.get("index")
        slot = self._slot(index if isinstance(index, int) else None, as_text(piece.get("id")), name)
        return self._parts(slot, name, as_text(arguments))

    def _parts(self, slot: _Slot, name: str, arguments: str) -> list[CallPart]:
        slot.pieces.append(arguments)
        if slot.name:
            return [CallPart(slot.index, arguments=arguments)] if arguments else []
        slot.waiting += arguments
        if not name:
            return []
        slot.index = len(self)
        slot.name = name
        return [CallPart(slot.index, name=name, provider_id=slot.provider_id, arguments=slot.waiting)]

    def _slot(self, index: int | None, provider_id: str, name: str) -> _Slot:
        """Return the call a piece belongs to, a new one if it belongs to none."""
        candidates = [slot for slot in self._slots if index is None or slot.server_index in {None, index}]
        if provider_id:
            for slot in candidates:
                if slot.provider_id == provider_id:
                    return slot
            if candidates and (not candidates[-1].provider_id or not name) and index is not None:
                slot = candidates[-1]
                slot.provider_id = slot.provider_id or provider_id
                return slot
        elif candidates and not (name and self._begins_another(candidates[-1], index)):
            return candidates[-1]
        slot = _Slot(index, provider_id)
        self._slots.append(slot)
        return slot

    def _begins_another(self, last: _Slot, index: int | None) -> bool:
        """Tell whether a piece that has a name but no id begins a new call after `last`."""
        if not last.name:
            return False
        return index is None or last.is_whole()
