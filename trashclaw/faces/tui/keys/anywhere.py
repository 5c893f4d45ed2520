"""Keys that count wherever the focus is."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

ACTIONS: tuple[Action, ...] = (
    Action("palette", "ctrl+p", "command palette", Group.ANYWHERE, "app.palette", True),
    Action("help", "f1", "help with every key", Group.ANYWHERE, "app.help", True),
    Action("settings", "f4", "all settings", Group.ANYWHERE, "app.settings", True),
    Action("mode.next", "shift+tab", "next mode: plan, review, accept, auto", Group.ANYWHERE, "app.next_mode", True),
    Action("pane.next", "f6", "next pane", Group.ANYWHERE, "screen.step_pane(1)", True),
    Action("pane.previous", "shift+f6", "previous pane", Group.ANYWHERE, "screen.step_pane(-1)", True),
    Action(
        "pane.conversation", "alt+c", "go to the conversation", Group.ANYWHERE, "screen.go_to('conversation')", True
    ),
    Action(
        "conversation.read",
        "alt+k",
        "go through the conversation, block by block",
        Group.ANYWHERE,
        "app.read(-1)",
        True,
    ),
    Action("conversation.search", "ctrl+s", "search the conversation", Group.ANYWHERE, "app.search_conversation", True),
    Action("conversation.pager", "ctrl+t", "the conversation on the whole screen", Group.ANYWHERE, "app.pager", True),
    Action("pane.plan", "alt+l", "go to the plan", Group.ANYWHERE, "screen.go_to('plan')", True),
    Action("pane.tools", "alt+o", "go to the tool log", Group.ANYWHERE, "screen.go_to('tools')", True),
    Action("pane.changes", "alt+d", "go to the changes", Group.ANYWHERE, "screen.go_to('changes')", True),
    Action("pane.prompt", "ctrl+l", "back to the prompt", Group.ANYWHERE, "screen.focus_prompt", True),
    Action("pane.maximise", "ctrl+f", "this pane alone, and back", Group.ANYWHERE, "screen.maximise_pane", True),
    Action("side.toggle", "ctrl+b", "hide or show the side panes", Group.ANYWHERE, "screen.toggle_side", True),
    Action(
        "tools.unfold",
        "ctrl+o",
        "open or fold all tool output, and notes to the model",
        Group.ANYWHERE,
        "screen.toggle_tools",
        True,
    ),
    Action("thoughts.unfold", "alt+t", "open or fold thoughts", Group.ANYWHERE, "screen.toggle_thoughts", True),
    Action("answer.copy", "ctrl+y", "copy the selection or the last answer", Group.ANYWHERE, "app.copy_answer", True),
    Action("turn.interrupt", "escape", "stop the running turn", Group.ANYWHERE, "app.interrupt"),
    Action("quit.twice", "ctrl+c", "copy the selection; twice: quit", Group.ANYWHERE, "app.copy_or_quit", True),
    Action("quit", "ctrl+q", "quit", Group.ANYWHERE, "app.leave", True),
    Action("suspend", "ctrl+z", "suspend to the shell", Group.ANYWHERE, "app.suspend_process", True),
)
