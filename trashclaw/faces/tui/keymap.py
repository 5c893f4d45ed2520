"""The key table as a whole: bindings, palette and help are made from it; the rows are in `keys/`."""

from __future__ import annotations

from enum import Enum
from typing import cast

from textual.binding import Binding, BindingType

from trashclaw.faces.tui.keys import anywhere, dialogs, panes, prompt, review
from trashclaw.faces.tui.keys.action import Action as Action
from trashclaw.faces.tui.keys.action import Group as Group

ACTIONS: tuple[Action, ...] = (
    *anywhere.ACTIONS,
    *prompt.ACTIONS,
    *panes.ACTIONS,
    *review.ACTIONS,
    *dialogs.ACTIONS,
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
