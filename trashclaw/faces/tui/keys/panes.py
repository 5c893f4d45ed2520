"""Keys of the panes that are read."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("tools.up", "up,k", "previous tool run", Group.TOOLS, "move(-1)"),
    Action("tools.down", "down,j", "next tool run", Group.TOOLS, "move(1)"),
    Action("tools.page_up", "pageup", "a page of tool runs up", Group.TOOLS, "move(-1, True)"),
    Action("tools.page_down", "pagedown", "a page of tool runs down", Group.TOOLS, "move(1, True)"),
    Action("tools.first", "home,g", "the first tool run", Group.TOOLS, "move(-1000000)"),
    Action("tools.last", "end,G", "the newest tool run, and follow", Group.TOOLS, "move(1000000)"),
    Action("tools.open", "enter", "open or fold the tool run in the conversation", Group.TOOLS, "use('run')"),
    Action("tools.output", "v", "all the tool run's output, on the whole screen", Group.TOOLS, "use('output')"),
    Action("tools.copy", "c", "copy the tool run's output", Group.TOOLS, "use('copy')"),
    Action("tools.file", "o", "open the tool run's file in $EDITOR", Group.TOOLS, "use('file')"),
    Action("tools.filter", "f", "list other runs: edits, commands, reads, failed, waiting", Group.TOOLS, "filter(1)"),
    Action("tools.filter_back", "F", "the same, the other way", Group.TOOLS, "filter(-1)"),
    Action("tools.find", "slash", "list only runs with a part of their title", Group.TOOLS, "find"),
    Action("tools.help", "question_mark", "help", Group.TOOLS, "app.help"),
    Action("output.find", "slash", "find words in the output", Group.OUTPUT, "find"),
    Action("output.next", "n", "next find", Group.OUTPUT, "next_find(1)"),
    Action("output.previous", "N", "find before", Group.OUTPUT, "next_find(-1)"),
    Action("output.copy", "c", "copy all of it", Group.OUTPUT, "copy"),
    Action("output.close", "escape,q,v", "end the search, or go back", Group.OUTPUT, "close"),
    Action("pane.narrower", "less_than_sign,ctrl+right", "the side narrower", Group.PANE, "arrange('width', -2)"),
    Action("pane.wider", "greater_than_sign,ctrl+left", "the side wider", Group.PANE, "arrange('width', 2)"),
    Action("pane.taller", "plus,ctrl+down", "this pane of the side taller", Group.PANE, "arrange('height', 1)"),
    Action("pane.lower", "minus,ctrl+up", "this pane of the side lower", Group.PANE, "arrange('height', -1)"),
    Action("pane.even", "equals_sign", "all panes as they were at first", Group.PANE, "arrange('even')"),
    Action("pane.hide", "x", "hide this pane of the side; going to it shows it again", Group.PANE, "arrange('hide')"),
    Action("tools.all", "escape", "list all tool runs again", Group.TOOLS, "list_all"),
)
