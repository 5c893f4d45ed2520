"""Keys of the prompt."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("prompt.send", "enter", "send; while a turn runs: steer it", Group.PROMPT, "send"),
    Action("prompt.newline", "ctrl+j,shift+enter", "new line", Group.PROMPT, "newline"),
    Action("prompt.follow_up", "alt+enter", "queue for when the turn ends", Group.PROMPT, "follow_up"),
    Action("prompt.tab", "tab", "complete; while a turn runs: queue", Group.PROMPT, "tab"),
    Action("prompt.recall", "alt+up", "take a queued message back to edit it", Group.PROMPT, "recall"),
    Action("prompt.escape", "escape", "close the list, or stop the turn; twice: go back", Group.PROMPT, "escape"),
    Action("prompt.undo", "ctrl+underscore", "undo in the editor", Group.PROMPT, "undo"),
)
