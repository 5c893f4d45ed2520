"""Keys of lists, of lines to type in and of pages to read."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("line.accept", "enter", "take what is typed or pointed at", Group.LINE, "submit"),
    Action("line.up", "up", "one up in the list", Group.LINE, "step(-1)"),
    Action("line.down", "down", "one down in the list", Group.LINE, "step(1)"),
    Action("line.page_up", "pageup", "a page up in the list", Group.LINE, "step(-10)"),
    Action("line.page_down", "pagedown", "a page down in the list", Group.LINE, "step(10)"),
    Action("field.next", "enter,down", "next find", Group.FIELD, ""),
    Action("field.previous", "shift+enter,up", "find before", Group.FIELD, ""),
    Action("field.leave", "escape", "close the line, or put the search away", Group.FIELD, ""),
    Action("list.close", "escape", "close without a choice", Group.LIST, "cancel"),
    Action("page.close", "escape,q,question_mark", "close the page", Group.PAGE, "dismiss"),
    Action("help.close", "escape", "close the help", Group.HELP, "dismiss"),
)
