"""Tool sets: which tools are offered to a model, and how much is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from trashclaw.protocol.manners import EditFormat, ToolSetName
from trashclaw.protocol.tools import ToolSpec

_EDITING = {
    EditFormat.REPLACE: ("edit_file", "write_file"),
    EditFormat.PATCH: ("apply_patch", "write_file"),
    EditFormat.WHOLE: ("write_file",),
}

_ARGUMENTS: Mapping[ToolSetName, Mapping[str, Sequence[str]]] = {
    ToolSetName.LEAN: {
        "read_file": ("path", "offset", "limit"),
        "list_files": ("path", "depth"),
        "glob": ("pattern",),
        "grep": ("pattern", "path", "glob"),
        "edit_file": ("path", "old_text", "new_text"),
        "apply_patch": ("patch",),
        "write_file": ("path", "content"),
        "bash": ("command", "timeout_s"),
        "update_plan": ("entries",),
        "ask_user": ("question",),
        "recall": ("id", "query"),
    },
    ToolSetName.NANO: {
        "read_file": ("path", "offset", "limit"),
        "grep": ("pattern", "path"),
        "edit_file": ("path", "old_text", "new_text"),
        "apply_patch": ("patch",),
        "write_file": ("path", "content"),
        "bash": ("command",),
        "recall": ("id", "query"),
    },
}
"""The smaller sets: their tools, and the arguments that are told. A tool takes its other arguments all the same."""


def offered(
    specs: Iterable[ToolSpec], tool_set: ToolSetName, edit_format: EditFormat, *, has_plan: bool = False
) -> tuple[ToolSpec, ...]:
    """Return the tools of a set as the model sees them, in the order in which they come.

    `has_plan` keeps `update_plan` in every set, for a workflow that asks for a plan.
    """
    if tool_set is ToolSetName.FULL:
        return tuple(specs)
    kept = {**_ARGUMENTS[tool_set], **({"update_plan": ("entries",)} if has_plan else {})}
    edits = {name for names in _EDITING.values() for name in names} - set(_EDITING[edit_format])
    told = (spec for spec in specs if spec.name in kept and spec.name not in edits)
    return tuple(_shortened(spec, kept[spec.name], is_bare=tool_set is ToolSetName.NANO) for spec in told)


def _shortened(spec: ToolSpec, names: Sequence[str], *, is_bare: bool) -> ToolSpec:
    """Return a tool with these arguments alone; `is_bare` leaves out what is said of each, and all but a sentence."""
    properties = spec.parameters.get("properties")
    assert isinstance(properties, dict)
    kept: dict[str, JsonValue] = {name: _bare(properties[name]) if is_bare else properties[name] for name in names}
    required = spec.parameters.get("required")
    parameters: dict[str, JsonValue] = {"type": "object", "properties": kept}
    still: list[JsonValue] = [name for name in required if name in kept] if isinstance(required, list) else []
    if still:
        parameters["required"] = still
    description = spec.description.partition(". ")[0].rstrip(".") if is_bare else spec.description
    return spec.model_copy(update={"parameters": parameters, "description": description})


def _bare(schema: JsonValue) -> JsonValue:
    return {key: value for key, value in schema.items() if key != "description"} if isinstance(schema, dict) else schema
