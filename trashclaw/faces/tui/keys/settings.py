"""Keys of the settings screen."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("settings.reset", "alt+r", "take the setting out of the file: the default again", Group.SETTINGS, "reset"),
    Action("settings.file", "alt+w", "write to your own file, or to the project's", Group.SETTINGS, "switch_file"),
    Action("settings.next_section", "tab,alt+down", "next section", Group.SETTINGS, "step_section(1)"),
    Action("settings.previous_section", "alt+up", "section before", Group.SETTINGS, "step_section(-1)"),
    Action("settings.close", "escape", "leave the input, or close the settings", Group.SETTINGS, "leave"),
)
