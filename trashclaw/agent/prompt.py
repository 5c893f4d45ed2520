"""The system prompt: rendered once a session from named fragments, with nothing in it that moves."""

from __future__ import annotations

import platform
from importlib.resources import files


def render_system(workspace: str, *, is_repository: bool) -> str:
    """Return the system prompt for a workspace (its folder's name), the same for the whole session."""
    template = files("trashclaw.agent").joinpath("prompts/system.md").read_text(encoding="utf-8")
    values = {
        "{workspace}": workspace,
        "{system}": platform.system() or "unknown",
        "{version_control}": "git" if is_repository else "none",
    }
    for name, value in values.items():
        template = template.replace(name, value.replace("\n", " "))
    return template.strip()
