"""An action with its keys: the row of which bindings, palette, help and the pages are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
