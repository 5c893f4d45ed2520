"""Keys of the screens that open over the main one, each for one thing."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("window.close", "escape,q", "close", Group.WINDOW, "answer(False)"),
    Action("window.down", "j", "a line down", Group.WINDOW, "move(1)"),
    Action("window.up", "k", "a line up", Group.WINDOW, "move(-1)"),
    Action("context.turn", "tab,i,g", "by group, or every item", Group.CONTEXT, "turn"),
    Action("context.preview", "c", "what a compaction would free", Group.CONTEXT, "answer(True)"),
    Action("preview.compact", "enter", "compact now", Group.PREVIEW, "compact"),
    Action("rewind.up", "up,k", "newer point", Group.REWIND, "move(-1)"),
    Action("rewind.down", "down,j", "older point", Group.REWIND, "move(1)"),
    Action("rewind.page_up", "pageup", "much newer point", Group.REWIND, "move(-10)"),
    Action("rewind.page_down", "pagedown", "much older point", Group.REWIND, "move(10)"),
    Action("rewind.both", "enter,b", "go back with conversation and files", Group.REWIND, "choose('both')"),
    Action("rewind.conversation", "c", "the conversation only", Group.REWIND, "choose('conversation')"),
    Action("rewind.files", "f", "the files only", Group.REWIND, "choose('files')"),
    Action("rewind.fork", "F", "fork: go on from before it in a new tab", Group.REWIND, "fork"),
    Action("rewind.close", "escape,q", "stay where you are", Group.REWIND, "cancel"),
    Action("overwrite.yes", "y", "overwrite them; redo brings them back", Group.OVERWRITE, "answer(True)"),
    Action("overwrite.no", "n,escape,q", "leave everything", Group.OVERWRITE, "answer(False)"),
    Action("trust.yes", "y", "trust the folder", Group.TRUST, "answer('trust')"),
    Action("trust.look", "n", "look only", Group.TRUST, "answer('look only')"),
    Action("trust.later", "escape", "look only for now, and ask again", Group.TRUST, "answer('later')"),
    Action("trust.read", "v", "read the files that it would load", Group.TRUST, "read"),
    Action("first.demo", "d", "play the demo, which needs no model", Group.FIRST, "choose('demo')"),
    Action("first.retry", "r", "look for a server again", Group.FIRST, "choose('retry')"),
    Action("first.quit", "q,escape", "quit", Group.FIRST, "choose('quit')"),
)
