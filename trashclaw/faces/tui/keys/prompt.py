"""Keys of the prompt and of the queue above it."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("prompt.send", "enter", "send; while a turn runs: steer it", Group.PROMPT, "send"),
    Action("prompt.newline", "ctrl+j,shift+enter", "new line", Group.PROMPT, "newline"),
    Action("prompt.follow_up", "alt+enter", "queue for when the turn ends", Group.PROMPT, "follow_up"),
    Action("prompt.tab", "tab", "complete; while a turn runs: queue", Group.PROMPT, "tab"),
    Action("prompt.recall", "alt+up", "take a queued message back to edit it", Group.PROMPT, "ask('recall')"),
    Action("prompt.queue", "alt+q", "go to the queue: edit, move, switch, remove", Group.PROMPT, "ask('queue')"),
    Action("prompt.escape", "escape", "close the list, or stop the turn; twice: go back", Group.PROMPT, "escape"),
    Action("prompt.history", "ctrl+r", "search what was said in this workspace", Group.PROMPT, "ask('history')"),
    Action("prompt.editor", "ctrl+g", "write on in $EDITOR", Group.PROMPT, "ask('editor')"),
    Action("prompt.unfold", "alt+p", "unfold the paste at the cursor", Group.PROMPT, "unfold"),
    Action("prompt.undo", "ctrl+underscore", "undo, also what was sent or cleared", Group.PROMPT, "undo"),
    Action("prompt.redo", "alt+slash,ctrl+shift+z", "redo in the editor", Group.PROMPT, "redo"),
    Action("queue.up", "up,k", "previous message", Group.QUEUE, "step(-1)"),
    Action("queue.down", "down,j", "next message", Group.QUEUE, "step(1)"),
    Action("queue.edit", "enter,e", "take the message back into the editor", Group.QUEUE, "edit"),
    Action("queue.remove", "delete,backspace,d", "remove the message", Group.QUEUE, "remove"),
    Action("queue.switch", "s", "switch between steering and following up", Group.QUEUE, "switch"),
    Action("queue.earlier", "alt+up,K", "move the message up", Group.QUEUE, "move(-1)"),
    Action("queue.later", "alt+down,J", "move the message down", Group.QUEUE, "move(1)"),
    Action("queue.leave", "escape", "back to the prompt", Group.QUEUE, "leave"),
    Action("history.older", "ctrl+r", "next older one that fits", Group.HISTORY, "older"),
    Action("history.close", "escape", "back; the draft stays as it is", Group.HISTORY, "cancel"),
)
