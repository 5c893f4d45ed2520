"""Which groups of keys count together, and how a person gets to each."""

from __future__ import annotations

from trashclaw.faces.tui.keys.action import Action, Group

MODAL = frozenset(
    {
        Group.LIST,
        Group.HISTORY,
        Group.PAGE,
        Group.PAGER,
        Group.OUTPUT,
        Group.HELP,
        Group.SETTINGS,
        Group.WINDOW,
        Group.CONTEXT,
        Group.PREVIEW,
        Group.REWIND,
        Group.OVERWRITE,
        Group.TRUST,
        Group.FIRST,
        Group.SESSIONS,
        Group.TREE,
        Group.REPLAY,
        Group.CONFIRM,
    }
)
"""Screens over the main one: of what counts anywhere, only what comes before the focused widget counts there."""

INSIDE: dict[Group, frozenset[Group]] = {
    Group.SCREEN: frozenset({Group.REVIEW}),
    Group.CONVERSATION: frozenset({Group.PANE}),
    Group.TOOLS: frozenset({Group.PANE}),
    Group.CONTEXT: frozenset({Group.WINDOW}),
    Group.PREVIEW: frozenset({Group.WINDOW}),
    Group.LINE: frozenset(
        {
            Group.LIST,
            Group.HISTORY,
            Group.HELP,
            Group.OUTPUT,
            Group.SETTINGS,
            Group.SESSIONS,
            Group.REVIEW,
            Group.SCREEN,
            Group.QUESTION,
        }
    ),
}
"""Groups whose keys count while those of others around them count too."""

TYPED_IN = frozenset(
    {Group.PROMPT, Group.LINE, Group.FIELD, Group.LIST, Group.HISTORY, Group.HELP, Group.SETTINGS, Group.SESSIONS}
)
"""Where letters are text, and so can be no keys."""

WAYS: dict[Group, str] = {
    Group.QUEUE: "It counts in the queue above the prompt, while messages wait there.",
    Group.HISTORY: "It counts in the search of earlier prompts.",
    Group.REVIEW: "It counts when changes wait for you.",
    Group.SCREEN: "It counts in the review on the whole screen.",
    Group.QUESTION: "It counts when the model has asked something.",
    Group.LINE: "It counts in lists that are narrowed down by typing, such as /model.",
    Group.FIELD: "It counts while words to look for are typed in a pane.",
    Group.LIST: "It counts in lists, such as /model.",
    Group.PANE: "It counts in a pane.",
    Group.OUTPUT: "It counts on the output of a tool run.",
    Group.PAGER: "It counts in the conversation on the whole screen.",
    Group.PAGE: "It counts on pages, such as /diff.",
    Group.HELP: "It counts in the help.",
    Group.SETTINGS: "It counts on the settings: /settings opens them.",
    Group.WINDOW: "It counts on the page of /context.",
    Group.CONTEXT: "It counts on the page of /context.",
    Group.PREVIEW: "It counts on the page of /compact --preview.",
    Group.REWIND: "It counts on the page of /rewind.",
    Group.OVERWRITE: "It counts when going back would overwrite changes of your own.",
    Group.TRUST: "It counts when the folder's trust is asked about: /trust asks.",
    Group.FIRST: "It counts when no model server was found.",
    Group.SESSIONS: "It counts in the list of sessions: /sessions opens it.",
    Group.TREE: "It counts in the tree of forks: /tree opens it.",
    Group.REPLAY: "It counts in a replay: /replay begins one.",
    Group.CONFIRM: "It counts when something would be lost: a running turn, or a session.",
}
"""What to say of an action whose place is not on the screen."""

WAY_KEYS: dict[Group, tuple[str, str]] = {
    Group.SCREEN: ("review.open", "on changes opens it"),
    Group.PANE: ("pane.next", "goes to the next one"),
    Group.OUTPUT: ("tools.output", "in the tool log opens it"),
    Group.PAGER: ("conversation.pager", "opens it"),
}
"""Which action leads there, and what is said of its key."""


def meet(first: Action, second: Action) -> bool:
    """Tell whether there is a place where the keys of both count, so that they cannot have the same one."""
    one, other = first.group, second.group
    if one is other or other in INSIDE.get(one, ()) or one in INSIDE.get(other, ()):
        return True
    if Group.ANYWHERE not in (one, other):
        return False
    wide, narrow = (first, other) if one is Group.ANYWHERE else (second, one)
    return wide.is_priority or narrow not in MODAL
