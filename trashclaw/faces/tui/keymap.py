"""Keys as data: every action with id, keys and words; bindings, palette and help are made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import cast

from textual.binding import Binding, BindingType


class Group(StrEnum):
    """Where an action's keys count."""

    ANYWHERE = "Anywhere"
    PROMPT = "Prompt"
    CONVERSATION = "Conversation"
    TOOLS = "Tools"
    REVIEW = "Changes that wait for you"
    SCREEN = "The review on the whole screen"
    QUESTION = "A question of the model"


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does."""

    action_id: str
    """Stable name, also in `keymap.yaml`."""

    keys: str
    """Textual key names, comma separated."""

    label: str
    """What it does, as shown in the help and the palette."""

    group: Group
    call: str
    """The Textual action, with its namespace where that is not the bound widget."""

    is_priority: bool = False
    """Counts before the focused widget sees the key."""


ACTIONS: tuple[Action, ...] = (
    Action("palette", "ctrl+p", "command palette", Group.ANYWHERE, "app.palette", True),
    Action("help", "f1", "help with every key", Group.ANYWHERE, "app.help", True),
    Action("mode.next", "shift+tab", "next mode: plan, review, accept, auto", Group.ANYWHERE, "app.next_mode", True),
    Action("pane.next", "f6", "next pane", Group.ANYWHERE, "screen.next_pane", True),
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
    Action("prompt.send", "enter", "send; while a turn runs: steer it", Group.PROMPT, "send"),
    Action("prompt.newline", "ctrl+j,shift+enter", "new line", Group.PROMPT, "newline"),
    Action("prompt.follow_up", "alt+enter", "queue for when the turn ends", Group.PROMPT, "follow_up"),
    Action("prompt.tab", "tab", "complete; while a turn runs: queue", Group.PROMPT, "tab"),
    Action("prompt.recall", "alt+up", "take a queued message back to edit it", Group.PROMPT, "recall"),
    Action("prompt.escape", "escape", "close the list, or stop the turn; twice: go back", Group.PROMPT, "escape"),
    Action("prompt.undo", "ctrl+underscore", "undo in the editor", Group.PROMPT, "undo"),
    Action("transcript.end", "end", "follow the newest words again", Group.CONVERSATION, "follow"),
    Action("transcript.top", "home", "to the top; again: further up", Group.CONVERSATION, "scroll_home"),
    Action("transcript.help", "question_mark", "help", Group.CONVERSATION, "app.help"),
    Action("tools.up", "up,k", "previous tool run", Group.TOOLS, "move(-1)"),
    Action("tools.down", "down,j", "next tool run", Group.TOOLS, "move(1)"),
    Action("tools.open", "enter", "open or fold the tool run", Group.TOOLS, "open_run"),
    Action("review.accept", "a", "accept what is switched on", Group.REVIEW, "accept"),
    Action("review.accept_all", "y", "accept all of it, once", Group.REVIEW, "accept_all"),
    Action("review.reject", "r", "reject", Group.REVIEW, "reject"),
    Action("review.reason", "n", "reject with a reason", Group.REVIEW, "reason"),
    Action("review.toggle", "space", "switch a hunk on or off", Group.REVIEW, "switch"),
    Action("review.next_hunk", "right_square_bracket", "next hunk", Group.REVIEW, "step_hunk(1)"),
    Action("review.previous_hunk", "left_square_bracket", "previous hunk", Group.REVIEW, "step_hunk(-1)"),
    Action("review.next_file", "right_curly_bracket", "next file", Group.REVIEW, "step_file(1)"),
    Action("review.previous_file", "left_curly_bracket", "previous file", Group.REVIEW, "step_file(-1)"),
    Action("review.accept_file", "A", "switch all hunks of this file on", Group.REVIEW, "accept_file"),
    Action("review.toggle_file", "f", "switch all hunks of this file on or off", Group.REVIEW, "switch_file"),
    Action("review.edit", "e", "edit the proposed file in $EDITOR", Group.REVIEW, "edit"),
    Action("review.scope", "s", "how far accepting reaches: once, session, project", Group.REVIEW, "scope"),
    Action("review.once", "1", "yes, once (where the answers are numbered)", Group.REVIEW, "choose(1)"),
    Action("review.session", "2", "yes, for this session", Group.REVIEW, "choose(2)"),
    Action("review.project", "3", "yes, for this project", Group.REVIEW, "choose(3)"),
    Action("review.no", "4", "no", Group.REVIEW, "choose(4)"),
    Action("review.open", "enter", "these changes on the whole screen; also Ctrl+F", Group.REVIEW, "open"),
    Action("review.help", "question_mark", "help", Group.REVIEW, "app.help"),
    Action("screen.split", "v", "one column or two", Group.SCREEN, "split"),
    Action("screen.find", "slash", "find a file by a part of its name", Group.SCREEN, "find"),
    Action("screen.close", "escape", "back to the conversation; nothing is answered", Group.SCREEN, "close"),
    Action("question.answer", "enter", "answer with what is typed or chosen", Group.QUESTION, "answer"),
    Action("question.up", "up", "previous choice", Group.QUESTION, "move(-1)"),
    Action("question.down", "down", "next choice", Group.QUESTION, "move(1)"),
)


class LegacyKey(Enum):
    """Keys that Textual would take for others when a terminal lacks the newer keyboard protocol."""

    ALT_ENTER = "alt+enter"


LEGACY_SEQUENCES = {"\x1b\r": LegacyKey.ALT_ENTER, "\x1b\n": LegacyKey.ALT_ENTER}

_NAMES = {
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "right_curly_bracket": "}",
    "left_curly_bracket": "{",
    "question_mark": "?",
    "slash": "/",
    "at": "@",
    "underscore": "_",
    "escape": "Esc",
    "pageup": "PageUp",
    "pagedown": "PageDown",
}


def learn_legacy_keys() -> None:
    """Teach Textual's parser the sequences of `LEGACY_SEQUENCES`; its table is shared by the whole process."""
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    table = cast(dict[str, tuple[Enum, ...]], ANSI_SEQUENCES_KEYS)
    table.update({sequence: (key,) for sequence, key in LEGACY_SEQUENCES.items()})


def bindings(group: Group) -> list[BindingType]:
    """Return the Textual bindings of a group."""
    return [
        Binding(action.keys, action.call, action.label, show=False, priority=action.is_priority, id=action.action_id)
        for action in ACTIONS
        if action.group is group
    ]


def keys_of(action_id: str) -> tuple[str, ...]:
    """Return the keys of an action, by Textual's names."""
    for action in ACTIONS:
        if action.action_id == action_id:
            return tuple(action.keys.split(","))
    raise KeyError(action_id)


def shown_keys(action: Action) -> str:
    """Return an action's keys as a person reads them: `Ctrl+J, Shift+Enter`."""
    return ", ".join(key_name(key) for key in action.keys.split(","))


def key_name(key: str) -> str:
    """Return one key as a person reads it."""
    parts = [_NAMES.get(part) or (part if len(part) == 1 else part.capitalize()) for part in key.split("+")]
    if len(parts) > 1:
        parts[-1] = parts[-1].upper() if len(parts[-1]) == 1 else parts[-1]
    return "+".join(parts)


def typed_keys(group: Group) -> frozenset[str]:
    """Return the keys of a group; a pane uses it to tell its own keys from text."""
    return frozenset(key for action in ACTIONS if action.group is group for key in action.keys.split(","))
