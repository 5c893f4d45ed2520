"""Keys of the conversation, in its pane and on the whole screen."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("block.up", "up,k", "previous block", Group.CONVERSATION, "move(-1)"),
    Action("block.down", "down,j", "next block", Group.CONVERSATION, "move(1)"),
    Action("block.open", "enter", "open or fold the block", Group.CONVERSATION, "open_block"),
    Action("block.copy", "c", "copy the block: its Markdown, its command and output", Group.CONVERSATION, "copy_block"),
    Action("block.code", "y", "copy the code in the block; again: the next of it", Group.CONVERSATION, "copy_code"),
    Action("block.file", "o", "open a file that the block names in $EDITOR", Group.CONVERSATION, "open_file"),
    Action("block.retry", "r", "twice: go back and say it again", Group.CONVERSATION, "retry"),
    Action("block.edit", "e", "on your message, twice: go back and edit it", Group.CONVERSATION, "edit_message"),
    Action("block.fork", "f", "fork: go on from here in another session", Group.CONVERSATION, "fork"),
    Action("transcript.end", "end,G", "to the end, and follow the newest words", Group.CONVERSATION, "follow"),
    Action("transcript.top", "home,g", "to the beginning", Group.CONVERSATION, "top"),
    Action("transcript.search", "slash", "search the conversation", Group.CONVERSATION, "search"),
    Action("transcript.next", "n", "next of what was searched for", Group.CONVERSATION, "next_find(1)"),
    Action("transcript.previous", "N", "previous of what was searched for", Group.CONVERSATION, "next_find(-1)"),
    Action("transcript.help", "question_mark", "help", Group.CONVERSATION, "app.help"),
    Action("pager.down", "down,j,enter", "a line down", Group.PAGER, "scroll_by(1)"),
    Action("pager.up", "up,k", "a line up", Group.PAGER, "scroll_by(-1)"),
    Action("pager.page_down", "pagedown,space,f", "a page down", Group.PAGER, "page(2)"),
    Action("pager.page_up", "pageup,b", "a page up", Group.PAGER, "page(-2)"),
    Action("pager.half_down", "d", "half a page down", Group.PAGER, "page(1)"),
    Action("pager.half_up", "u", "half a page up", Group.PAGER, "page(-1)"),
    Action("pager.top", "g,home", "to the beginning", Group.PAGER, "top"),
    Action("pager.end", "G,end", "to the end", Group.PAGER, "end"),
    Action("pager.search", "slash", "search", Group.PAGER, "search"),
    Action("pager.next", "n", "next of what was searched for", Group.PAGER, "next_find(1)"),
    Action("pager.previous", "N", "previous of what was searched for", Group.PAGER, "next_find(-1)"),
    Action("pager.close", "q,escape", "back to the conversation", Group.PAGER, "close"),
)
