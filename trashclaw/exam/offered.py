"""The real tools' specifications, and what a call of one of them would run with, without a workspace to run in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.exam.asking import Asked
from trashclaw.protocol.tools import ToolSpec
from trashclaw.tools.base import TypedTool

ToolClass = type[TypedTool[Any]]


def unplaced(tool: ToolClass) -> TypedTool[Any]:
    """Return a tool without a workspace: it can be offered, and its calls be healed, but nothing done with it."""
    made: TypedTool[Any] = tool.__new__(tool)
    TypedTool.__init__(made)
    return made


def spec_of(tool: ToolClass) -> ToolSpec:
    """Return a tool's specification, as a session offers it."""
    return unplaced(tool).spec


def healed(call: Asked, tools: tuple[ToolClass, ...]) -> HealedCall:
    """Return a call as a session with these tools would try it."""
    return Toolbox(map(unplaced, tools)).heal(DraftCall(name=call.name, pieces=[call.arguments]))


def arguments_for(call: Asked, tool: ToolClass) -> Mapping[str, Any] | None:
    """Return the arguments that a call of the tool would run with; `None` if it is no call of it, or broken."""
    found = healed(call, (tool,))
    return None if found.error is not None else found.arguments


def is_right(call: Asked, tool: ToolClass, wanted: Mapping[str, str]) -> bool:
    """Whether a call is one of the tool, with these arguments among its own."""
    arguments = arguments_for(call, tool)
    return arguments is not None and all(_bare(arguments.get(name)) == text for name, text in wanted.items())


def read_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that an answer is, or that stands between its first and its last brace."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        return None
    try:
        value = json.loads(text[begin : end + 1], strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _bare(value: object) -> object:
    """Fold what makes no difference in a path or a word."""
    return value.strip().removeprefix("./").rstrip("/") if isinstance(value, str) else value
