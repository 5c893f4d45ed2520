"""Keys of the panes that are read."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("transcript.end", "end", "follow the newest words again", Group.CONVERSATION, "follow"),
    Action("transcript.top", "home", "to the top; again: further up", Group.CONVERSATION, "scroll_home"),
    Action("transcript.help", "question_mark", "help", Group.CONVERSATION, "app.help"),
    Action("tools.up", "up,k", "previous tool run", Group.TOOLS, "move(-1)"),
    Action("tools.down", "down,j", "next tool run", Group.TOOLS, "move(1)"),
    Action("tools.open", "enter", "open or fold the tool run", Group.TOOLS, "open_run"),
)
