"""The session's tools, and what a model wrote as a call of one of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.ports import Tool
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.ids import CallId, new_id
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung
from trashclaw.protocol.tools import ToolCall, ToolKind

_NO_OBJECT = "The arguments of {name} were no JSON object ({why}). You wrote: {raw}"
_SHOWN_CHARS = 400
_NAME_CHARS = 64


class Toolbox:
    """The session's tools, by their names and by the other names that models use for them."""

    def __init__(self, tools: Iterable[Tool], withheld: Collection[ToolKind] = ()) -> None:
        """Take all tools; kinds that are `withheld` are not offered, but a call of one still reaches the gate."""
        self.tools = tuple(tools)
        self.specs = tuple(tool.spec for tool in self.tools if tool.spec.kind not in withheld)
        self._by_name = {tool.spec.name: tool for tool in self.tools}
        self._by_alias = {plain(alias): tool for tool in self.tools for alias in tool.aliases}
        self._by_alias |= {plain(name): tool for name, tool in self._by_name.items()}

    def find(self, name: str) -> Tool | None:
        """Return the tool of that name or alias."""
        return self._by_name.get(name) or self._by_alias.get(plain(name))

    def heal(self, draft: DraftCall) -> HealedCall:
        """Resolve the name, parse the arguments and rename the known aliases among them."""
        raw = "".join(draft.pieces)
        tool = self.find(draft.name)
        asked = draft.name if len(draft.name) <= _NAME_CHARS else f"{draft.name[:_NAME_CHARS]}..."
        name = tool.spec.name if tool else asked
        arguments, why = parse_object(raw)
        call = ToolCall(
            call_id=CallId(new_id("call")),
            name=name,
            arguments=(raw if raw.strip() else "{}") if arguments is not None else "{}",
            provider_id=draft.provider_id or None,
            asked_name=asked if asked != name else None,
            raw_arguments=None if arguments is not None else raw,
        )
        if tool is None:
            return HealedCall(call, error=self._unknown(asked))
        if arguments is None:
            shown = raw if len(raw) <= _SHOWN_CHARS else f"{raw[:_SHOWN_CHARS]}... [{len(raw)} characters]"
            text = _NO_OBJECT.format(name=name, why=why, raw=shown)
            return HealedCall(call, error=ToolError(text, "Call it again with one valid JSON object."))
        renamed = draft.mended
        if asked != name:
            renamed = (*renamed, Mending(rung=Rung.NAMED, text=f"tool {asked} -> {name}"))
        try:
            clean, mended = tool.mend(arguments)
        except ToolError as error:
            return HealedCall(call, mended=renamed, error=error)
        return HealedCall(call, tool, clean, (*renamed, *mended))

    def _unknown(self, name: str) -> ToolError:
        known = ", ".join(spec.name for spec in self.specs)
        return ToolError(f"There is no tool named {name!r}.", f"The tools are: {known}.")


def plain(name: str) -> str:
    """Fold a tool's name for comparison: `Read-File` and `functions.read_file` are `readfile`."""
    return name.rpartition(".")[2].replace("_", "").replace("-", "").replace(" ", "").casefold()


def parse_object(raw: str) -> tuple[dict[str, Any] | None, str]:
    """Parse the arguments' text; control characters inside strings are let through, as servers do send them.

    Returns:
        The object and an empty string, or `None` and what is wrong.
    """
    if not raw.strip():
        return {}, ""
    try:
        value = json.loads(raw, strict=False)
    except (ValueError, RecursionError) as error:
        return None, str(error) or "nested too deeply"
    if not isinstance(value, dict):
        return None, f"it is a JSON {type(value).__name__}"
    return value, ""
