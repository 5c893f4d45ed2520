"""An action with its keys: the row of which bindings, palette, help and the pages are made."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Group(StrEnum):
    """Where an action's keys count."""

    ANYWHERE = "Anywhere"
    PROMPT = "Prompt"
    QUEUE = "The queue"
    HISTORY = "The search of earlier prompts"
    CONVERSATION = "Conversation"
    PAGER = "The conversation on the whole screen"
    TOOLS = "Tools"
    OUTPUT = "The output of a tool run"
    PANE = "The panes"
    REVIEW = "Changes that wait for you"
    SCREEN = "The review on the whole screen"
    QUESTION = "A question of the model"
    LINE = "A line to type in"
    FIELD = "Words to look for, typed at the edge of a pane"
    LIST = "A list to choose from"
    PAGE = "A page to read"
    HELP = "The help"
    SETTINGS = "The settings"
    WINDOW = "The pages about the window"
    CONTEXT = "What fills the window"
    PREVIEW = "What a compaction would do"
    REWIND = "Going back"
    OVERWRITE = "Changes of yours in the way"
    TRUST = "The question of trust"
    FIRST = "The first page"
    SESSIONS = "The list of sessions"
    TREE = "The tree of forks"
    REPLAY = "A replay"
    CONFIRM = "A question before something is lost"


class Action(NamedTuple):
    """Something a key does."""

    action_id: str
    """Stable name, also in `keymap.yaml`."""

    keys: str
    """Textual key names, comma separated; empty where there is none unless the person gives one."""

    label: str
    """What it does, as shown in the help and the palette."""

    group: Group
    call: str
    """The Textual action, with its namespace where that is not the bound widget; empty where the pane takes the key
    itself while something is typed in it."""

    is_priority: bool = False
    """Counts before the focused widget sees the key."""

    @property
    def usual_keys(self) -> tuple[str, ...]:
        """The keys that it has unless the person gives it others."""
        return tuple(self.keys.split(",")) if self.keys else ()
