"""The key table as a whole: bindings, palette and help are made from it; the rows are in `keys/`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import cast

from rich.cells import cell_len
from textual._context import active_app
from textual.binding import Binding, BindingType

from trashclaw.faces.tui.keys import (
    anywhere,
    conversation,
    dialogs,
    lists,
    overlays,
    panes,
    prompt,
    review,
    sessions,
    settings,
)
from trashclaw.faces.tui.keys.action import Action as Action
from trashclaw.faces.tui.keys.action import Group as Group
from trashclaw.faces.tui.keys.names import NO_KEY
from trashclaw.faces.tui.keys.names import key_name as key_name

ACTIONS: tuple[Action, ...] = (
    *anywhere.ACTIONS,
    *prompt.ACTIONS,
    *conversation.ACTIONS,
    *panes.ACTIONS,
    *review.ACTIONS,
    *dialogs.ACTIONS,
    *lists.ACTIONS,
    *settings.ACTIONS,
    *overlays.ACTIONS,
    *sessions.ACTIONS,
)


class LegacyKey(Enum):
    """Keys that Textual would take for others when a terminal lacks the newer keyboard protocol."""

    ALT_ENTER = "alt+enter"
    ALT_1 = "alt+1"
    ALT_2 = "alt+2"
    ALT_3 = "alt+3"
    ALT_4 = "alt+4"
    ALT_5 = "alt+5"
    ALT_6 = "alt+6"
    ALT_7 = "alt+7"
    ALT_8 = "alt+8"
    ALT_9 = "alt+9"


LEGACY_SEQUENCES = {"\x1b\r": LegacyKey.ALT_ENTER, "\x1b\n": LegacyKey.ALT_ENTER}
LEGACY_SEQUENCES |= {f"\x1b{digit}": LegacyKey(f"alt+{digit}") for digit in range(1, 10)}


class KeyTable:
    """The keys that count in one app: the usual ones, and those that the person has put in their place."""

    def __init__(self, rebound: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """`rebound`: the person's keys by action id, by Textual's names; an empty tuple takes the keys away."""
        self.rebound = dict(rebound or {})
        self._keys = {action.action_id: self.rebound.get(action.action_id, action.usual_keys) for action in ACTIONS}
        self._by_group = {
            group: frozenset(key for action in ACTIONS if action.group is group for key in self._keys[action.action_id])
            for group in Group
        }

    def keys_of(self, action_id: str) -> tuple[str, ...]:
        """Return the keys of an action, by Textual's names."""
        return self._keys[action_id]

    def typed_keys(self, group: Group) -> frozenset[str]:
        """Return the keys of a group."""
        return self._by_group[group]

    def textual_keymap(self) -> dict[str, str]:
        """Return what `App.set_keymap` takes; an action without keys gets one that nothing sends."""
        return {action_id: ",".join(keys) or NO_KEY for action_id, keys in self.rebound.items()}


USUAL = KeyTable()


def learn_legacy_keys() -> None:
    """Teach Textual's parser the sequences of `LEGACY_SEQUENCES`; its table is shared by the whole process."""
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    table = cast(dict[str, tuple[Enum, ...]], ANSI_SEQUENCES_KEYS)
    table.update({sequence: (key,) for sequence, key in LEGACY_SEQUENCES.items()})


def bindings(group: Group) -> list[BindingType]:
    """Return the Textual bindings of a group."""
    return [
        Binding(
            action.keys or NO_KEY,
            action.call,
            action.label,
            show=False,
            priority=action.is_priority,
            id=action.action_id,
        )
        for action in ACTIONS
        if action.group is group
    ]


def keys_in_use() -> KeyTable:
    """Return the keys of the app that runs here; without one, the usual ones."""
    table = getattr(active_app.get(None), "key_table", None)
    return table if isinstance(table, KeyTable) else USUAL


def keys_of(action_id: str) -> tuple[str, ...]:
    """Return the keys that an action has now, by Textual's names."""
    return keys_in_use().keys_of(action_id)


def shown_keys(action: Action) -> str:
    """Return an action's keys as a person reads them: `Ctrl+J, Shift+Enter`."""
    return ", ".join(key_name(key) for key in keys_of(action.action_id))


def first_key(action_id: str) -> str:
    """Return the first key of an action as a person reads it; empty where it has none."""
    keys = keys_of(action_id)
    return key_name(keys[0]) if keys else ""


def hint(action_id: str, words: str) -> str:
    """Return what a key does, for a border: `Esc closes`; empty where the action has no key."""
    key = first_key(action_id)
    return f"{key} {words}" if key else ""


def sentence(action_id: str, words: str) -> str:
    """Return what a key does as a sentence of its own: `Esc stops it.`; empty where the action has no key."""
    said = hint(action_id, words)
    return f"{said}." if said else ""


def hints(*pairs: tuple[str, str]) -> str:
    """Return several hints in a row, for (action id, words)."""
    return "   ".join(said for said in (hint(*pair) for pair in pairs) if said)


def hints_in(width: int, *said: str) -> str:
    """Return hints in a row of so many cells; where there is no room, those before the last go first, none in part."""
    shown = [hint for hint in said if hint]
    while len(shown) > 1 and cell_len("   ".join(shown)) > width:
        del shown[-2]
    return "   ".join(shown)


def typed_keys(group: Group) -> frozenset[str]:
    """Return the keys of a group; a pane uses it to tell its own keys from text."""
    return keys_in_use().typed_keys(group)
