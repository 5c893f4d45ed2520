"""Keys of tabs, of the list of sessions, of a replay, and of questions before something is lost."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

TAB_COUNT = 9
"""Tabs that have a key of their own."""

ACTIONS: tuple[Action, ...] = (
    Action("sessions", "f2", "sessions: go on, search, fork, replay", Group.ANYWHERE, "app.sessions"),
    Action("tab.new", "ctrl+n", "new session in a tab", Group.ANYWHERE, "app.new_tab"),
    Action("tab.next", "ctrl+pagedown", "next tab", Group.ANYWHERE, "app.step_tab(1)", True),
    Action("tab.previous", "ctrl+pageup", "previous tab", Group.ANYWHERE, "app.step_tab(-1)", True),
    *(
        Action(f"tab.{number}", f"alt+{number}", f"go to tab {number}", Group.ANYWHERE, f"app.pick_tab({number})", True)
        for number in range(1, TAB_COUNT + 1)
    ),
    Action("sessions.tab", "ctrl+n", "go on with it in a new tab", Group.SESSIONS, "open_tab"),
    Action("sessions.rename", "f2,ctrl+r", "give it another title", Group.SESSIONS, "rename", True),
    Action("sessions.replay", "f3", "play it as it happened", Group.SESSIONS, "replay"),
    Action("sessions.export", "f7,ctrl+x", "write it to a file", Group.SESSIONS, "export", True),
    Action("sessions.fork", "f5,ctrl+k", "fork it: go on with a copy", Group.SESSIONS, "fork", True),
    Action("sessions.delete", "f8,ctrl+d", "delete it", Group.SESSIONS, "delete", True),
    Action(
        "sessions.preview", "tab", "the list or the preview, where there is no room for both", Group.SESSIONS, "turn"
    ),
    Action("sessions.close", "escape", "stay with this session", Group.SESSIONS, "cancel"),
    Action("tree.go", "enter", "go to it", Group.TREE, "go"),
    Action("tree.up", "up,k", "one up", Group.TREE, "move(-1)"),
    Action("tree.down", "down,j", "one down", Group.TREE, "move(1)"),
    Action("tree.close", "escape,q", "close the tree", Group.TREE, "close"),
    Action("replay.pause", "space", "pause, and go on", Group.REPLAY, "pause"),
    Action("replay.next", "right,l", "one step on", Group.REPLAY, "step(1)"),
    Action("replay.previous", "left,h", "one step back", Group.REPLAY, "step(-1)"),
    Action("replay.next_turn", "n", "to the next turn", Group.REPLAY, "step_turn(1)"),
    Action("replay.previous_turn", "p", "to the turn before", Group.REPLAY, "step_turn(-1)"),
    Action("replay.faster", "plus,equals_sign", "faster", Group.REPLAY, "speed(1)"),
    Action("replay.slower", "minus", "slower", Group.REPLAY, "speed(-1)"),
    Action("replay.first", "home", "to the beginning", Group.REPLAY, "jump(0)"),
    Action("replay.last", "end", "to the end", Group.REPLAY, "jump(-1)"),
    Action("replay.up", "up,k", "scroll up", Group.REPLAY, "scroll_by(-1)"),
    Action("replay.down", "down,j", "scroll down", Group.REPLAY, "scroll_by(1)"),
    Action("replay.page_up", "pageup", "scroll a page up", Group.REPLAY, "scroll_by(-10)"),
    Action("replay.page_down", "pagedown", "scroll a page down", Group.REPLAY, "scroll_by(10)"),
    Action("replay.fork", "f", "fork the session here", Group.REPLAY, "fork"),
    Action("replay.close", "escape,q", "leave the replay", Group.REPLAY, "close"),
    Action("confirm.yes", "y", "yes, do it", Group.CONFIRM, "answer(True)"),
    Action("confirm.no", "n,escape,q", "no, leave everything", Group.CONFIRM, "answer(False)"),
)
