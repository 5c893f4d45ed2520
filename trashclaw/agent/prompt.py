"""The system prompt: rendered once a session from named fragments, with nothing in it that moves."""

from __future__ import annotations

import platform
from importlib.resources import files

from trashclaw.protocol.manners import EditFormat, ToolSetName

_EDITING = {
    EditFormat.REPLACE: (
        "edit_file replaces old_text, which must be copied exactly from the file and occur there once; "
        "write_file is for new files."
    ),
    EditFormat.PATCH: "apply_patch changes files: copy the context lines exactly; write_file is for new files.",
    EditFormat.WHOLE: "write_file creates and changes files: read the file, then write all of it, nothing left out.",
}


def render_system(
    workspace: str,
    *,
    is_repository: bool,
    tool_set: ToolSetName = ToolSetName.FULL,
    edit_format: EditFormat = EditFormat.REPLACE,
) -> str:
    """Return the system prompt for a workspace (its folder's name), the same for the whole session."""
    template = files("trashclaw.agent").joinpath(f"prompts/{tool_set.value}.md").read_text(encoding="utf-8")
    values = {
        "{editing}": _EDITING[edit_format],
        "{workspace}": workspace,
        "{system}": platform.system() or "unknown",
        "{version_control}": "git" if is_repository else "none",
    }
    for name, value in values.items():
        template = template.replace(name, value.replace("\n", " "))
    return template.strip()
